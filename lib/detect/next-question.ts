/** Which question comes next, on a door that has not said who it is: chosen by what it did with those before. */
import type { Reaction } from "../protocols/types.ts";
import type { Opener } from "./order.ts";

/** So many of one kind make sure. */
export const HEARD_OUT = 2;

type Kind = "lines" | "others";
/** How a server took the questions of a kind that it did not answer. */
type Heed = Record<Kind, { hangUps: number; silent: number }>;
export const noHeed = (): Heed => ({ lines: { hangUps: 0, silent: 0 }, others: { hangUps: 0, silent: 0 } });

/** Whether a question holds the end of a line: who reads lines does not look at anything before. */
export const kindOf = ({ data }: Opener): Kind => (data.includes(0x0a) ? "lines" : "others");

/** The kind that a server reads: it hangs up on some of it, and says and does nothing about the other. */
export function heeded({ lines, others }: Heed): Kind | null {
  const reads = (one: Heed[Kind], other: Heed[Kind]) =>
    one.hangUps >= HEARD_OUT && one.silent === 0 && other.silent >= HEARD_OUT && other.hangUps === 0;
  return reads(lines, others) ? "lines" : reads(others, lines) ? "others" : null;
}

/**
 * The likeliest protocols keep their turn, and TLS its place. Among the rest those go first that would have taken the first request, which was
 * not theirs, as this server did: some close at once on what they cannot read, some wait for the rest of it. And among those the ones of a
 * kind that it is seen to read, if there is one.
 */
export function takeNext(
  asks: readonly Opener[],
  reaction: Reaction | null,
  kind: Kind | null,
): Opener | undefined {
  const [next] = asks;
  if (!next || next.likely || next.tunnel || next.common || !reaction) return next;
  const fitting = asks.filter(({ onAlien }) => mayHave(onAlien, reaction));
  return fitting.find((ask) => kindOf(ask) === kind) ?? fitting[0] ?? next;
}

export const mayHave = (usual: Opener["onAlien"], reaction: Reaction) =>
  usual === reaction || usual === "either";
