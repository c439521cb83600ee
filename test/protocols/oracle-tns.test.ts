import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oracleTns, releaseOf } from "../../lib/protocols/oracle-tns.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(oracleTns);

describe("VSNNUM", () => {
  test("is read in the old form and, from 18 on, in the new", () => {
    expect(releaseOf(0x0a200500)).toBe("10.2.0.5.0");
    expect(releaseOf(0x0b200300)).toBe("11.2.0.3.0");
    expect(releaseOf(0x13100000)).toBe("19.16.0.0.0");
    expect(releaseOf(0)).toBeNull();
  });

  test("of any 32 bits gives five numbers or nothing", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (number) => {
        expect(releaseOf(number) ?? "7.0.0.0.0").toMatch(/^\d{1,2}(?:\.\d{1,3}){4}$/);
      }),
    );
  });
});

test("a listener that hides its version is asked once more, in words", async () => {
  const server = await peer([
    [/COMMAND=ping\)/, recordedBytes("oracleTns/hidden-version")],
    [/COMMAND=version\)/, recordedBytes("oracleTns/version-9i")],
  ]);
  const responses = await converse(oracleTns, server.port);
  await server.close();
  expect(factMap(oracleTns, responses)["oracle.version"]).toBe("9.2.0.7.0");
  for (const text of server.heard) expect(text.length).toBe(text.charCodeAt(0) * 256 + text.charCodeAt(1)); // the length it declares
});
