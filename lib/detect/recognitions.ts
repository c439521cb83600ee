/**
 * What each protocol takes a response for. The same answers are interpreted again and again (to know when to stop, and for the verdict), and some two
 * hundred protocols look at each: so each looks once, and what it said is kept as long as the response is.
 */
import type { Response } from "../model/observation.ts";
import type { Recognition, Registered } from "../protocols/types.ts";

type Seen = (Recognition | null | undefined)[];
const kept = new WeakMap<readonly Registered[], WeakMap<Response, Seen>>();

/** Of the `index`-th of these protocols. Nothing is recognised where not a byte was said. */
export function recognitions(protocols: readonly Registered[], response: Response) {
  const ofThese = kept.get(protocols) ?? new WeakMap<Response, Seen>();
  kept.set(protocols, ofThese);
  const seen = ofThese.get(response) ?? [];
  ofThese.set(response, seen);
  return (index: number): Recognition | null => {
    const known = seen[index];
    if (known !== undefined) return known;
    const recognition =
      response.data.length > 0 ? (protocols[index]?.protocol.recognise(response) ?? null) : null;
    seen[index] = recognition;
    return recognition;
  };
}
