import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { certificateFacts, fromPrinted, oneLine } from "../../lib/protocols/certificate.ts";
import { tls } from "../../lib/protocols/tls.ts";
import { parseServerHello } from "../../lib/protocols/tls-hello.ts";
import { certified } from "../net/servers.ts";
import { context, converse, factMap, listening, response } from "./text-peer.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(tls);

test.each([
  ["TLSv1.3", 0x0304],
  ["TLSv1.2", 0x0303],
] as const)(
  "a real %s server answers our hello with a ServerHello of that version",
  async (version, code) => {
    const { key, cert, remove } = certified("lab.example.test");
    onTestFinished(remove);
    const server = createServer({ key, cert, minVersion: version, maxVersion: version });
    server.on("tlsClientError", () => undefined);
    const port = await listening(server);
    const [answer] = await converse(tls, port);
    server.close();
    if (!answer) throw new Error("no answer");
    expect(tls.recognise(answer)).toMatchObject({ service: "ssl", tunnel: true, weight: 9 });
    expect(parseServerHello(answer.data)?.version).toBe(code);
    expect(factMap(tls, [answer])["tls.hello"]).toMatch(/^[0-9a-f]{16}$/);
  },
);

test("the same server gives the same hello hash twice, another version a different one", async () => {
  const { key, cert, remove } = certified("lab.example.test");
  onTestFinished(remove);
  const hashes: unknown[] = [];
  for (const version of ["TLSv1.3", "TLSv1.3", "TLSv1.2"] as const) {
    const server = createServer({ key, cert, minVersion: version, maxVersion: version });
    server.on("tlsClientError", () => undefined);
    hashes.push(factMap(tls, await converse(tls, await listening(server)))["tls.hello"]);
    server.close();
  }
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[0]).not.toBe(hashes[2]);
});

test("a TLS server that rejects what it is sent shows itself by its alert", async () => {
  const { key, cert, remove } = certified("lab.example.test");
  onTestFinished(remove);
  const server = createServer({ key, cert });
  server.on("tlsClientError", () => undefined);
  const port = await listening(server);
  const malformed = {
    ...tls,
    openers: () => [
      {
        probe: "http.get",
        data: Buffer.from("160301000501000001ff", "hex"),
        complete: (bytes: Uint8Array) => bytes.length >= 7,
      },
    ],
  };
  const [answer] = await converse(malformed, port);
  server.close();
  expect(answer && tls.recognise(answer)).toMatchObject({ service: "ssl", tunnel: true });
});

test("bytes from inside a tunnel are not TLS again", () => {
  expect(tls.recognise({ ...response("http.get", "\x15\x03\x01\0\x02\x02\x46"), tls: true })).toBeNull();
});

test("a name is sent as SNI, an address is not", () => {
  const hello = (hostname: string | null) =>
    Buffer.from(tls.openers(context(443, { hostname }))[0]?.data ?? []).toString("latin1");
  expect(hello("www.example.test")).toContain("www.example.test");
  expect(hello(null)).not.toContain("127.0.0.1");
});

test("a certificate is read as one-line names, ISO dates and lower-case hex", () => {
  const der = new X509Certificate(readFileSync(new URL("./vectors/tls/lab.cert.pem", import.meta.url))).raw;
  const facts = certificateFacts(der);
  const value = (name: string) => facts.filter((fact) => fact.name === name).map((fact) => fact.value);
  expect(value("tls.subject")).toEqual(["CN=lab.example.test,OU=Lab,O=Doorplate\\, Tests,C=DE"]);
  expect(value("tls.issuer")).toEqual(value("tls.subject"));
  expect(value("tls.san")).toEqual(["lab.example.test", "www.example.test", "127.0.0.1"]);
  expect(value("tls.notBefore")[0]).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
  expect(value("tls.serial")).toEqual(["22e5c9bee3097d66feadbb610ac5c3ed6a0cda6d"]);
  expect(value("tls.fingerprint.sha256")).toEqual([
    "eb2520494ffe86ac871e8558542738af6c297752df5406311262d6f99edae091",
  ]);
});

test("a certificate that is none gives no facts", () => {
  expect(certificateFacts(Buffer.from("not a certificate"))).toEqual([]);
});

test("multi-valued name parts are joined by a plus, special characters escaped once", () => {
  expect(oneLine("C=US\nO=Cisco Systems, Inc.\nOU=A + OU=B\nCN=x")).toBe(
    "CN=x,OU=A+OU=B,O=Cisco Systems\\, Inc.,C=US",
  );
});

test.each([
  ["C = US, O = Cisco Systems, Inc., CN = box", "CN=box,O=Cisco Systems\\, Inc.,C=US"],
  ["/C=US/O=Acme/CN=box/emailAddress=a@example.net", "emailAddress=a@example.net,CN=box,O=Acme,C=US"],
  ["CN=box, OU=Unit, C=US", "CN=box,OU=Unit,C=US"],
  ["CN=box,O=Cisco Systems\\, Inc.,C=US", "CN=box,O=Cisco Systems\\, Inc.,C=US"],
  ["no name", "no name"],
])("a name as %j prints it is read as our own", (printed, name) => expect(fromPrinted(printed)).toBe(name));
