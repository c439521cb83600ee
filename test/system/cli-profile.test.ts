import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deskOfFile, doorsOfFile, endpointsOf, expectRefusal, summaryOf } from "./command.ts";

const doors = await doorsOfFile({ greeting: 2, silent: 1 });
const desk = deskOfFile();

describe("--profile FILE", () => {
  test("scans the profile's ports, which a flag overrides, and says what does nothing", async () => {
    const file = join(desk.state, "quick.yaml");
    writeFileSync(file, `ports: ${doors.all[0]}\ntimeout: 500ms\nenable_os_detection: false\n`);
    const look = ["--profile", file, "--format", "jsonl", "--no-progress"];
    const own = await desk.run(["scan", "127.0.0.1", ...look]);
    expect([own.code, endpointsOf(own.stdout).map(({ port }) => port)]).toEqual([0, [doors.all[0]]]);
    expect(summaryOf(own.stdout)).toMatchObject({ planned: 1 });
    expect(own.stderr).toMatch(/^profile quick: enable_os_detection changes nothing/m);
    const flagged = await desk.run(["scan", "127.0.0.1", "-p", String(doors.all[1]), ...look]);
    expect(endpointsOf(flagged.stdout).map(({ port }) => port)).toEqual([doors.all[1]]);
  });

  test("with mistakes refuses the scan, and tells all of their places", async () => {
    const file = join(desk.state, "bad.yaml");
    writeFileSync(file, "timeout: soon\nintensity: 10\n");
    const refused = await desk.run(["scan", "127.0.0.1", "--profile", file]);
    expectRefusal(
      refused,
      2,
      /bad\.yaml is wrong: line 1, column 10: timeout .*; line 2, column 12: intensity/,
    );
  });
});

describe("--services FILE", () => {
  test("says which ports are the commonest, how they are called, and what one is that nobody identifies", async () => {
    const [silent] = doors.silent;
    const file = join(desk.state, "services");
    writeFileSync(file, `ssh 22/tcp 0.1\nwarehouse ${silent}/tcp 0.9 # ours\n`);
    const profile = join(desk.state, "warehouse.yaml");
    writeFileSync(profile, "ports: ware*\ntimeout: 100ms\n");
    const look = ["--services", file, "--profile", profile, "--format", "jsonl", "--no-progress"];
    for (const ports of [["--top-ports", "1"], ["-p", "warehouse"], []]) {
      const { code, stdout } = await desk.run(["scan", "127.0.0.1", ...ports, ...look]);
      expect([code, summaryOf(stdout)?.planned]).toEqual([0, 1]);
      expect(endpointsOf(stdout)).toMatchObject([{ port: silent, service: "warehouse", method: "table" }]);
    }
    const input = JSON.stringify({ id: 1, port: silent });
    const { stdout } = await desk.run(["match", "--services", file], { input });
    expect(JSON.parse(stdout)).toMatchObject({ service: "warehouse", method: "table" });
  });

  test("with a mistake refuses the scan, and names its line", async () => {
    const file = join(desk.state, "no-services");
    writeFileSync(file, "ssh 22/tcp\nhttp port 80\n");
    const refused = await desk.run(["scan", "127.0.0.1", "--services", file]);
    expectRefusal(refused, 2, /no-services: line 2: "port" behind http is not port\/protocol/);
  });
});
