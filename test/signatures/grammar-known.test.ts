import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpe23, productByName } from "../../lib/registry/products.ts";
import type { Identity } from "../../lib/signatures/entry-pack.ts";
import { withGrammar } from "../../lib/signatures/grammar.ts";
import {
  readContext,
  readCookie,
  readField,
  readGreetingName,
  readRealm,
  readSubject,
  readTitle,
} from "../../lib/signatures/grammar-known.ts";

const WOMBAT: Identity = {
  key: "wombat-mail",
  product: "Wombat Mail",
  vendor: "Marsupial",
  cpe: "a:marsupial:wombat",
};
const byName = (name: string) =>
  ["wombatmail", "wombat"].includes(name.toLowerCase().replace(/[^a-z0-9]/g, "")) ? WOMBAT : null;
const read = (reader: typeof readTitle) => (text: string) => {
  const found = reader(text, byName);
  return found && [found.identity.key, found.version];
};

describe("a known name that stands alone in a title", () => {
  test.each([
    ["Wombat Mail", null],
    ["Login - Wombat Mail", null],
    ["Wombat&nbsp;Mail | Sign in", null],
    ["Welcome to Wombat Mail!", null],
    ["Sign in to Wombat Mail", null],
    ["Wombat(TM) Mail Console", null],
    [Buffer.from("Wombat® Mail").toString("latin1"), null],
    ["Inbox :: Wombat Mail 2.4.1", "2.4.1"],
    ["Wombat Mail version 3.0.2b1 (build 7)", "3.0.2b1"],
    ["Wombat Mail Web Console", null],
    ["Wombat Mail 11", "11"],
    ["Wombat Mail at mail.example.org:8080", null],
    ["Wombat Mail (intern)", null],
    ["Dashboard [Wombat Mail]", null],
    ["Anmeldung - Wombat Mail", null],
    ["Wombat Mail Start Page", null],
    ["Wombat Mail Web Control", null],
    ["Wombat Mail Configuration and Management", null],
    ["Wombat Mail Installation Wizard", null],
    ["Wombat Mail Powered Site", null],
    ["WebHome < Main < Wombat Mail", null],
    ["Log In &lsaquo; Burrow &#8212; Wombat Mail", null],
    ["Marsupial Wombat Mail Edge", null],
    [Buffer.from("Iniciar sesión en Wombat Mail").toString("latin1"), null],
    [Buffer.from("Přihlášení - Wombat Mail").toString("latin1"), null],
    ["Bem-vindo ao Wombat Mail", null],
  ])("%s", (title, version) => expect(read(readTitle)(title)).toEqual(["wombat-mail", version]));

  test.each([
    "I like wombats",
    "Wombat Mail compared with others",
    "How to install Wombat Mail on Debian",
    "",
    "404 Not Found",
  ])("%j names nothing", (title) => expect(readTitle(title, byName)).toBeNull());

  test("two names are no name, and words of everyday are none either", () => {
    expect(readTitle("Grafana | Kibana", productByName)).toBeNull();
    expect(readTitle("Wombat Mail 2019", byName)).toBeNull();
    for (const title of ["Vault", "Cloud", "Apache", "Central - Login", "Access"])
      expect(readTitle(title, productByName), title).toBeNull();
  });
});

test("a short name is one where it is spelled as its product, since small letters would make it a word", () => {
  expect(readTitle("VyOS - Login", productByName)?.identity.product).toBe("VyOS");
  for (const title of ["vyos", "Vyos - Login"]) expect(readTitle(title, productByName), title).toBeNull();
});

describe("the subject of a certificate", () => {
  test.each(["CN=Wombat Mail", "CN=box7,OU=Wombat Mail,O=Marsupial,C=AU", "CN=Wombat,O=Burrow"])(
    "%s names the program that made it",
    (subject) => expect(readSubject(subject, byName)?.identity.key).toBe("wombat-mail"),
  );

  test.each(["CN=wombat", "CN=WOMBAT", "CN=www.example.org,OU=Wombat Mail", "O=Wombat Mail", "CN=box7"])(
    "%s is of a host, a site or a company",
    (subject) => expect(readSubject(subject, byName)).toBeNull(),
  );
});

test("the maker's name beside a product is no second product", () => {
  const marsupial: Identity = { key: "marsupial", product: "Marsupial", vendor: "Marsupial", cpe: null };
  const both = (name: string) => (name === "Marsupial" ? marsupial : byName(name));
  expect(readTitle("Marsupial - Wombat Mail", both)?.identity.key).toBe("wombat-mail");
});

test("the path of a servlet container's session is the name of its application", () => {
  expect(read(readContext)("wombat-mail")).toEqual(["wombat-mail", null]);
  expect(readContext("portal", byName)).toBeNull();
});

test("a title that as a whole is a product's name is that product's, whatever else its parts name", () => {
  const burrow: Identity = { key: "burrow", product: "Burrow Systems", vendor: "Burrow", cpe: null };
  const both = (name: string) =>
    name === "Burrow Systems" ? burrow : name === "Wombat - Burrow Systems" ? WOMBAT : byName(name);
  expect(readTitle("Wombat - Burrow Systems", both)?.identity.key).toBe("wombat-mail");
});

test("a realm, a cookie and a field of one's own are read for known names only", () => {
  expect(read(readRealm)('Basic realm="Wombat Mail Admin"')).toEqual(["wombat-mail", null]);
  expect(read(readRealm)('Digest qop="auth", realm="Wombat Mail"')).toEqual(["wombat-mail", null]);
  expect(read(readRealm)('Negotiate, Basic realm="Wombat Mail"')).toEqual(["wombat-mail", null]);
  expect(readRealm('Basic realm="Restricted"', byName)).toBeNull();
  expect(read(readCookie)("wombat_session=abc")).toEqual(["wombat-mail", null]);
  expect(read(readCookie)("__Host-WombatMailSID=abc; Path=/")).toEqual(["wombat-mail", null]);
  expect(read(readCookie)("csrf-token-wombat_mail=abc")).toEqual(["wombat-mail", null]);
  expect(read(readCookie)("wombat_mail.pouch=abc")).toEqual(["wombat-mail", null]);
  for (const cookie of ["session=abc", "wombats_pouch=abc", "pouch_wombat_size=abc"])
    expect(readCookie(cookie, byName), cookie).toBeNull();
  expect(read(readField)("x-wombat-mail-version: 7.1.0")).toEqual(["wombat-mail", "7.1.0"]);
  expect(read(readField)("x-wombat-request-id: 17")).toEqual(["wombat-mail", null]);
  expect(readField("x-request-id: 17", byName)).toBeNull();
});

describe("a known name anywhere in a greeting", () => {
  test.each([
    ["mx.example.net Wombat Mail ESMTP server ready", null],
    ["Welcome to Wombat Mail POP3 server version 2.4.1 <1.2@mx.example.net>", "2.4.1"],
    ["mx.example.net -- Wombat/7.1b2 -- ready", "7.1b2"],
    ["Wombat Mail mx.example.net (Version 3)", "3"],
  ])("%s", (text, version) => expect(read(readGreetingName)(text)).toEqual(["wombat-mail", version]));

  test.each([
    "wombat FTP server ready",
    "wombat.example.net ESMTP",
    "<1.2@wombat>",
    "mx.example.net 2.0 ESMTP",
  ])("%s names nothing", (text) => expect(readGreetingName(text, byName)).toBeNull());

  test("of two names the one with a version counts, and without versions none", () => {
    expect(readGreetingName("Postfix after Sendmail 8.11.2 ready", productByName)).toMatchObject({
      product: "Sendmail",
      version: "8.11.2",
    });
    expect(readGreetingName("mx Postfix after Sendmail ready", productByName)).toBeNull();
  });
});

test("no text upsets the readers, and what they read is no longer than it", () => {
  const readers = [readTitle, readRealm, readCookie, readField, readGreetingName];
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      for (const reader of readers)
        expect(reader(text, () => WOMBAT)?.product.length ?? 0).toBeLessThanOrEqual(text.length * 2);
    }),
  );
});

test("a signature that knows only the name is given the version that stands beside it in a greeting", () => {
  const named = (product: string, name: string, value: string) =>
    withGrammar(
      {
        name: "some",
        digest: "sha256:0",
        evaluate: () => [
          {
            source: name,
            family: "banner",
            claim: { product },
            weight: 6,
            excerpt: "",
            signature: "some:one",
          },
        ],
      },
      { byName, cpe23 },
    )
      .evaluate({ responses: [], facts: [{ name, value, family: "banner" }] })
      .map(({ claim }) => claim.version);
  expect(named("Wombat Mail", "smtp.banner", "mx.example.net Wombat 4.91 ready")).toEqual(["4.91"]);
  expect(named("Big Quokka", "pop3.banner", "mx.example.net Quokka POP3 v4.91 ready")).toEqual(["4.91"]);
  expect(named("Numbat", "smtp.banner", "mx.example.net 4.91 for 5.02 by Numbat")).toEqual([undefined]);
  expect(named("Numbat", "smtp.banner", "mx.example.net (Windows NT 4.0) Numbat")).toEqual([undefined]);
  expect(named("Numbat", "pop3.banner", "release 1.8, exactly 1.8.8.2, by Numbat <1.2@10.1.2.3>")).toEqual([
    "1.8.8.2",
  ]);
  expect(named("Wombat", "http.server", "Wombat/4.91")).toEqual(["4.91"]);
  expect(named("Wombat Mail", "http.server", "Wombat/4.91")).toEqual([undefined]);
});

test("the console of a host is no product, whatever the host is called", () => {
  const products = (name: string, value: string) =>
    withGrammar({ name: "none", digest: "sha256:0", evaluate: () => [] }, { byName, cpe23 })
      .evaluate({ responses: [], facts: [{ name, value, family: "banner" }] })
      .map(({ claim }) => claim.product);
  expect(products("telnet.banner", "Welcome to WombatMail")).toEqual(["Wombat Mail"]);
  expect(products("telnet.banner", "Some Linux 4.0\r\nWombatMail login: ")).toEqual([]);
  expect(products("dns.version.bind", "Wombat Mail")).toEqual(["Wombat Mail"]);
  expect(products("dns.version.bind", "none of your business")).toEqual([]);
});

describe("grammar claims of known names", () => {
  const claims = (value: string) =>
    withGrammar({ name: "none", digest: "sha256:0", evaluate: () => [] }, { byName, cpe23 })
      .evaluate({ responses: [], facts: [{ name: "http.server", value, family: "http.headers" }] })
      .map(({ claim, weight }) => ({ ...claim, weight }));

  test("carry the identity, and weigh more than a name that nobody has heard of", () => {
    const [known] = claims("WombatMail-Server/2.0");
    expect(known).toMatchObject({
      product: "Wombat Mail",
      vendor: "Marsupial",
      version: "2.0",
      cpe: ["cpe:2.3:a:marsupial:wombat:2.0:*:*:*:*:*:*:*"],
    });
    const [unknown] = claims("Quokka/2.0");
    expect(unknown).toMatchObject({ product: "Quokka", version: "2.0" });
    expect(known?.weight).toBeGreaterThan(unknown?.weight ?? 0);
  });

  test("initials that nobody knows are no name, nor is what stands behind a semicolon", () => {
    for (const value of ["qvsrvd/1.2", "QVX/3", "XQ_C", "Acme HTTP Server; Zed Printer 6500"])
      expect(claims(value).map(({ product }) => product)).not.toContainEqual(
        expect.stringMatching(/qv|XQ|Zed/i),
      );
    expect(claims("Marsupial HTTP Server Powered by Wombat/1.3 (Unix)")).toMatchObject([
      { product: "Wombat Mail", version: "1.3" },
    ]);
  });
});
