import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { listening } from "../net/servers.ts";
import { deskOfFile, endpointsOf, expectRefusal } from "./command.ts";

// A directory of Recog XML, from the command line to the prober and back.

const desk = deskOfFile();
const directory = join(desk.state, "recog");
mkdirSync(join(directory, "xml"), { recursive: true });
const xml = (name: string, matches: string, pattern: string) =>
  writeFileSync(
    join(directory, "xml", name),
    `<fingerprints matches="${matches}">
  <fingerprint pattern="${pattern}" certainty="0.99">
    <param pos="0" name="service.product" value="Gatekeeper SSH"/>
    <param pos="0" name="service.vendor" value="Acme"/>
    <param pos="1" name="service.version"/>
    <param pos="0" name="service.cpe23" value="cpe:/a:acme:gatekeeper:{service.version}"/>
  </fingerprint>
</fingerprints>
`,
  );
xml("ssh.xml", "ssh.banner", "^Gk_([\\d.]+)$");
xml("bad.xml", "ftp.banner", "(");
xml("odd.xml", "tls.jarm", "^a");
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.write("SSH-2.0-Gk_3.1\r\n");
});
const port = await listening(server);
afterAll(() => server.close());

const said = {
  service: "ssh",
  product: "Gatekeeper SSH",
  vendor: "Acme",
  version: "3.1",
  cpe: ["cpe:2.3:a:acme:gatekeeper:3.1:*:*:*:*:*:*:*"],
};

test("a scan claims by the directory, and names file and line as evidence", async () => {
  const flags = ["--recog", directory, "--format", "jsonl", "--no-progress"];
  const { code, stdout } = await desk.run(["scan", `127.0.0.1:${port}`, ...flags]);
  const [result] = endpointsOf(stdout);
  expect([code, result]).toMatchObject([0, said]);
  expect(result?.evidence).toContainEqual(
    expect.objectContaining({ family: "banner", signature: "recog:recog/ssh.xml:2" }),
  );
});

test("match does so from a fact", async () => {
  const input = `${JSON.stringify({ id: 1, facts: { "ssh.banner": "Gk_3.1" } })}\n`;
  const { code, stdout } = await desk.run(["match", "--recog", directory], { input });
  expect([code, JSON.parse(stdout)]).toMatchObject([0, said]);
});

test("check counts, points at what was refused, and says what is not used", async () => {
  const { code, stdout } = await desk.run(["signatures", "check", directory]);
  expect(code).toBe(1);
  expect(stdout).toContain("3 Recog files, 1 fingerprints, 1 refused");
  expect(stdout).toMatch(/bad\.xml:2:3: refused: pattern: missing \), at character 1/);
  expect(stdout).toMatch(/odd\.xml: note: matches="tls\.jarm" is nothing that is heard here/);
});

test("list names the pack by what is in it", async () => {
  const { code, stdout } = await desk.run(["signatures", "list", "--recog", directory]);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^recog:recog: 1 fingerprints, sha256:[0-9a-f]{64}$/m),
  ]);
});

test("a directory without anything of use is refused", async () => {
  const empty = join(desk.state, "empty");
  mkdirSync(empty);
  expectRefusal(
    await desk.run(["scan", `127.0.0.1:${port}`, "--recog", empty]),
    2,
    /empty holds no Recog file that could be used/,
  );
});
