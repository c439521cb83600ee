import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deskOfFile, doorsOfFile, endpointsOf, expectRefusal, summaryOf } from "./command.ts";

const doors = await doorsOfFile({ greeting: 2, silent: 0 });
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
