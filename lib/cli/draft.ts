import { EXIT, InputError } from "../model/errors.ts";
import { type Observation, observationSchema } from "../model/observation.ts";
import { findings, inWords } from "../model/wording.ts";
import { protocols } from "../protocols/index.ts";
import type { AskContext } from "../protocols/types.ts";
import { draftSignatures } from "../signatures/draft.ts";
import { readText } from "./files.ts";

// `signatures draft`: one stored observation of a service that nobody knows to a first signature for it, on stdout.

/**
 * @param file path of an observation as JSON, or `-` for stdin
 * @throws DoorplateError when it cannot be read or is no observation
 */
export function draftCommand(file: string): number {
  const observation = parseObservation(readText(file, "observation"), file);
  process.stdout.write(draftSignatures(observation, requests(observation)));
  return EXIT.done;
}

function parseObservation(json: string, file: string): Observation {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new InputError(`${file} is not JSON: ${(cause as Error).message}`, file);
  }
  const parsed = observationSchema.safeParse(value, inWords);
  if (parsed.success) return parsed.data;
  throw new InputError(`${file} is no observation: ${findings(parsed.error)[0]}`, file);
}

/**
 * What our own probes send. The name and address in them are those of the example domain: a signature does not tell whom it was
 * drafted from.
 */
function requests({ endpoint }: Observation): (probe: string) => Uint8Array | null {
  const { port, transport } = endpoint;
  const known = new Map<string, Uint8Array>();
  for (const tls of [false, true]) {
    const context: AskContext = { host: "192.0.2.1", hostname: "www.example.com", port, transport, tls };
    for (const { protocol } of protocols)
      for (const { probe, data } of protocol.openers(context)) if (!known.has(probe)) known.set(probe, data);
  }
  return (probe) => known.get(probe) ?? null;
}
