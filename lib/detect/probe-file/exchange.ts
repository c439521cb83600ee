/**
 * One probe on one connection, from sending to the end of its response window, recorded so that the state machine can
 * be fed with it now or later. The response is looked at as it grows (paced by the connection, so that a peer that
 * drips cannot make us match a growing buffer at every byte): a hard match ends it, a first soft match is remembered
 * as a place in the bytes.
 */
import type { ReadEnd } from "../../model/observation.ts";
import type { Connection } from "../../net/types.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";
import { FULL_BUFFER, joined } from "./machine.ts";
import type { Matching } from "./matching.ts";
import type { PortEvent } from "./state.ts";

export interface Exchange {
  probe: PackProbe;
  tls: boolean;
  /** Ordinal of the connection. */
  connection: number;
  /** Everything received, without what the connection had brought before. */
  data: Uint8Array;
  firstByteMs: number | null;
  end: "hard" | "full" | "window" | "eof" | "reset" | "connect-failed" | "cancelled";
  /** ms from the connection's making to the end. */
  elapsedMs: number;
  /** Where the first soft match was seen, bytes of `data`; null: none was. */
  softAt: number | null;
  /** The service that it named. */
  softService: string | null;
}

/** Not by its time or its buffer: there is nothing more to come, or nothing more is wanted. */
export const isEnded = ({ end }: Exchange) => end !== "window" && end !== "full";

export interface RunOptions {
  probe: PackProbe;
  match: Matching;
  connection: Connection;
  ordinal: number;
  tls: boolean;
  /** Says nothing. */
  mute?: boolean;
  /** Bytes of the same connection that patterns see before these. */
  before: Uint8Array;
  /** `now()` at which the connection was made, ms. */
  connectedAt: number;
  /** `now()` from which the window counts, ms. */
  windowFrom: number;
  /** `now()` past this: cancelled. */
  deadline: number;
  now: () => number;
  /** Called whenever bytes have come, with the exchange as if it ended there. */
  onData?: (sofar: Exchange) => void;
  /** Asked when the window closed on silence: ms to wait on, 0 to end. */
  extend?: () => number;
  /** Asked once, when bytes came and none followed for `QUIET_MS`: may the rest of the window be spared? */
  mayCut?: ((sofar: Exchange) => boolean) | undefined;
}

/** A greeting with this much silence behind it is whole, ms: many times what a line's next packet takes. */
const QUIET_MS = 1_000;

/** Sends and reads. Never rejects. */
export async function runExchange(options: RunOptions): Promise<Exchange> {
  const { probe, connection, before, now, deadline } = options;
  const sentAt = now();
  // What nobody has said anything on was silent from the beginning.
  const bornMs = probe.data.length === 0 && !options.tls ? 0 : connection.leastAgeMs;
  let data: Uint8Array = new Uint8Array(0);
  let firstByteMs: number | null = null;
  let softAt: number | null = null;
  let softService: string | null = null;
  let hard = false;

  const look = (received: Uint8Array): boolean => {
    firstByteMs ??= now() - sentAt;
    const all = joined(data, received);
    const buffer = joined(before, all);
    const found = options.match(probe, buffer);
    if (found?.soft) {
      softAt ??= all.length;
      softService ??= found.match.service;
    }
    hard = found !== null && !found.soft;
    options.onData?.({ ...ended(hard ? "hard" : "window"), data: all });
    return hard || buffer.length >= FULL_BUFFER;
  };
  const ended = (end: Exchange["end"]): Exchange => ({
    probe,
    tls: options.tls,
    connection: options.ordinal,
    data,
    firstByteMs,
    end,
    // The clock of waits may have stood still where this machine had no time (`lib/net/patience.ts`): the peer's has not. Rather too old: a close
    // after `tcpwrappedms` must never look like one before.
    elapsedMs: Math.max(now() - options.connectedAt, connection.ageMs),
    softAt,
    softService,
  });

  const isSilentFor = (ms: number) => connection.leastAgeMs - bornMs >= ms;

  if (probe.data.length > 0 && !options.mute) connection.write(probe.data);
  let until = options.windowFrom + probe.totalWaitMs;
  let { mayCut } = options;
  for (;;) {
    const timeoutMs = Math.max(1, Math.min(until, deadline) - now());
    const read = await connection.read({
      timeoutMs,
      complete: look,
      ...(mayCut ? { quietMs: QUIET_MS } : {}),
    });
    if (read.data.length > 0) data = joined(data, read.data);
    if (read.end === "quiet") {
      if (mayCut?.(ended("window"))) return ended("window");
      mayCut = undefined;
      continue;
    }
    const end = endOf(read.end, hard);
    const more = data.length === 0 ? (options.extend?.() ?? 0) : 0;
    if (end !== "window") {
      // Who was silent for the window that the file gives had no answer, though on a busy machine the wait went on.
      const outlasted = data.length === 0 && isSilentFor(probe.totalWaitMs) && more <= 0;
      return ended(outlasted && (end === "eof" || end === "reset") ? "window" : end);
    }
    if (deadline <= until) return ended("cancelled");
    if (more <= 0) return ended("window");
    until = now() + more;
  }
}

function endOf(end: ReadEnd, hard: boolean): Exchange["end"] {
  if (hard) return "hard";
  if (end === "eof" || end === "reset") return end;
  return end === "complete" || end === "cap" ? "full" : "window";
}

/** How a recorded response ended, in the model's words. */
export function readEndOf({ end }: Exchange): ReadEnd {
  switch (end) {
    case "hard":
      return "complete";
    case "full":
      return "cap";
    case "eof":
    case "reset":
      return end;
    default:
      return "timeout";
  }
}

/** The exchange as the events that the machine knows. What comes after a hard match is not looked at. */
export function eventsOf({ data, softAt, end, elapsedMs }: Exchange): PortEvent[] {
  const events: PortEvent[] = [];
  const cut = softAt !== null && softAt < data.length ? softAt : data.length;
  if (cut > 0) events.push({ type: "data", data: data.subarray(0, cut) });
  if (cut < data.length) events.push({ type: "data", data: data.subarray(cut) });
  switch (end) {
    case "eof":
    case "reset":
      events.push({ type: end, elapsedMs });
      break;
    case "connect-failed":
    case "cancelled":
      events.push({ type: end });
      break;
    default:
      events.push({ type: "window" });
  }
  return events;
}
