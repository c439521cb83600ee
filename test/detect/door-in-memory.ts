/**
 * Doors in memory, and in a time of their own: only sockets, timers and the clock are not the prober's own. So what its order of questions and its budgets
 * of questions, connections and time make of a door that has one answer, and hangs up on all else or is silent, is seen in milliseconds.
 */
import { vi } from "vitest";
import type { Silence } from "../../lib/detect/detection.ts";
import { detectTcp } from "../../lib/detect/tcp.ts";
import { detectUdp } from "../../lib/detect/udp.ts";
import type { Transport } from "../../lib/model/endpoint.ts";
import type { Verdict } from "../../lib/model/fingerprint.ts";
import { inbox } from "../../lib/net/inbox.ts";
import { patientNow } from "../../lib/net/patience.ts";
import type { Connection, DialOptions } from "../../lib/net/types.ts";
import { protocols } from "../../lib/protocols/index.ts";
import type { Registered } from "../../lib/protocols/types.ts";
import { profileByName } from "../../lib/scan/profiles.ts";
import type { Pack } from "../../lib/signatures/types.ts";

export interface Door {
  transport: Transport;
  port: number;
  /** The answer; null: it hangs up (over UDP: nothing); undefined: it waits for more. */
  answer(question: Uint8Array): Uint8Array | null | undefined;
  /** On each connection, whatever was said before. */
  greets?: { line: string; afterMs: number };
  /** What it takes for its answers, ms. */
  slow?: number;
  /** It serves so many connections and is silent on all further ones. */
  bears?: number;
  /** It has so many connections at once, and leaves further ones unanswered. */
  queues?: number;
  /** Does not see that nobody writes any more. */
  deaf?: true;
  /** The way there and back, ms. */
  rttMs?: number;
}

export interface Seen {
  verdict: Verdict | null;
  connections: number;
  /** To the verdict, ms. */
  ms: number;
  silence: Silence | null;
  /** Questions that it answered. */
  answers: number;
}

/** What the profile `standard` sees of it. `brief`: see DetectOptions. */
export async function seen(
  door: Door,
  known: readonly Registered[] = protocols,
  { packs = [], brief = false }: { packs?: readonly Pack[]; brief?: boolean } = {},
): Promise<Seen> {
  const { transport, port, rttMs = 0 } = door;
  const dialer = {
    async open({ timeoutMs }: DialOptions) {
      if (open.size >= (door.queues ?? Number.POSITIVE_INFINITY)) {
        await new Promise((resolve) => setTimeout(resolve, timeoutMs));
        return { state: "filtered" as const, reason: "no-response" as const };
      }
      if (rttMs > 0 && transport === "tcp") await new Promise((resolve) => setTimeout(resolve, rttMs));
      return { state: "open" as const, reason: "syn-ack" as const, connection: connect() };
    },
  };
  const options = {
    endpoint: { host: "192.0.2.1", hostname: null, transport, port },
    dialer,
    knowledge: { protocols: known, packs },
    profile: profileByName("standard"),
    now: patientNow,
    brief,
  };
  let connections = 0;
  const open = new Set<Connection>();
  const connect = () => {
    const made = connection(door, ++connections > (door.bears ?? Number.POSITIVE_INFINITY), (closed) =>
      open.delete(closed),
    );
    open.add(made);
    return made;
  };
  const began = patientNow();
  const detection =
    transport === "tcp" ? await detectTcp({ ...options, connection: connect() }) : await overUdp(options);
  const { verdict = null, silence = null, responses = [] } = detection ?? {};
  const answers = responses.filter(({ data }) => data.length > 0).length;
  return { verdict, connections, ms: patientNow() - began, silence, answers };
}

async function overUdp(options: Parameters<typeof detectUdp>[0]) {
  const found = await detectUdp(options);
  return found.state === "open" ? found.detection : null;
}

function connection(
  { transport, answer, deaf, greets, slow = 0, rttMs = 0 }: Door,
  unserved: boolean,
  onClosed: (closed: Connection) => void,
): Connection {
  const box = inbox({ pause: () => undefined, resume: () => undefined });
  const comesBack = (what: () => void, afterMs = 0) => {
    if (rttMs + afterMs > 0) setTimeout(what, rttMs + afterMs);
    else what();
  };
  if (greets) setTimeout(() => box.push(Buffer.from(greets.line)), greets.afterMs);
  const self: Connection = {
    transport,
    connectMs: transport === "tcp" ? rttMs : 0,
    ageMs: 0,
    leastAgeMs: 0,
    get ended() {
      return box.ended;
    },
    tls: null,
    write(question) {
      const said = unserved ? undefined : answer(question);
      if (said) comesBack(() => box.push(Buffer.from(said)), slow);
      if (said === null && transport === "tcp") comesBack(() => box.finish("eof"));
    },
    endWriting() {
      if (!deaf && !unserved) comesBack(() => box.finish("eof"));
    },
    read: (bounds) => box.read(bounds),
    startTls: () => Promise.resolve(null),
    close() {
      box.finish("eof");
      onClosed(self);
    },
  };
  return self;
}

const TIMERS = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
] as const;
/** Grain of that time, ms. */
const GRAIN_MS = 10;
const realImmediate = setImmediate;

/** Time passes as fast as the work lets it, until it is done. */
export async function inItsOwnTime<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: [...TIMERS, "Date"] });
  const clock = vi.spyOn(performance, "now").mockImplementation(() => Date.now());
  try {
    let running = true;
    const done = work().finally(() => {
      running = false;
    });
    while (running) {
      vi.advanceTimersByTime(GRAIN_MS);
      await new Promise((resolve) => realImmediate(resolve));
    }
    return await done;
  } finally {
    clock.mockRestore();
    vi.useRealTimers();
  }
}
