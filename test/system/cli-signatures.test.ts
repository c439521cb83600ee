import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { listening } from "../net/servers.ts";
import { deskOfFile, endpointsOf } from "./command.ts";

// The operator's own service-probes file, from the command line to the prober and back.

const desk = deskOfFile();
const file = join(desk.state, "my-probes");
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.end("HELLO v7\r\n");
});
const port = await listening(server);
const lines = [
  "Probe TCP NULL q||",
  "match greet m|^HELLO (\\w+)\\r\\n| p/Greeter/ v/$1/ cpe:/a:acme:greeter:$1/",
];
writeFileSync(file, lines.join("\n"));
afterAll(() => server.close());

const said = {
  service: "greet",
  method: "probed",
  product: "Greeter",
  version: "v7",
  cpe: ["cpe:2.3:a:acme:greeter:v7:*:*:*:*:*:*:*"],
};

describe("--signatures", () => {
  test.each([
    ["alone", ["--no-builtin"]],
    ["beside what is built in", []],
  ])("%s, the file's verdict comes out", async (_, flags) => {
    const { code, stdout, stderr } = await desk.run([
      "scan",
      `127.0.0.1:${port}`,
      "--signatures",
      file,
      ...flags,
      "--version-trace",
      "--format",
      "jsonl",
      "--no-progress",
    ]);
    expect([code, endpointsOf(stdout)[0]]).toMatchObject([0, said]);
    expect(stderr).toMatch(/received 10 bytes .*"HELLO v7\.\."/);
    expect(stderr).toMatch(/matched NULL by my-probes:2: greet Greeter v7/);
  });

  test("without it and without what is built in, nothing is known", async () => {
    const flags = ["--no-builtin", "--format", "jsonl", "--no-progress"];
    const { code, stdout } = await desk.run(["scan", `127.0.0.1:${port}`, ...flags]);
    expect([code, endpointsOf(stdout)[0]]).toMatchObject([
      0,
      { state: "open", service: null, product: null },
    ]);
  });

  test("match reads the same file over a stored response", async () => {
    const data_b64 = Buffer.from("HELLO v7\r\n").toString("base64");
    const input = `${JSON.stringify({ id: 1, responses: [{ probe: "NULL", data_b64 }] })}\n`;
    const { code, stdout } = await desk.run(["match", "--no-builtin", "--signatures", file], { input });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, said]);
  });

  test("check counts a good file, points into a bad one, and a scan with that is refused", async () => {
    expect(await desk.run(["signatures", "check", file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1 probes, 1 match, 0 softmatch, 0 refused"),
    });
    const bad = join(desk.state, "bad");
    writeFileSync(bad, "Probe TCP NULL q||\nrarity 12\n");
    expect(await desk.run(["signatures", "check", bad])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("bad:2:8: refused: must be a number from 1 to 9"),
    });
    const { code, stderr } = await desk.run(["scan", `127.0.0.1:${port}`, "--signatures", bad]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("line 2, column 8")]);
  });
});
