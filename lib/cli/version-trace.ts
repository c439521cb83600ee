/**
 * `--version-trace`: what was sent, received and matched at each endpoint, from the exchanges that the probers put into
 * the archive. Requests are shown where a file of the operator has them; our own by their name.
 */
import { endpointText } from "../model/endpoint.ts";
import { latin1, loadResponse, type Observation, printable } from "../model/observation.ts";
import { readObservations } from "../scan/observations.ts";
import { loadPack } from "../scan/packs.ts";
import { type ProbePack, probeByName } from "../signatures/probe-pack.ts";
import type { Scan, Session } from "./session.ts";
import type { ReadyPack } from "./signature-files.ts";

/** Bytes of a request or an answer that a line shows. */
const SHOWN = 100;

/** Prints the trace of a whole scan, line by line. */
export async function printTrace(
  { cloud }: Session,
  { plan }: Scan,
  packs: readonly ReadyPack[],
  say: (line: string) => void,
): Promise<void> {
  const loaded = packs.map(({ bytes }) => loadPack(bytes)).filter((pack) => pack.kind === "service-probes");
  const unreadable = (key: string, reason: string) => say(`warning: ${key} is left out: ${reason}`);
  for await (const observation of readObservations(cloud, plan.scanId, unreadable))
    for (const line of traceOf(observation, loaded)) say(line);
}

/** The lines of one endpoint. */
export function traceOf(observation: Observation, packs: readonly ProbePack[]): string[] {
  const { endpoint, connections, durationMs, evidence, flags } = observation;
  const head = `${endpointText(endpoint)}: ${connections} connections, ${durationMs} ms${flags.length > 0 ? `, ${flags.join(", ")}` : ""}`;
  const exchanges = observation.responses.map(loadResponse).flatMap((response) => {
    const { probe, tls, connection, data, firstByteMs, end } = response;
    const request = packs.flatMap((pack) => probeByName(pack, probe, endpoint.transport)?.data ?? [])[0];
    const sent = request && request.length > 0 ? `, ${request.length} bytes ${quoted(request)}` : "";
    const when = firstByteMs === null ? "" : ` after ${Math.round(firstByteMs)} ms`;
    const received = data.length > 0 ? `${data.length} bytes${when} ${quoted(data)}` : "nothing";
    return [
      `  connection ${connection}${tls ? " (TLS)" : ""}: ${probe === "NULL" ? "listened" : `sent ${probe}`}${sent}`,
      `    received ${received}, then ${end}`,
    ];
  });
  const matched = evidence.map(
    ({ source, signature, claim }) =>
      `  matched ${source} by ${signature}: ${[claim.service, claim.product, claim.version].filter(Boolean).join(" ")}`,
  );
  return [head, ...exchanges, ...matched];
}

function quoted(data: Uint8Array): string {
  return `"${printable(latin1(data.subarray(0, SHOWN)), SHOWN)}"${data.length > SHOWN ? "…" : ""}`;
}
