/**
 * A program for the lab's own network: endpoints as JSON on stdin, an Observation and its verdict a line on stdout, made by the very functions
 * that the prober calls, so that what each endpoint said, how long it took and how many connections it cost is seen as it was.
 */
import { detectTcp } from "../../lib/detect/tcp.ts";
import { detectUdp } from "../../lib/detect/udp.ts";
import type { Endpoint } from "../../lib/model/endpoint.ts";
import type { Verdict } from "../../lib/model/fingerprint.ts";
import type { Observation } from "../../lib/model/observation.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer, udpDialer } from "../../lib/net/dialer.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinRpcPrograms } from "../../lib/registry/rpc.ts";
import { profileByName } from "../../lib/scan/profiles.ts";
import { observe } from "../../lib/scan/sighting.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";

/** Endpoints at once: few, so that the time of one is not the time of its neighbours. */
const AT_ONCE = 3;
export interface Observed {
  observation: Observation;
  verdict: Verdict;
}

const NEUTRAL = "2026-01-01T00:00:00.000Z";

const pack = builtinPack();
const knowledge = { protocols, packs: [pack] };
const budget = connectionBudget({ total: 400, perHost: 400 });
const now = () => performance.now();
const profile = profileByName("standard");

async function look(endpoint: Endpoint): Promise<Observed | null> {
  const began = now();
  const common = { endpoint, knowledge, profile, now, rpc: { programs: builtinRpcPrograms } };
  let rttMs: number | null = null;
  let reason = "udp-response";
  let detection: Awaited<ReturnType<typeof detectTcp>>;
  if (endpoint.transport === "tcp") {
    const dialer = tcpDialer(endpoint, budget);
    const opened = await dialer.open({ timeoutMs: profile.timeoutMs });
    if (opened.state !== "open") return null;
    rttMs = opened.connection.connectMs;
    reason = opened.reason;
    detection = await detectTcp({ ...common, dialer, connection: opened.connection });
  } else {
    const seen = await detectUdp({ ...common, dialer: udpDialer(endpoint, budget) });
    if (seen.state !== "open") return null;
    detection = seen.detection;
  }
  const open = { reason, detection, rttMs };
  const context = { plan: { scanId: "lab" }, packs: pack.digest, wallClock: () => new Date(NEUTRAL) };
  const observation = observe(endpoint, open, context, now() - began);
  return { observation, verdict: detection.verdict };
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
const endpoints = (JSON.parse(Buffer.concat(chunks).toString()) as Endpoint[]).values();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const endpoint of endpoints) {
      const observed = await look(endpoint);
      if (observed) process.stdout.write(`${JSON.stringify(observed)}\n`);
    }
  }),
);
process.exit(0);
