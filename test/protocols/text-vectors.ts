import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Protocol } from "../../lib/protocols/types.ts";
import { context, factMap, response, vectors } from "./text-peer.ts";

/** What every text protocol must hold: its recorded dialogues read as expected, and no bytes at all can upset it. */
export function describeVectors(protocol: Protocol): void {
  describe(`${protocol.name}: recorded dialogues`, () => {
    test.each(vectors(protocol.name).map((vector) => [vector.name, vector] as const))("%s", (_, vector) => {
      const first = vector.responses[0];
      expect(first && protocol.recognise(first)?.service).toBe(vector.service);
      const facts = factMap(protocol, vector.responses);
      for (const [name, value] of Object.entries(vector.facts))
        expect(facts[name] ?? null, name).toEqual(value);
    });

    test("an answer cut anywhere, or with a byte changed, never throws", () => {
      const samples = vectors(protocol.name).flatMap((vector) => vector.responses);
      fc.assert(
        fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat(255), (sample, at, byte) => {
          const position = at % Math.max(1, sample.data.length);
          const changed = Uint8Array.from(sample.data);
          changed[position] = byte;
          for (const data of [sample.data.subarray(0, position), changed]) {
            const responses = [response(sample.probe, data)];
            protocol.recognise({ ...sample, data });
            expect(protocol.facts(responses, null).every((fact) => fact.value.length <= 4096)).toBe(true);
            for (const ask of protocol.openers(context(1))) ask.complete?.(data);
          }
        }),
        { numRuns: 200 },
      );
    });

    test("random bytes are not taken for it", () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (data) => {
          const found = protocol.recognise(response("NULL", Uint8Array.from([0x80, ...data])));
          expect(found).toBeNull();
        }),
      );
    });
  });
}
