/** What the doors of the lab said, observed inside its network; the time and the connections that it took; the recording of it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { yamlForEsbuild } from "../../infra/yaml-plugin.ts";
import { interpret, type Knowledge } from "../../lib/detect/interpret.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import { loadResponse, loadTls } from "../../lib/model/observation.ts";
import { MAX_READ_BYTES } from "../../lib/net/inbox.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import type { Network } from "./network.ts";
import type { Observed } from "./observe.ts";
import type { RunningDoor } from "./start.ts";

/** Every door that answered. @throws with its messages when the observer fails */
export async function observeDoors(doors: readonly RunningDoor[], network: Network): Promise<Observed[]> {
  const scratch = mkdtempSync(join(tmpdir(), "doorplate-lab-observe-"));
  try {
    const outfile = join(scratch, "observe.mjs");
    await build({
      entryPoints: [join(import.meta.dirname, "observe.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node24",
      plugins: [yamlForEsbuild],
      logLevel: "error",
    });
    const endpoints = doors.map(({ host, transport, port }) => ({ host, hostname: null, transport, port }));
    const [command = "", ...args] = [...network.prefix, process.execPath, outfile];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(JSON.stringify(endpoints));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (stderr) throw new Error(stderr);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Observed);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** The value below which this share of them lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Doors that answered, and the median of their connections. */
export const medianOf = (observed: readonly Observed[]) => ({
  responses: observed.length,
  connections: quantile(
    observed.map(({ observation }) => observation.connections),
    0.5,
  ),
});

/** `time to verdict p50 120 ms, p95 900 ms; connections median 3, most 9`. */
export function effortOf(observed: readonly Observed[]): string {
  const times = observed.map(({ observation }) => observation.durationMs);
  const connections = observed.map(({ observation }) => observation.connections);
  return [
    `time to verdict p50 ${quantile(times, 0.5)} ms, p95 ${quantile(times, 0.95)} ms`,
    `connections median ${quantile(connections, 0.5)}, p95 ${quantile(connections, 0.95)}`,
  ].join("; ");
}

/** So many bytes of one response are recorded, the first of these with which the door reads as it did: what tells is in the head, as a rule. */
const RECORDED = [2048, 8192, 32_768, MAX_READ_BYTES];

type Recorded = Observed["observation"]["responses"];

/** The responses, so far as they are needed. */
export function shortened(
  { endpoint, tls, responses }: Pick<Observed["observation"], "endpoint" | "tls" | "responses">,
  knowledge: Knowledge,
): Recorded {
  const cut = (most: number): Recorded =>
    responses.map((response) => ({
      ...response,
      data_b64: Buffer.from(response.data_b64, "base64").subarray(0, most).toString("base64"),
    }));
  const reading = (of: Recorded) => {
    const loaded = of.map(loadResponse);
    const { evidence } = interpret(knowledge, loaded, tls && loadTls(tls), [], endpoint);
    const { service, product, version } = fuse({ ...endpoint, evidence, asked: true });
    return JSON.stringify([service, product, version]);
  };
  const whole = reading(responses);
  return RECORDED.map(cut).find((shorter) => reading(shorter) === whole) ?? responses;
}

/** One line a door: what it said, and the truth. Evidence is left out, since it follows from the rest and changes with the signatures. */
export function recording(observed: readonly Observed[], doors: readonly RunningDoor[]): string {
  const knowledge = { protocols, packs: [builtinPack()] };
  const lines = observed.map(({ observation }) => {
    const { endpoint } = observation;
    const door = doors.find(
      ({ port, transport }) => port === endpoint.port && transport === endpoint.transport,
    );
    const responses = shortened(observation, knowledge)
      // Silence tells nothing, but for that of a web server at a line that is no request (lib/evidence/absence.ts).
      .filter(({ probe, data_b64 }) => data_b64 !== "" || probe === "http.refusal")
      .map((response) => ({
        ...response,
        firstByteMs: response.firstByteMs === null ? null : Math.round(response.firstByteMs),
      }));
    const expected = {
      service: door?.service[0],
      product: door?.productHidden ? null : door?.product[0],
      version: door?.version ?? null,
      /** All names that are right. */
      services: door?.service,
      products: door?.product,
    };
    const id = `${door?.daemon} ${endpoint.transport}/${endpoint.port}`;
    return JSON.stringify({ id, ...observation, rttMs: null, responses, facts: [], evidence: [], expected });
  });
  return `${lines.join("\n")}\n`;
}

/** Writes the recording where DOORPLATE_LAB_OBSERVATIONS names a file. */
export function record(observed: readonly Observed[], doors: readonly RunningDoor[]): void {
  const file = process.env.DOORPLATE_LAB_OBSERVATIONS;
  if (file) writeFileSync(file, recording(observed, doors));
}
