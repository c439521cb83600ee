// Most protocols say everything about themselves in one answer: what recognises it has read it as well. This
// makes a whole `Protocol` out of one pure function from a response to a reading.
import type { Fact, Response } from "../model/observation.ts";
import { distinct, familyOf, named } from "./binary.ts";
import type { Protocol, Recognition } from "./types.ts";

export interface Reading extends Recognition {
  /** Facts of this answer, by their names without prefix; absent and empty ones are left out. */
  values?: Record<string, string | number | null | undefined>;
}

/** Readings at least this sure give facts; weaker ones are hints about a service, not knowledge. */
const FACT_WEIGHT = 4;

export interface ReadingProtocol extends Omit<Protocol, "recognise" | "facts"> {
  /** First part of the facts' names. */
  readonly prefix: string;
  /** Pure. Null when the response is not in this protocol. */
  read(response: Response): Reading | null;
}

/** A protocol whose recognition and facts both come from `read`. */
export function readingProtocol({ read, prefix, ...rest }: ReadingProtocol): Protocol {
  return {
    ...rest,
    recognise(response) {
      const reading = read(response);
      if (!reading) return null;
      const { values: _, ...recognition } = reading;
      return recognition;
    },
    facts(responses): Fact[] {
      return distinct(
        responses.flatMap((response) => {
          const reading = read(response);
          return reading && reading.weight >= FACT_WEIGHT
            ? named(prefix, familyOf(response), reading.values ?? {})
            : [];
        }),
      );
    },
  };
}
