import { expect, test } from "vitest";
import { runExchange } from "../../../lib/detect/probe-file/exchange.ts";
import { matching } from "../../../lib/detect/probe-file/matching.ts";
import { resetConnection } from "../../../lib/net/connection.ts";
import { smallPack } from "./files.ts";

/** Said to a connection that ended somewhere between these two ages, ms, while nobody looked. */
async function heard(leastAgeMs: number, ageMs: number) {
  const connection = Object.create(resetConnection(), {
    leastAgeMs: { value: leastAgeMs },
    ageMs: { value: ageMs },
  });
  const probe = smallPack().nullProbe;
  if (!probe) throw new Error("the pack has no NULL probe");
  const clock = { now: () => 0, connectedAt: 0, windowFrom: 0, deadline: 60_000 };
  const told = { connection, probe, match: matching, ordinal: 0, tls: false, before: new Uint8Array(0) };
  return runExchange({ ...clock, ...told });
}

test("an end whose moment nobody saw may have come late: it does not look like one before `tcpwrappedms`", async () => {
  // In the pack that is 1,000 ms.
  expect(await heard(800, 1_200)).toMatchObject({ elapsedMs: 1_200 });
});

test("an end whose moment nobody saw is that of a silent one only if the window was surely over", async () => {
  // In the pack that is 2,000 ms.
  expect(await heard(1_800, 2_200)).toMatchObject({ end: "reset" });
  expect(await heard(2_100, 2_200)).toMatchObject({ end: "window" });
});
