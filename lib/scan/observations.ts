/**
 * What endpoints said, as probers put it into the archive: one object for each message that tells of them, written before it is sent. So whatever the
 * table calls fingerprinted can be read here and judged anew, however its prober ended. An endpoint that was asked twice is in it twice;
 * who reads takes the last word.
 *
 * Objects may be older or newer than this program: unknown fields are left out, and what cannot be read is told and left out.
 */
import * as z from "zod";
import type { Cloud } from "../cloud/index.ts";
import { portKey } from "../model/endpoint.ts";
import { InputError } from "../model/errors.ts";
import { type Observation, observationSchema } from "../model/observation.ts";
import { findings, inWords } from "../model/wording.ts";
import { batchInKey, observationsPrefix } from "./keys.ts";

/** Batch by batch. `unreadable` is told of what was left out: which object, and why. */
export async function* readObservations(
  { archive }: Pick<Cloud, "archive">,
  scanId: string,
  unreadable: (key: string, reason: string) => void,
): AsyncGenerator<Observation> {
  const ofBatch = new Map<string, Observation>();
  let batch = "";
  for await (const key of archive.list(observationsPrefix(scanId))) {
    if (batchInKey(key) !== batch) {
      yield* ofBatch.values();
      ofBatch.clear();
      batch = batchInKey(key);
    }
    const stored = await archive.getJson(key).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      unreadable(key, error.message);
      return [];
    });
    for (const observation of parse(stored, (reason) => unreadable(key, reason))) {
      const { endpoint, observedAt } = observation;
      const at = `${endpoint.host} ${portKey(endpoint)}`;
      const known = ofBatch.get(at);
      if (!known || known.observedAt <= observedAt) ofBatch.set(at, observation);
    }
  }
  yield* ofBatch.values();
}

function parse(stored: unknown, unreadable: (reason: string) => void): Observation[] {
  const list = z.array(z.unknown()).safeParse(stored);
  if (!list.success) unreadable("holds no list of observations");
  return (list.data ?? []).flatMap((one, i) => {
    const { success, data, error } = observationSchema.safeParse(one, inWords);
    if (success) return [data];
    unreadable(`observation ${i} is of another form (${findings(error)[0]})`);
    return [];
  });
}
