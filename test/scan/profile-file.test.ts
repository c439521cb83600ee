import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scanRequestSchema } from "../../lib/model/request.ts";
import { readProfile } from "../../lib/scan/profile-file.ts";
import { profileByName } from "../../lib/scan/profiles.ts";

const mistakesOf = (text: string) =>
  readProfile(text, "mine").mistakes.map(({ line, column, reason }) => `${line}:${column} ${reason}`);

describe("a profile file", () => {
  test("gives every field that it names", () => {
    const { profile, notes } = readProfile(
      [
        "max_probes_per_port: 3",
        "timeout: 1.5",
        "enable_os_detection: true",
        "intensity: 4",
        "confidence_threshold: 0.8",
        "scripts: [default, http-*]",
        "ports: [22, 8000-8100]",
      ].join("\n"),
      "mine",
    );
    expect(profile).toEqual({
      name: "mine",
      ports: "22,8000-8100",
      topTcp: 0,
      topUdp: 0,
      maxProbesPerPort: 3,
      timeoutMs: 1500,
      intensity: 4,
      confidenceThreshold: 0.8,
      scripts: ["default", "http-*"],
    });
    expect(notes).toEqual([expect.stringMatching(/^enable_os_detection/), expect.stringMatching(/^scripts/)]);
    expect(scanRequestSchema.parse({ targets: ["127.0.0.1"], profile }).profile).toEqual(profile);
  });

  test("is otherwise the standard one, with the ports that are the default", () => {
    const { profile } = readProfile("timeout: 500ms", "mine");
    const standard = profileByName("standard");
    expect(profile).toEqual({ ...standard, name: "mine", timeoutMs: 500, ports: null, topTcp: 0, topUdp: 0 });
  });

  test.each([
    ["all", { ports: "1-65535" }],
    ["top 100", { ports: null, topTcp: 100 }],
    ["T:80,U:53", { ports: "T:80,U:53" }],
    ["8080", { ports: "8080" }],
  ])("takes ports as in %s", (ports, expected) => {
    expect(readProfile(`ports: ${JSON.stringify(ports)}`, "mine").profile).toMatchObject(expected);
  });

  test("is refused with line and column of all that is wrong", () => {
    const text = [
      "timout: 3",
      "timeout: 1h",
      "intensity: 12",
      "confidence_threshold: 95",
      "ports: 70000",
    ].join("\n");
    expect(mistakesOf(text)).toEqual([
      expect.stringMatching(/^1:1 "timout" is unknown here; known are name/),
      expect.stringMatching(/^2:10 timeout must be from 0\.1 to 300 seconds/),
      "3:12 intensity must be at most 9",
      expect.stringMatching(/^4:23 confidence_threshold is a probability/),
      expect.stringMatching(/^5:8 ports: port 70000 is not between/),
    ]);
  });

  test("is never the cause of an exception", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const { profile, mistakes } = readProfile(text, "mine");
        expect(profile === null).toBe(mistakes.length > 0);
      }),
    );
  });
});
