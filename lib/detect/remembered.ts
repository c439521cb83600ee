/**
 * Detection that remembers. Whether somebody is there is always asked anew; who it is only where the exchange that named the product before no
 * longer says the same.
 */
import { fuse } from "../evidence/fuse.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Recipe } from "../model/observation.ts";
import type { Connection, Dialer } from "../net/types.ts";
import { conversation, GREETING_QUIET_MS } from "./conversation.ts";
import type { Detection, DetectOptions, DetectTcpOptions } from "./detection.ts";
import { unfinishedIn } from "./identify.ts";
import { askNamed, exchangeHash, recipeOf } from "./recipe.ts";
import { tunnelled } from "./tunnel.ts";
import type { UdpDetection } from "./udp.ts";
import { detectTcpWithFiles, detectUdpWithFiles, type WithFiles } from "./with-files.ts";

/** What an endpoint was found to be, and how to see that it still is. */
export interface Remembered {
  recipe: Recipe;
  evidence: Evidence[];
  flags: string[];
  servicefp: string | null;
}

/** Null: nothing that may be used. */
export type Memory = (endpoint: Endpoint) => Promise<Remembered | null>;

export interface WithMemory {
  /** Null or absent: everything is identified anew. */
  memory?: Memory | null | undefined;
}

/** Longest time that asking again may take before everything begins anew: two handshakes and an answer, ms. */
export const rememberingMs = (timeoutMs: number) => 3 * timeoutMs;

export async function detectTcpRemembering(
  options: DetectTcpOptions & WithFiles & WithMemory,
): Promise<Detection> {
  const { memory, endpoint, dialer, profile } = options;
  if (!memory) return detectTcpWithFiles(options);
  const known = await memory(endpoint);
  if (!known) return withRecipe(options, await detectTcpWithFiles(options));
  const same = await sameAgain(options, known, options.connection);
  if (same) return same;
  // The first connection has been spoken on; detection begins with one that has not.
  const opened = await dialer.open({ timeoutMs: profile.timeoutMs });
  const connection = opened.state === "open" ? opened.connection : options.connection;
  return withRecipe(options, await detectTcpWithFiles({ ...options, connection }));
}

export async function detectUdpRemembering(
  options: DetectOptions & WithFiles & WithMemory,
): Promise<UdpDetection> {
  const { memory, endpoint } = options;
  const known = memory ? await memory(endpoint) : null;
  const same = known ? await sameAgain(options, known, null) : null;
  if (same) return { state: "open", reason: "udp-response", detection: same };
  const seen = await detectUdpWithFiles(options);
  return memory && seen.state === "open" ? { ...seen, detection: withRecipe(options, seen.detection) } : seen;
}

const withRecipe = ({ knowledge, endpoint }: DetectOptions, detection: Detection): Detection => ({
  ...detection,
  recipe: recipeOf(knowledge, endpoint, detection),
});

/** Makes the one exchange again; null when it says anything else, or nothing. */
async function sameAgain(
  { endpoint, dialer, knowledge, profile, now }: DetectOptions,
  { recipe, evidence, flags, servicefp }: Remembered,
  connection: Connection | null,
): Promise<Detection | null> {
  const context = { ...endpoint, tls: recipe.tls };
  const ask = recipe.probe === "NULL" ? null : askNamed(knowledge, context, recipe.probe);
  if (!ask && recipe.probe !== "NULL") return null;
  const first = connection ? beginningWith(connection, dialer) : dialer;
  const talk = conversation({
    dialer: recipe.tls ? tunnelled(first, endpoint.hostname, profile.timeoutMs) : first,
    context,
    timeoutMs: profile.timeoutMs,
    deadline: now() + profile.timeoutMs,
    maxConnections: 1,
    now,
  });
  const channel = await talk.open({ anyPort: ask?.anyPort });
  if (!channel) return null;
  const response = ask
    ? await talk.ask(channel, ask)
    : await talk.read(channel, "NULL", {
        quietMs: GREETING_QUIET_MS,
        unfinished: unfinishedIn(knowledge.protocols),
      });
  channel.connection.close();
  const { tls } = channel.connection;
  if (response.data.length === 0 || exchangeHash(knowledge, endpoint, response, tls) !== recipe.hash)
    return null;
  return {
    responses: talk.responses,
    tls,
    facts: [],
    evidence,
    verdict: fuse({ ...endpoint, ports: knowledge.ports, evidence, asked: true }),
    flags,
    connections: talk.opened,
    servicefp,
    cached: true,
  };
}

/** The connection that is open already, then others. */
function beginningWith(connection: Connection, dialer: Dialer): Dialer {
  let first: Connection | null = connection;
  return {
    async open(bounds) {
      if (!first) return dialer.open(bounds);
      const opened = { state: "open" as const, reason: "syn-ack" as const, connection: first };
      first = null;
      return opened;
    },
  };
}
