/** Servers that talk to nobody without a certificate: Node's TLS, certificates by openssl. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import fc from "fast-check";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Detection } from "../../lib/detect/detection.ts";
import { ber } from "../../lib/protocols/ber.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { distinguishedName, parseFirstFlight } from "../../lib/protocols/tls-request.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { certified } from "../net/servers.ts";
import { detectAt } from "./detecting.ts";

const knowledge = { protocols, packs: [builtinPack()] };
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "doorplate-authority-"));
  return () => rmSync(directory, { recursive: true, force: true });
});

/** A self-signed authority of this name, in PEM. `/` before each part, as openssl takes it. */
function authority(subject: string): Buffer {
  const out = join(directory, "authority.pem");
  const key = join(directory, "authority.key");
  execFileSync(
    "openssl",
    `req -x509 -newkey rsa:2048 -nodes -days 30 -utf8 -keyout ${key} -out ${out} -subj`
      .split(" ")
      .concat(subject),
    { stdio: "ignore" },
  );
  return readFileSync(out);
}

/** `known`: the port that it is taken for. */
async function detect(options: TlsOptions, known?: number): Promise<Detection> {
  const keys = certified("door.example");
  const server = createServer(
    { key: keys.key, cert: keys.cert, requestCert: true, rejectUnauthorized: true, ...options },
    (socket) => socket.end("only for friends"),
  );
  server.on("tlsClientError", () => undefined);
  onTestFinished(() => {
    server.close();
    keys.remove();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return detectAt(port, { knowledge, timeoutMs: 1_000, connections: 64, ...(known && { known }) });
}
const values = ({ facts }: Detection, name: string) =>
  facts.filter((fact) => fact.name === name).map(({ value }) => value);

describe("a server that refuses whoever has no certificate", () => {
  test.each(["TLSv1.3", "TLSv1.2"] as const)(
    "says whose it would take (%s and older), and that names the product",
    async (maxVersion) => {
      const ca = authority("/O=HashiCorp Inc./CN=Consul Agent CA 257833434");
      const detection = await detect({ ca, maxVersion });
      expect(values(detection, "tls.clientAuthority")).toEqual([
        "CN=Consul Agent CA 257833434,O=HashiCorp Inc.",
      ]);
      expect(values(detection, "tls.clientCertificate")).toEqual(["requested"]);
      expect(values(detection, "tls.subject")).toEqual(["CN=door.example"]);
      expect(detection.verdict).toMatchObject({ service: "ssl", product: "Consul" });
      expect(detection.verdict.confidences.product).toBeLessThan(0.95);
    },
  );

  test("shows by the protocol that it chose what it would speak", async () => {
    const ca = authority("/CN=somebody's own");
    const { verdict } = await detect({ ca, ALPNProtocols: ["http/1.1"] });
    expect(verdict).toMatchObject({ service: "http", method: "probed", product: null });
  });

  test.each([
    [443, "http"],
    // Unbound's library agrees to HTTP wherever it is offered.
    [8953, "unbound-control"],
    // Where others than web servers live, who hung up on HTTP is none.
    [2083, "ssl"],
  ])("on port %i is what hears nobody there: %s", async (port, service) => {
    const { verdict } = await detect(
      { ca: authority("/CN=somebody's own"), ALPNProtocols: port === 2083 ? [] : ["http/1.1"] },
      port,
    );
    expect(verdict).toMatchObject({ service, method: "probed" });
  });

  test("is TLS at least, with its certificate, where nothing else is shown", async () => {
    const detection = await detect({ ca: authority("/CN=somebody's own"), minVersion: "TLSv1.3" });
    expect(detection.verdict).toMatchObject({ service: "ssl", product: null });
    expect(detection.tls?.protocol).toBe("TLSv1.3");
    expect(values(detection, "tls.subject")).toEqual(["CN=door.example"]);
  });
});

describe("the server's first flight", () => {
  test("names are read as they are written in certificates, special characters escaped", () => {
    const part = (arc: number, tag: number, value: string) =>
      ber(0x31, ber(0x30, ber(6, 0x55, 4, arc), ber(tag, Buffer.from(value))));
    const der = ber(0x30, part(6, 0x13, "DE"), part(10, 0x0c, "Lübek"), part(3, 0x0c, "a, bc"));
    expect(distinguishedName(der)).toBe(`CN=a\\, bc,O=${Buffer.from("Lübek").toString("latin1")},C=DE`);
  });

  test("nothing that a peer may send makes the reader throw", () => {
    const hello = Buffer.from("160303004a020000460303", "hex");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        parseFirstFlight(Buffer.concat([hello, noise]));
        parseFirstFlight(noise);
        distinguishedName(noise);
      }),
    );
  });
});
