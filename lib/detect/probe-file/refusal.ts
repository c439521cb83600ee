/**
 * A server may turn surplus connections away in words: who comes while it has enough is told so and cut off, whatever is asked. That is no
 * answer to the probe. It shows where two probes were told the same beside other connections, and NULL, which came first, heard
 * nothing. But many servers end each conversation that they do not understand with the same words: a knock, which asks nothing, tells whether
 * these are meant for the request or for the connection.
 */
import type { Flight } from "./flight.ts";

/** Different words that are doubted, most: each costs a knock. */
const MOST_WORDS = 8;

/** Is its end an answer, a refusal, or can only a knock tell? */
export type Meaning = "answer" | "refusal" | "unclear";

export interface Refusal {
  meaningOf(flight: Flight): Meaning;
  /** A knock was not told what this flight was beside so many others: there, it is an answer. 0: it was told the same. */
  settle(flight: Flight, borneBeside: number): void;
}

const isSame = (a: Flight, b: Flight) =>
  a.tls === b.tls && a.result !== null && b.result !== null && isEqual(a.result.data, b.result.data);
const isEqual = (a: Uint8Array, b: Uint8Array) => a.length === b.length && Buffer.compare(a, b) === 0;

/** Words and a close, beside others. */
function isToldAndCutOff({ crowd, result }: Flight): boolean {
  if (crowd === 0 || !result || result.data.length === 0) return false;
  return result.end === "eof" || result.end === "reset";
}

/** `waiting`: the flights whose turn has not come. */
export function refusalAmong(waiting: ReadonlyMap<string, Flight>): Refusal {
  const settled: { told: Flight; borneBeside: number }[] = [];
  return {
    meaningOf(flight) {
      if (!isToldAndCutOff(flight)) return "answer";
      const words = settled.find(({ told }) => isSame(told, flight));
      if (words) {
        // Who answers one request so may answer each so.
        if (flight.crowd <= words.borneBeside) words.borneBeside = Number.POSITIVE_INFINITY;
        return flight.crowd <= words.borneBeside ? "answer" : "refusal";
      }
      const isShared = [...waiting.values()].some(
        (other) => other.probe !== flight.probe && isToldAndCutOff(other) && isSame(other, flight),
      );
      return isShared && settled.length < MOST_WORDS ? "unclear" : "answer";
    },
    settle(told, borneBeside) {
      settled.push({ told, borneBeside });
    },
  };
}
