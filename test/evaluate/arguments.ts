import { parseArgs } from "node:util";
import { DoorplateError } from "../../lib/model/errors.ts";
import { DEFAULT_CORPUS } from "./corpus.ts";

export interface Options {
  corpus: string;
  /** A recording of real daemons; null: the usual one, if it is there. */
  lab: string | null;
}

/** The two scripts' options. Help ends the process. @throws DoorplateError */
export function optionsOf(args: string[], usage: string): Options {
  let values: { corpus?: string; lab?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args,
      options: { corpus: { type: "string" }, lab: { type: "string" }, help: { type: "boolean", short: "h" } },
    }));
  } catch (cause) {
    throw new DoorplateError(`${(cause as Error).message}\n${usage}`, { cause });
  }
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  return { corpus: values.corpus ?? DEFAULT_CORPUS, lab: values.lab ?? null };
}
