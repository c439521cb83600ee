import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { SMTPServer } from "smtp-server";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Detection } from "../../lib/detect/detection.ts";
import type { Knowledge } from "../../lib/detect/interpret.ts";
import { recipeOf } from "../../lib/detect/recipe.ts";
import { isTunnelled, latin1, loadTls } from "../../lib/model/observation.ts";
import { ber } from "../../lib/protocols/ber.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { observe, sightingOf } from "../../lib/scan/sighting.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { certified, ignore, type KeyPair, listening, tcpServer } from "../net/servers.ts";
import { detectAt, endpointOf } from "./detecting.ts";

let knowledge: Knowledge;
let keys: KeyPair;
beforeAll(() => {
  knowledge = { protocols, packs: [builtinPack()] };
  keys = certified("mail.doorplate.test");
  return () => keys.remove();
});

const TIMEOUT_MS = 2_000;
const detect = (port: number, timeoutMs = TIMEOUT_MS) =>
  detectAt(port, { knowledge, timeoutMs, connections: 32, confidenceThreshold: 0.999 });

const values = ({ facts }: Detection, name: string) =>
  facts.filter((fact) => fact.name === name).map(({ value }) => value);
const inside = ({ responses }: Detection) =>
  responses.filter(({ tls }) => tls).map(({ probe, data }) => [probe, latin1(data)] as const);

/** What a server says to a line (or message), in the clear and inside of TLS. */
interface Script {
  greeting?: string;
  /** The request for TLS, and the go-ahead. */
  upgrade: [request: RegExp, goAhead: string];
  /** What the server says unasked once TLS is up. */
  greetingInside?: string;
  answer: (request: string, secure: boolean) => string | null;
}

/** Plays the script; `heard` tells each request and whether it came inside of TLS. */
async function scripted(
  script: Script,
  secure: (socket: Socket) => Socket | null = (socket) =>
    new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext({ key: keys.key, cert: keys.cert }),
    }),
): Promise<{ port: number; heard: [request: string, secure: boolean][] }> {
  const heard: [string, boolean][] = [];
  const port = await tcpServer((socket) => {
    const listen = (on: Socket, isSecure: boolean) => {
      on.on("error", ignore);
      on.on("data", (chunk) => {
        for (const request of chunk.toString("latin1").split(/(?<=\r\n)/)) {
          heard.push([request.trim(), isSecure]);
          if (!isSecure && script.upgrade[0].test(request)) {
            on.removeAllListeners("data");
            on.write(Buffer.from(script.upgrade[1], "latin1"));
            const tunnel = secure(socket);
            if (!tunnel) return;
            listen(tunnel, true);
            if (script.greetingInside) tunnel.write(script.greetingInside);
            return;
          }
          const said = script.answer(request, isSecure);
          if (said === null) on.end();
          else on.write(Buffer.from(said, "latin1"));
        }
      });
    };
    if (script.greeting) socket.write(script.greeting);
    listen(socket, false);
  });
  return { port, heard };
}

const SMTP: Script = {
  greeting: "220 mail.doorplate.test ESMTP Postfix\r\n",
  upgrade: [/^STARTTLS/, "220 2.0.0 Ready to start TLS\r\n"],
  answer: (line, secure) =>
    line.startsWith("EHLO")
      ? `250-mail.doorplate.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n${secure ? "250-AUTH PLAIN LOGIN\r\n" : "250-STARTTLS\r\n"}250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n`
      : line.startsWith("QUIT")
        ? "221 2.0.0 Bye\r\n"
        : "502 5.5.2 Error: command not recognized\r\n",
};
const IMAP: Script = {
  greeting: "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n",
  upgrade: [/^\w+ STARTTLS/, "a4 OK Begin TLS negotiation now.\r\n"],
  answer: (line, secure) => {
    const [tag, verb] = line.trim().split(" ");
    if (verb === "CAPABILITY")
      return `* CAPABILITY IMAP4rev1 ${secure ? "ID AUTH=PLAIN" : "STARTTLS LOGINDISABLED"}\r\n${tag} OK done\r\n`;
    if (verb === "ID") return `* ID ("name" "Dovecot")\r\n${tag} OK done\r\n`;
    return `* BYE Logging out\r\n${tag} OK done\r\n`;
  },
};
const POP3: Script = {
  greeting: "+OK Dovecot ready. <1.2.3@mail.doorplate.test>\r\n",
  upgrade: [/^STLS/, "+OK Begin TLS negotiation now.\r\n"],
  answer: (line, secure) =>
    line.startsWith("CAPA")
      ? `+OK\r\nUIDL\r\n${secure ? "SASL PLAIN" : "STLS"}\r\n.\r\n`
      : "+OK Logging out\r\n",
};
const NNTP: Script = {
  greeting: "200 news.doorplate.test InterNetNews NNRP server INN 2.7.0 ready (posting ok)\r\n",
  upgrade: [/^STARTTLS/, "382 Begin TLS negotiation now\r\n"],
  answer: (line, secure) =>
    line.startsWith("CAPABILITIES")
      ? `101 Capability list:\r\nVERSION 2\r\n${secure ? "AUTHINFO USER" : "STARTTLS"}\r\n.\r\n`
      : "205 Bye!\r\n",
};
const FTP: Script = {
  greeting: "220 ProFTPD Server (lab) [127.0.0.1]\r\n",
  upgrade: [/^AUTH TLS/, "234 AUTH TLS successful\r\n"],
  answer: (line, secure) =>
    line.startsWith("FEAT")
      ? `211-Features:\r\n AUTH TLS\r\n SIZE\r\n${secure ? " PROT\r\n" : ""}211 End\r\n`
      : line.startsWith("SYST")
        ? "215 UNIX Type: L8\r\n"
        : "221 Goodbye.\r\n",
};
const sieve = (more: string) =>
  `"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n"SIEVE" "fileinto reject"\r\n${more}"VERSION" "1.0"\r\nOK "ready."\r\n`;
const SIEVE: Script = {
  greeting: sieve('"SASL" ""\r\n"STARTTLS"\r\n'),
  upgrade: [/^STARTTLS/, 'OK "Begin TLS negotiation now."\r\n'],
  greetingInside: sieve('"SASL" "PLAIN LOGIN"\r\n'),
  answer: () => 'OK "Logout completed."\r\n',
};

const text = (...parts: Uint8Array[]) => Buffer.concat(parts).toString("latin1");
const ldapMessage = (id: number, ...operation: Uint8Array[]) => ber(0x30, ber(0x02, id), ...operation);
const result = (tag: number) => ber(tag, ber(0x0a, 0), ber(0x04), ber(0x04));
const attribute = (type: string, value: string) => ber(0x30, ber(0x04, type), ber(0x31, ber(0x04, value)));
const LDAP: Script = {
  upgrade: [/1\.3\.6\.1\.4\.1\.1466\.20037/, text(ldapMessage(3, result(0x78)))],
  answer: (request, secure) =>
    request.includes("objectClass")
      ? text(
          ldapMessage(
            1,
            ber(
              0x64,
              ber(0x04),
              ber(
                0x30,
                attribute("supportedExtension", "1.3.6.1.4.1.1466.20037"),
                attribute("supportedSASLMechanisms", secure ? "EXTERNAL" : "DIGEST-MD5"),
              ),
            ),
          ),
          ldapMessage(1, result(0x65)),
        )
      : null,
};
const stream = (features: string) =>
  `<?xml version='1.0'?><stream:stream id='7' from='doorplate.test' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:features>${features}</stream:features>`;
const XMPP: Script = {
  upgrade: [/<starttls /, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
  // To whatever else it is told it opens its stream as well.
  answer: (request, secure) =>
    request.includes("</stream:stream>")
      ? "</stream:stream>"
      : stream(
          secure
            ? "<mechanisms><mechanism>PLAIN</mechanism></mechanisms>"
            : "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>",
        ),
};

describe("a server that offers TLS on the connection at hand", () => {
  test.each<[string, Script, string, RegExp, RegExp]>([
    ["smtp", SMTP, "smtp.ehlo", /AUTH PLAIN LOGIN/, /^QUIT$/],
    ["imap", IMAP, "imap.capability", /AUTH=PLAIN/, /^a3 LOGOUT$/],
    ["pop3", POP3, "pop3.capa", /SASL PLAIN/, /^QUIT$/],
    ["nntp", NNTP, "nntp.capabilities", /AUTHINFO USER/, /^QUIT$/],
    ["ftp", FTP, "ftp.feat", /PROT/, /^QUIT$/],
    ["sieve", SIEVE, "NULL", /PLAIN LOGIN/, /^LOGOUT$/],
    ["ldap", LDAP, "ldap.rootDse", /EXTERNAL/, /^0\x05/],
    ["xmpp", XMPP, "xmpp.stream-tls", /PLAIN/, /^<\/stream:stream>$/],
  ])(
    "shows its certificate and what it says inside, in %s",
    async (service, script, probe, says, goodbye) => {
      const { port, heard } = await scripted(script);
      const detection = await detect(port);
      expect(detection.verdict.service).toBe(service);
      expect(values(detection, "tls.subject").join()).toContain("mail.doorplate.test");
      expect(values(detection, "tls.version")).toEqual(["TLSv1.3"]);
      expect(inside(detection)).toContainEqual([probe, expect.stringMatching(says)]);
      expect(detection.evidence.some(({ source }) => source === probe)).toBe(true);
      await expect.poll(() => heard.at(-1)).toEqual([expect.stringMatching(goodbye), true]);
      const upgrades = heard.filter(([request, secure]) => !secure && script.upgrade[0].test(request));
      expect(upgrades).toHaveLength(1);
      // No connection was opened for it, and the port is none that speaks TLS from the first byte on.
      const used = new Set(detection.responses.filter(({ tls }) => tls).map(({ connection }) => connection));
      expect(used.size).toBe(1);
      expect(isTunnelled(detection.tls)).toBe(false);
    },
  );

  test("is read inside as it was in the clear: what is the same is no second fact, what differs is one", async () => {
    const detection = await detect((await scripted(SMTP)).port);
    expect(values(detection, "smtp.banner")).toEqual(["mail.doorplate.test ESMTP Postfix"]);
    expect(values(detection, "smtp.ehlo.greeting")).toEqual(["mail.doorplate.test"]);
    expect(values(detection, "smtp.starttls")).toEqual(["220 2.0.0 Ready to start TLS"]);
    expect(values(detection, "smtp.ehlo")).toEqual([
      "PIPELINING,SIZE 10240000,STARTTLS,ENHANCEDSTATUSCODES,8BITMIME",
      "PIPELINING,SIZE 10240000,AUTH PLAIN LOGIN,ENHANCEDSTATUSCODES,8BITMIME",
    ]);
    expect(detection.connections).toBe(1);
  });

  test("is asked what it is only once TLS is up, where it says so only there", async () => {
    expect(values(await detect((await scripted(IMAP)).port), "imap.id")).toEqual(['("name" "Dovecot")']);
  });

  test("is stored, sighted and recognised again as a door in the clear", async () => {
    const { port } = await scripted(SMTP);
    const detection = await detect(port);
    const observation = observe(
      endpointOf(port),
      { reason: "syn-ack", detection, rttMs: 1 },
      { plan: { scanId: "s" }, packs: "", wallClock: () => new Date(0) },
      1,
    );
    expect(sightingOf(0, observation).tls).toBe(false);
    expect(loadTls(observation.tls)).toMatchObject({ upgraded: true, protocol: "TLSv1.3" });
    expect(recipeOf(knowledge, endpointOf(port), detection)).toMatchObject({ probe: "NULL", tls: false });
  });
});

describe("when nothing comes of it", () => {
  const refused: Script = {
    ...SMTP,
    upgrade: [/^never$/, ""],
    answer: (line, secure) =>
      line.startsWith("STARTTLS") ? "454 4.7.0 TLS not available\r\n" : SMTP.answer(line, secure),
  };

  test("a refusal leaves the conversation as it was", async () => {
    const { port, heard } = await scripted(refused);
    const detection = await detect(port);
    expect(heard.map(([line]) => line.split(" ")[0])).toEqual(["EHLO", "STARTTLS", "QUIT"]);
    expect(values(detection, "smtp.quit")).toEqual(["221 2.0.0 Bye"]);
    expect([detection.tls, detection.connections]).toEqual([null, 1]);
  });

  test("who does not offer it is not asked", async () => {
    const plain: Script = {
      ...SMTP,
      answer: (line, secure) => SMTP.answer(line, secure)?.replace("250-STARTTLS\r\n", "") ?? null,
    };
    const { port, heard } = await scripted(plain);
    expect((await detect(port)).tls).toBeNull();
    expect(heard.map(([line]) => line.split(" ")[0])).toEqual(["EHLO", "QUIT"]);
  });

  test.each<[string, (socket: Socket) => unknown]>([
    ["hangs up on the hello", (socket) => socket.once("data", () => socket.destroy())],
    ["answers it with nonsense", (socket) => socket.once("data", () => socket.end("no\r\n"))],
    ["never answers it", (socket) => socket.resume()],
  ])("a server that %s loses nothing of what it said, nor its goodbye", async (_, fail) => {
    const { port } = await scripted(SMTP, (socket) => {
      fail(socket);
      return null;
    });
    const detection = await detect(port, 500);
    expect(detection.verdict).toMatchObject({ service: "smtp", product: "Postfix" });
    expect(values(detection, "smtp.ehlo")).toHaveLength(1);
    expect(values(detection, "smtp.quit")).toEqual(["221 2.0.0 Bye"]);
    expect(detection.tls).toBeNull();
  });

  test("what was slipped in behind the go-ahead, in the clear, is in no answer", async () => {
    const injected = "250-evil.test\r\n250-X-EXPS GSSAPI\r\n250 XEXCH50\r\n";
    const { port } = await scripted({ ...SMTP, upgrade: [/^STARTTLS/, `220 go ahead\r\n${injected}`] });
    const detection = await detect(port);
    expect(inside(detection)[0]).toEqual(["smtp.ehlo", expect.stringMatching(/^250-mail\.doorplate\.test/)]);
    expect(detection.responses.map(({ data }) => latin1(data)).join("")).not.toContain("evil");
    expect(values(detection, "smtp.ehlo").join()).not.toContain("XEXCH50");
  });
});

test("npm's smtp-server, a real one, is upgraded and left politely, without a mail", async () => {
  const mails: unknown[] = [];
  const server = new SMTPServer({
    key: keys.key,
    cert: keys.cert,
    logger: false,
    onMailFrom: (address, _, done) => {
      mails.push(address);
      done();
    },
  });
  server.on("error", ignore);
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const detection = await detect(await listening(server.server));
  expect(values(detection, "tls.subject").join()).toContain("mail.doorplate.test");
  expect(inside(detection).map(([probe]) => probe)).toEqual(["smtp.ehlo", "smtp.quit"]);
  expect(detection.connections).toBe(1);
  expect(mails).toEqual([]);
});
