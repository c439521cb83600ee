import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Claim } from "../../lib/model/evidence.ts";
import type { Identity } from "../../lib/signatures/entry-pack.ts";
import { withGrammar } from "../../lib/signatures/grammar.ts";
import {
  readCallResponse,
  readGenerator,
  readGreeting,
  readImapId,
  readPart,
  readPoweredBy,
  readRootDse,
  readSignOff,
  readSshSoftware,
  readSshWords,
  readTokens,
  readVersionText,
} from "../../lib/signatures/grammar-read.ts";
import type { Pack } from "../../lib/signatures/types.ts";

const read = (reader: typeof readTokens) => (text: string) => {
  const found = reader(text);
  return found && [found.product, found.version];
};

describe("a Server field", () => {
  test.each([
    ["Wombat/3.1.4", "Wombat", "3.1.4"],
    ["Wombat/3.1.4 (Debian) OpenSSL/3.0.9", "Wombat", "3.1.4"],
    ["Wombat", "Wombat", null],
    ["Big Wombat Server v2.0b1", "Big Wombat Server", "2.0b1"],
    ["Wombat Phone Version 2.0.51", "Wombat Phone", "2.0.51"],
    ["Wombat-Server-7.2", "Wombat-Server", "7.2"],
    ["Wombat(4.1.2)", "Wombat", null],
    ["Python/3.11 Wombat/2.0", "Wombat", "2.0"],
    ["Linux/5.10, UPnP/1.0, Wombat Media/1.6.6", "Wombat Media", "1.6.6"],
    ["Wombat-Suite-12c/12.1.3", "Wombat-Suite", "12.1.3"],
    ["Wombat-Suite-12.2.1.4.0/2.4.39", "Wombat-Suite", "12.2.1.4.0"],
    ["WombatWeb_v2.0/1.0", "WombatWeb", "2.0"],
    ["wb-httpd/1.0.0", "wb-httpd", "1.0.0"],
    ["mini_httpd/1.30 26Oct2018", "mini_httpd", "1.30"],
    ["Wombat (4.1.2 (x86_64/linux))", "Wombat", "4.1.2"],
    ["WombatWeb-4.1.2.GA", "WombatWeb", "4.1.2.GA"],
  ])("%s", (value, product, version) => {
    expect(read(readTokens)(value)).toEqual([product, version]);
  });

  test.each([
    "Server",
    "httpd",
    "mini_httpd",
    "httpd/2.0",
    "Web Server",
    "VoIP-Phone",
    "Linux/9.0 UPnP/1.0 PROTOTYPE/1.0",
    "embedded web server/1.0",
    "unknown",
    "secure server",
    "www.example.net",
    "10.0.0.1",
    "3f2a9c0b1d4e5f60",
    "CPX",
    "",
    "<script>",
  ])("%j names nothing", (value) => expect(readTokens(value)).toBeNull());
});

describe("other grammars", () => {
  test("an SSH software version is a name and a version in one word, its comment may hold the name", () => {
    expect(read(readSshSoftware)("WombatSSH_2.4p1 Debian-3")).toEqual(["WombatSSH", "2.4p1"]);
    expect(read(readSshSoftware)("WombatSSH-2.4")).toEqual(["WombatSSH", "2.4"]);
    expect(read(readSshSoftware)("5.1 Wombat")).toEqual(["Wombat", "5.1"]);
    expect(readSshSoftware("server_1.0")).toBeNull();
    expect(readSshSoftware("2.0")).toBeNull();
    expect(read(readSshSoftware)("Wombat")).toEqual(["Wombat", null]);
    expect(readSshSoftware("AyL7X")).toBeNull();
    expect(read(readSshWords)("Wombat SSH 5.3.1")).toEqual(["Wombat", "5.3.1"]);
    for (const words of ["SSH Server 2.0", "Big Wombat SSH 2.0", "Wombat SSH 2.0 for Quokkas", "Wombat SSH"])
      expect(readSshWords(words), words).toBeNull();
  });

  test.each([
    ["mx.example.net ESMTP Wombat 4.91 Thu, 29 Apr 2021 05:41:36 +0400", "Wombat", "4.91"],
    ["mx.example.net ESMTP (Wombat Mail 8.5.3) ready", "Wombat", "8.5.3"],
    ["Wombat FTP Server v3.10.0 ready...", "Wombat", "3.10.0"],
    ["mx.example.net Wombat POP3 server version 3.4.6.0 ready", "Wombat", "3.4.6.0"],
    ["mx.example.net ESMTP Wombat", "Wombat", null],
    ["mx.example.net Wombat (v7.02.3037/WM1319.01) ready for transfer", "Wombat", "7.02.3037"],
    ["ftp.example.net WombatFTPd Server (licensed copy) ready.", "WombatFTPd", null],
    ["Welcome to WomBat POP3 Server", "WomBat", null],
    ["mx.example.net ESMTP Wombat; Thu, 30 Nov 2017", "Wombat", null],
  ])("greeting %s", (text, product, version) => {
    expect(read(readGreeting)(text)).toEqual([product, version]);
  });

  test.each([
    "FTP server ready.",
    "mx.example.net ESMTP",
    "mx.example.net ESMTP ready at Thu, 30 Nov 2017 10:00:00",
    "Microsoft FTP service (Version 5.0).",
    "Welcome to our FTP service 10.20.30.40 ready",
    "box.example.net FTP server (Version 5.3) ready.",
    "wombat1 FTP server (Version 5.3) ready.",
    "Wombat ready.",
    "WomBat and QuokKa FTP server ready",
    "WombatStation FTP server ready.",
    "FTP Server (WoMBAT 200 series)",
    "MyServer FTP ready",
    "mx.example.net running on V2R4; Thu",
    "mx.example.net WMS SMTP Receiver Version 0.83 Ready",
    "box.example.net V5.7-ECO4, OpenVMS V8.4 IA64 ready",
  ])("greeting %s names nothing", (text) => expect(readGreeting(text)).toBeNull());

  test("IMAP's ID, implementation lines, X-Powered-By and the generator hold name and version", () => {
    expect(read(readImapId)('("name" "Wombat" "version" "3.6.1" "os" "Linux")')).toEqual(["Wombat", "3.6.1"]);
    expect(read(readVersionText)("Wombat-POP3-8.0.1")).toEqual(["Wombat-POP3", "8.0.1"]);
    expect(readVersionText("Wombat")).toBeNull();
    expect(read(readVersionText)("Wombat Name Server 1.2")).toEqual(["Wombat Name Server", "1.2"]);
    for (const joke of ["Nice try 1.0", "get lost 9.9.9", "keep on digging 1.2"])
      expect(readVersionText(joke), joke).toBeNull();
    expect(readVersionText("Microsoft DNS 6.0.6100 (1771A8F)")).toBeNull();
    expect(read(readPoweredBy)("PHP/8.2.7")).toEqual(["PHP", "8.2.7"]);
    expect(read(readPoweredBy)("PHP/7.0.33-0ubuntu0.16.04.7")).toEqual(["PHP", "7.0.33"]);
    expect(read(readPoweredBy)("ASP.NET")).toEqual(["ASP.NET", null]);
    expect(read(readPoweredBy)("Wombat Press v3.24")).toEqual(["Wombat Press", "3.24"]);
    expect(read(readGenerator)("Wombat Press 6.4.2")).toEqual(["Wombat Press", "6.4.2"]);
    expect(read(readPart)("OpenSSL/3.0.9")).toEqual(["OpenSSL", "3.0.9"]);
    expect(readPart("UPnP/1.0")).toBeNull();
  });

  test.each([
    ["400 Bad Request Bad Request Generated by wombat version 1.11.1.", "wombat", "1.11.1"],
    ["404 Not Found Not Found Wombat 2.1.1 Server at lab.test:20070", "Wombat", "2.1.1"],
    ["404 Not Found File not found. wombat_d/1.30 26Oct2018", "wombat_d", "1.30"],
    ["Error 404 Page not found wombat/0.19 (GNU/Linux)", "wombat", "0.19"],
    ["404 Not Found wombat/2.32-rc4 httpd at vm port 20073", "wombat", "2.32-rc4"],
    ["Unauthorized. quokka 5.33.0", "quokka", "5.33.0"],
  ])("the foot of an error page, %s", (text, ...signed) => {
    expect(read((page) => readSignOff(page, (name) => name === "quokka"))(text)).toEqual(signed);
  });

  test.each([
    "Not found. Please upgrade to release 2.1",
    "wombat/1.2 was not found",
    "Error at address 10.1.2.3",
  ])("the foot of an error page is no signature where it is a sentence: %s", (text) =>
    expect(readSignOff(text, () => null)).toBeNull(),
  );

  test("an LDAP root entry holds vendor and version", () => {
    const entry = (name: string, version: string) =>
      [
        ["vendorName", name],
        ["vendorVersion", version],
      ]
        .map(([key = "", value = ""]) => {
          const text = `\x04${String.fromCharCode(value.length)}${value}`;
          return `0\x40\x04\x10${key}1${String.fromCharCode(text.length)}${text}`;
        })
        .join("");
    expect(read(readRootDse)(entry("Wombat Corp.", "Wombat Directory Server 4.7.0.7"))).toEqual([
      "Wombat Directory Server",
      "4.7.0.7",
    ]);
    expect(read(readRootDse)(entry("Wombat, Inc.", "Wombat-Directory/6.11 B2002.281"))).toEqual([
      "Wombat-Directory",
      "6.11",
    ]);
    expect(read(readRootDse)(entry("Wombat, Inc.", "Wombat(tm)-Directory/6.3"))).toEqual([
      "Wombat-Directory",
      "6.3",
    ]);
    expect(readRootDse(entry("World Order of Mammals (WOM)", "6.3.1"))).toEqual({
      product: "WOM LDAP server",
      version: "6.3.1",
      vendor: "WOM",
    });
    expect(readRootDse(entry("", "6.3.1"))).toBeNull();
    expect(readRootDse("0\x10\x04\x0avendorName1\x05\x04\x03Wom")).toBeNull();
  });

  test("any text is read without a throw, and a name is printable and short", () => {
    const readers = [
      readTokens,
      readSshSoftware,
      readSshWords,
      readGreeting,
      readImapId,
      readVersionText,
      readPoweredBy,
      readRootDse,
      readGenerator,
      readCallResponse,
      readPart,
      readRootDse,
      (text: string) => readSignOff(text, () => null),
    ];
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        for (const reader of readers) {
          const found = reader(text);
          if (found) expect(found.product).toMatch(/^[A-Za-z].{0,79}$/);
        }
      }),
    );
  });
});

test("the vendor of an H.323 call names its program and its version", () => {
  const call = read(readCallResponse);
  expect(call("0x0900003D:Wombat Gatekeeper:3.3.2 (Library v1.19.0)")).toEqual([
    "Wombat Gatekeeper",
    "3.3.2",
  ]);
  expect(call("0xb5001300:Wombat")).toEqual(["Wombat", null]);
  for (const text of ["Wombat:3.3", "0x0900003D", "0x0900003D:gateway:1.0"]) expect(call(text)).toBeNull();
});

describe("the pack with grammar", () => {
  const signatures = (claims: Record<string, Claim>): Pack => ({
    name: "builtin",
    digest: "sha256:0",
    evaluate: ({ facts }) =>
      facts.flatMap(({ name, family }) => {
        const claim = claims[name];
        return claim
          ? [{ source: name, family, claim, weight: 6, excerpt: "", signature: `builtin:${name}` }]
          : [];
      }),
  });
  const claims = (known: Record<string, Claim>, facts: Record<string, string>) =>
    withGrammar(signatures(known))
      .evaluate({
        responses: [],
        facts: Object.entries(facts).map(([name, value]) => ({ name, value, family: name })),
      })
      .map(({ claim, signature }) => [signature, claim.product ?? claim.technology?.name ?? claim.device]);

  test("a fact that no signature knows names the product, with less weight than a signature", () => {
    expect(claims({}, { "http.server": "Wombat/1.0" })).toEqual([["builtin:grammar/http.server", "Wombat"]]);
    const [piece] = withGrammar(signatures({})).evaluate({
      responses: [],
      facts: [{ name: "http.server", value: "Wombat/1.0", family: "http.headers" }],
    });
    expect(piece).toMatchObject({ family: "http.headers", claim: { service: "http", version: "1.0" } });
    expect(piece?.weight).toBeLessThan(6);
  });

  test("who signs his pages as he signs his fields has said nothing more", () => {
    const page = "404 Not Found Wombat/1.0 at 127.0.0.1:80";
    const [signed] = claims({}, { "http.errorPage": page });
    expect(signed).toEqual(["builtin:grammar/http.errorPage", "Wombat"]);
    const field = ["builtin:grammar/http.server", "Wombat"];
    expect(claims({}, { "http.server": "Wombat/1.0", "http.errorPage": page })).toEqual([field]);
    const lie = ["builtin:grammar/http.server", "Quokka"];
    expect(claims({}, { "http.server": "Quokka/2.0", "http.errorPage": page })).toEqual([lie, signed]);
  });

  test.each([
    ["sip.userAgent", "WOMBAT-DX410/1.2.3", "WOMBAT-DX410"],
    ["sip.server", "Wombat/528 (X7)", "Wombat 528"],
    ["ftp.banner", "Wombat W921V FTP Server v1.39.000 ready", "Wombat W921V"],
  ])("a model number in %s makes the name a device's", (fact, value, device) => {
    const [piece] = withGrammar(signatures({})).evaluate({
      responses: [],
      facts: [{ name: fact, value, family: fact }],
    });
    expect(piece?.claim).toEqual({ service: fact.slice(0, 3), device });
  });

  describe("with a registry", () => {
    const identity = (product: string, vendor: string): Identity => ({
      key: product,
      product,
      vendor,
      cpe: null,
    });
    const known = new Map([
      ["Quokka Vault", identity("Quokka Vault", "Quokka")],
      ["Quokka", identity("Quokka Web Server", "Quokka")],
    ]);
    const makers = ["Quokka", "Wombat"];
    const said = (fact: string, value: string) =>
      withGrammar(signatures({}), {
        byName: (name) => known.get(name) ?? null,
        cpe23: () => null,
        makerOf: (name) => (makers.includes(name) ? name : null),
      })
        .evaluate({ responses: [], facts: [{ name: fact, value, family: fact }] })
        .map(({ claim: { vendor, product, version } }) => [vendor, product, version]);

    test("a product that was sold is known under its former maker's name, but not by words that anybody uses", () => {
      expect(said("http.server", "Wombat-Quokka-Vault/7.1")).toEqual([["Quokka", "Quokka Vault", "7.1"]]);
      expect(said("http.server", "Wombat Web Server/7.1")).toEqual([["Wombat", "Wombat Web Server", "7.1"]]);
    });

    test("a name that nobody listed still tells its maker", () => {
      expect(said("http.server", "Quokka-Burrow/2.0")).toEqual([["Quokka", "Quokka-Burrow", "2.0"]]);
      expect(said("http.server", "Burrow/2.0")).toEqual([[undefined, "Burrow", "2.0"]]);
    });

    test("a maker's web server is named by the maker's name where the web is spoken, and nowhere else", () => {
      expect(said("http.server", "Quokka")).toEqual([["Quokka", "Quokka Web Server", undefined]]);
      expect(said("ftp.banner", "Welcome to Quokka FTP")).toEqual([]);
    });
  });

  test("initials name a program only where they are a daemon's with its version, and modules name none", () => {
    expect(claims({}, { "http.server": "wb-httpd/1.0" })).toHaveLength(1);
    for (const value of ["wb-httpd", "WBX/1.0", "mod_wombat"])
      expect(claims({}, { "http.server": value }), value).toEqual([]);
  });

  test("a program's own number is part of its name", () => {
    expect(claims({}, { "ftp.banner": "Wombat32 FTP Server v1.39 ready" })).toEqual([
      ["builtin:grammar/ftp.banner", "Wombat32"],
    ]);
    expect(claims({}, { "http.server": "Wombat410/1.0" })).toEqual([
      ["builtin:grammar/http.server", "Wombat410"],
    ]);
  });

  test("a signature for the same fact silences it, be it a product or a device", () => {
    expect(claims({ "http.server": { product: "W" } }, { "http.server": "Wombat/1.0" })).toHaveLength(1);
    expect(claims({ "ssh.banner": { device: "D" } }, { "ssh.banner": "Wombat_1.0" })).toHaveLength(1);
  });

  test("what a page runs on is the product only when nothing else is", () => {
    expect(claims({}, { "http.poweredBy": "PHP/8.2" })).toEqual([["builtin:grammar/http.poweredBy", "PHP"]]);
    expect(
      claims({ "http.server": { product: "W" } }, { "http.server": "w", "http.poweredBy": "PHP/8.2" }),
    ).toHaveLength(1);
    const laravel = { "http.cookie": { technology: { name: "Laravel", version: null } } };
    expect(claims(laravel, { "http.cookie": "x" }).map(([, name]) => name)).toEqual(["Laravel", "Laravel"]);
    const java = { "http.cookie": { technology: { name: "Java", version: null } } };
    expect(claims(java, { "http.cookie": "x" })).toHaveLength(1);
  });

  test("parts of a server are technologies", () => {
    expect(claims({}, { "http.server.module": "PHP/8.2.7", "http.generator": "WordPress 6.4" })).toEqual([
      ["builtin:grammar/http.server.module", "PHP"],
      ["builtin:grammar/http.generator", "WordPress"],
    ]);
  });
});
