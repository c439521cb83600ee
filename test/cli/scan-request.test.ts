import { expect, test } from "vitest";
import { requestFrom, type ScanOptions } from "../../lib/cli/scan-request.ts";
import { InputError } from "../../lib/model/errors.ts";
import type { Profile } from "../../lib/model/request.ts";
import { makePlan } from "../../lib/scan/make-plan.ts";
import { profileByName } from "../../lib/scan/profiles.ts";
import { scopeFrom } from "../../lib/targets/scope.ts";

// What the flags of `scan` become: the request, and the plan that follows from it.

const request = (options: Partial<ScanOptions>, profile?: string | Profile) =>
  requestFrom(["127.0.0.1"], { format: "table", progress: false, ports: "80", ...options }, [], { profile });

async function planned(options: Partial<ScanOptions>, profile?: string | Profile) {
  const scope = scopeFrom([], { allowLoopback: true });
  const context = {
    scanId: "x",
    scope,
    scopeEntries: [],
    local: true,
    selfPorts: [],
    startedAt: new Date(0),
  };
  const { plan } = await makePlan(request(options, profile), context);
  return plan;
}

const own: Profile = {
  ...profileByName("standard"),
  name: "own",
  intensity: 4,
  ports: "99",
  topTcp: 0,
  topUdp: 0,
};

test("the intensity is the flag's, else the profile's, else 7; light is 2 and all is 9", async () => {
  const intensity = async (...of: Parameters<typeof planned>) => (await planned(...of)).profile.intensity;
  expect(await intensity({ versionIntensity: 0 }, own)).toBe(0);
  expect(await intensity({ versionLight: true }, own)).toBe(2);
  expect(await intensity({ versionAll: true }, "fast")).toBe(9);
  expect(await intensity({}, own)).toBe(4);
  expect(await intensity({}, "fast")).toBe(2);
  expect(await intensity({})).toBe(7);
});

test("the ports are the flag's, else the profile's", async () => {
  const asked = async (...of: Parameters<typeof planned>) =>
    (await planned(...of)).groups.map(({ ports }) => ports);
  expect(await asked({ ports: "80" }, own)).toEqual(["80"]);
  expect(await asked({ ports: undefined }, own)).toEqual(["99"]);
});

test("two flags that say different things of one are refused", () => {
  for (const options of [
    { versionIntensity: 3, versionLight: true },
    { versionLight: true, versionAll: true },
    { topPorts: 10 },
    { allPorts: true },
  ])
    expect(() => request(options)).toThrow(InputError);
});

test("what is not said is off, and what is said is in the plan", async () => {
  expect(await planned({})).toMatchObject({ allPorts: false, strictOrder: false, builtin: true });
  const said = { allports: true, strictOrder: true, builtin: false };
  expect(await planned(said)).toMatchObject({ allPorts: true, strictOrder: true, builtin: false });
  expect(request({ fresh: true }).cache).toBe(false);
  expect(request({}).cache).toBeUndefined();
});

test("a deadline is from a second to a day, an hour unless said", () => {
  expect(request({}).deadlineMs).toBe(3_600_000);
  expect(request({ deadline: "1s" }).deadlineMs).toBe(1_000);
  expect(request({ deadline: "24h" }).deadlineMs).toBe(86_400_000);
  for (const deadline of ["999ms", "24.1h", "15"]) expect(() => request({ deadline })).toThrow(InputError);
});

test("limits are told by name; a wrong name, a wrong number and 0 are refused", () => {
  expect(request({ limit: ["new-per-second=100", "connections-per-host=3"] }).limits).toEqual({
    newPerSecond: 100,
    connectionsPerHost: 3,
  });
  for (const limit of ["nonsense=1", "connections=x", "connections=0", "connections=1.5"])
    expect(() => request({ limit: [limit] })).toThrow(InputError);
});
