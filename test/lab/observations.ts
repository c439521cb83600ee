/** What the doors of the lab said, observed inside its network; the time and the connections that it took; the recording of it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { yamlForEsbuild } from "../../infra/yaml-plugin.ts";
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

/** Most bytes of one response that are recorded: what tells is in the head. */
const MOST_RECORDED = 2048;

/** One line a door: what it said, and the truth. Evidence is left out, since it follows from the rest and changes with the signatures. */
export function recording(observed: readonly Observed[], doors: readonly RunningDoor[]): string {
  const lines = observed.map(({ observation }) => {
    const { endpoint } = observation;
    const door = doors.find(
      ({ port, transport }) => port === endpoint.port && transport === endpoint.transport,
    );
    const responses = observation.responses
      // Silence tells nothing, but for that of a web server at a line that is no request (lib/evidence/absence.ts).
      .filter(({ probe, data_b64 }) => data_b64 !== "" || probe === "http.refusal")
      .map((response) => ({
        ...response,
        firstByteMs: response.firstByteMs === null ? null : Math.round(response.firstByteMs),
        data_b64: Buffer.from(response.data_b64, "base64").subarray(0, MOST_RECORDED).toString("base64"),
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
