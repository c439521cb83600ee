/**
 * The RPC grinder: which program sits behind a port that speaks ONC RPC (spec/version-detection.md, section 11)?
 *
 * Nobody answers that, but every server refuses a version that it does not have, and says which ones it has: but only for
 * a program of its own. So each program of a list is called with a version that nobody has, until one call ends in
 * a version mismatch. Four workers, each with one connection, draw from the list; the first in the list wins, whoever
 * answers first. A lost datagram is repeated as it was, a lost connection is opened once again at the same
 * program, and a program that a worker died over goes to another before it is given up.
 */
import type { Transport } from "../model/endpoint.ts";
import type { Connection, Dialer } from "../net/types.ts";
import {
  DUMP,
  PORTMAPPER,
  PORTMAPPER_VERSION,
  type PortmapEntry,
  parsePortmapDump,
} from "../protocols/portmapper.ts";
import {
  answerTo,
  callMessage,
  MAX_RECORD_BYTES,
  marked,
  parseReplyMessage,
  type RpcCall,
} from "../protocols/rpc-message.ts";
import type { RpcProgram } from "../registry/rpc.ts";

/** What is known of RPC before a port is asked. */
export interface RpcKnowledge {
  /** The operator's list (`--rpc`); absent: our own. */
  programs?: readonly Pick<RpcProgram, "number" | "name">[];
  /** What the host's port mapper lists, asked for when a port speaks RPC: the programs of this port are tried first. */
  listed?: () => Promise<readonly PortmapEntry[]>;
}

export interface RpcAskOptions {
  dialer: Dialer;
  transport: Transport;
  /** Longest wait for one answer, ms; over UDP all three sendings of a call share it. */
  timeoutMs: number;
  /** Monotonic clock, ms. */
  now: () => number;
  /** `now()` past this: no further call; absent: none. */
  deadline?: number;
  /** Uniform in [0, 1). */
  random: () => number;
}

export interface GrindOptions extends RpcAskOptions {
  /** Asked for in this order; of two with one number the first counts. */
  programs: readonly Pick<RpcProgram, "number" | "name">[];
  /** Numbers to ask for before all others: what the port mapper lists at this port. */
  first?: readonly number[];
}

export interface GroundProgram {
  /** Program number. */
  program: number;
  name: string;
  /** Lowest and highest version that the server has. */
  low: number;
  high: number;
  /** The reply that said so, without record mark. */
  reply: Uint8Array;
  /** ms from sending the call to the first byte that came back. */
  firstByteMs: number | null;
  /** The connection that carried it; closed. */
  connection: Connection;
}

const WORKERS = 4;
/** Versions asked for: this many from the first on. No program has come near them. */
const FIRST_VERSION = 100_000_000;
const VERSION_SPAN = 1_900_000_000;
/** A call over UDP is sent this often, ... */
const UDP_SENDINGS = 3;
/** ... this far apart, or less where the wait is shorter than three of them, ms. */
const RESEND_MS = 1000;
/** Workers that may die over one program. */
const MOST_DEATHS = 2;

interface Item {
  number: number;
  name: string;
  index: number;
  deaths: number;
}

interface Answer {
  /** Without record mark. */
  message: Uint8Array;
  firstByteMs: number | null;
}

interface Line {
  connection: Connection;
  /** Bytes of the stream that came behind the last answer. */
  rest: Uint8Array;
}

/** Finds the program. Null: none of the list, or nobody answered in time. Closes every connection that it opened. */
export async function grind(options: GrindOptions): Promise<GroundProgram | null> {
  const { deadline = Number.POSITIVE_INFINITY, random, now } = options;
  const waiting = itemsOf(options);
  const busy = new Map<Item, Line>();
  const found: { item: Item; program: GroundProgram }[] = [];
  let answered = false;
  const wanted = (item: Item) => found.every((other) => item.index < other.item.index);

  const worker = async () => {
    const version = FIRST_VERSION + Math.floor(random() * VERSION_SPAN);
    let xid = Math.floor(random() * 2 ** 32);
    let again = false;
    let line = await openLine(options);
    let item = line ? waiting.shift() : undefined;
    while (line && item && wanted(item) && now() < deadline) {
      busy.set(item, line);
      xid = (xid + 1) % 2 ** 32;
      const answer = await ask(options, line, { xid, program: item.number, version, procedure: 0 });
      busy.delete(item);
      if (answer) {
        answered = true;
        const program = programOf(item, answer, line);
        if (program && wanted(item)) found.push({ item, program });
        // Those who ask for later programs need not wait for their answers.
        for (const [other, { connection }] of busy) if (!wanted(other)) connection.close();
        again = false;
        item = found.length === 0 ? waiting.shift() : undefined;
      } else if (!wanted(item)) {
        break;
      } else if (again || options.transport === "udp") {
        item.deaths++;
        if (item.deaths < MOST_DEATHS) waiting.unshift(item);
        break;
      } else {
        again = true;
        line.connection.close();
        line = await openLine(options);
        if (!line) waiting.unshift(item);
      }
    }
    line?.connection.close();
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  // What came back from the dead after all others had left.
  if (answered && found.length === 0 && waiting.length > 0) await worker();
  return found.at(-1)?.program ?? null;
}

/** The port mapper's list, by procedure DUMP of version 2. Null when it does not tell. */
export async function portmapperDump(options: RpcAskOptions): Promise<PortmapEntry[] | null> {
  const line = await openLine(options);
  if (!line) return null;
  const xid = Math.floor(options.random() * 2 ** 32);
  const call = { xid, program: PORTMAPPER, version: PORTMAPPER_VERSION, procedure: DUMP };
  const answer = await ask(options, line, call);
  line.connection.close();
  const reply = answer && parseReplyMessage(answer.message);
  return reply?.status === "success" ? parsePortmapDump(reply.results) : null;
}

function itemsOf({ programs, first = [] }: GrindOptions): Item[] {
  const names = new Map<number, string>();
  for (const { number, name } of programs) if (!names.has(number)) names.set(number, name);
  const numbers = new Set([...first, ...names.keys()]);
  return [...numbers].map((number, index) => ({
    number,
    name: names.get(number) ?? `rpc-${number}`,
    index,
    deaths: 0,
  }));
}

/** The program is here when it refuses the version only; SUCCESS for a version that nobody has says nothing. */
function programOf(
  { number, name }: Item,
  { message, firstByteMs }: Answer,
  { connection }: Line,
): GroundProgram | null {
  const versions = parseReplyMessage(message)?.versions;
  if (!versions) return null;
  const [low, high] = versions;
  return { program: number, name, low, high, reply: message, firstByteMs, connection };
}

async function openLine({ dialer, timeoutMs, now, deadline }: RpcAskOptions): Promise<Line | null> {
  const left = deadline === undefined ? timeoutMs : Math.min(timeoutMs, deadline - now());
  if (left <= 0) return null;
  const opened = await dialer.open({ timeoutMs: left });
  return opened.state === "open" ? { connection: opened.connection, rest: new Uint8Array(0) } : null;
}

/** One call and the message that answers it. Null: silence, a lost connection, or no RPC at all. */
async function ask(options: RpcAskOptions, line: Line, call: RpcCall): Promise<Answer | null> {
  const { transport, now, deadline = Number.POSITIVE_INFINITY } = options;
  const until = Math.min(now() + options.timeoutMs, deadline);
  const message = callMessage(call);
  if (transport === "tcp") {
    line.connection.write(marked(message));
    return await hear(line, call.xid, until, now);
  }
  const pause = Math.min(RESEND_MS, options.timeoutMs / UDP_SENDINGS);
  for (let sending = 1; sending <= UDP_SENDINGS && !line.connection.ended; sending++) {
    line.connection.write(message);
    const last = sending === UDP_SENDINGS;
    const answer = await hear(line, call.xid, last ? until : Math.min(now() + pause, until), now);
    if (answer) return answer;
  }
  return null;
}

/** Reads until the answer is there. What has other ids, or is no RPC, is passed over (UDP) or ends it (TCP). */
async function hear(line: Line, xid: number, until: number, now: () => number): Promise<Answer | null> {
  const { connection, rest } = line;
  const stream = connection.transport === "tcp";
  const all = (received: Uint8Array) => (rest.length === 0 ? received : Buffer.concat([rest, received]));
  const { data, firstByteMs } = await connection.read({
    timeoutMs: Math.max(1, until - now()),
    complete: (received) => answerTo(xid, all(received), stream) !== "more",
  });
  const answer = answerTo(xid, all(data), stream);
  // Behind an answer nothing but a few late ones can stand: calls go out one at a time.
  if (answer === null || answer === "more" || answer.rest.length > MAX_RECORD_BYTES) return null;
  line.rest = answer.rest;
  return { message: answer.message, firstByteMs };
}
