/**
 * What a prober has found and not yet sent. Sightings leave soon, so that results show while the scan runs; closed and filtered ports, of
 * which there are many, leave as runs of equal outcomes with the next message or at the end. What open endpoints said is put into the archive right
 * before the message that tells of them: a prober that is killed leaves nothing in the table that could not be judged anew.
 */
import type { Cloud } from "../cloud/index.ts";
import type { Observation } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import { observationsObject } from "./keys.ts";
import { codeOf } from "./ledger.ts";
import type { Meter, ObservationMessage, Sighting } from "./messages.ts";

/**
 * Sightings that make a message full: as many as one request writes to the table; or so many characters: the ten messages that an aggregator takes stay
 * far below the 6 MB of an invocation.
 */
const SIGHTINGS_PER_MESSAGE = 25;
const CHARACTERS_PER_MESSAGE = 100_000;
/** The longest that one waits, ms. */
const LONGEST_WAIT_MS = 400;
/** With no sighting, progress is told this often, ms. */
const PROGRESS_MS = 2_000;

export interface Outgoing {
  settle(index: number, outcome: Outcome): void;
  settleRest(indices: readonly number[], outcome: Outcome): void;
  sight(sighting: Sighting, observation: Observation): void;
  /** An outcome code for each endpoint settled so far, sent or not; a sighting is as good as fingerprinted. */
  readonly told: Uint8Array;
  /**
   * Keeps what is not sent yet for `close`: a batch that looks complete before its meter came would announce its cost without it. What goes
   * into the archive goes now.
   */
  hold(): Promise<void>;
  /** Sends what there is and waits until all is sent; throws what any sending threw. */
  flush(): Promise<void>;
  /** Sends the rest with the meter; throws what any sending threw. */
  close(meter: Meter): Promise<void>;
}

/** What is sent comes of one invocation, for one generation of a batch. */
export interface Origin {
  scanId: string;
  batch: number;
  /** Endpoints of the batch. */
  size: number;
  generation: number;
  invocation: string;
}

/** `soFar`: what each message but the last says of the cost. */
export function outgoing(
  cloud: Pick<Cloud, "outbox" | "archive">,
  { size, ...origin }: Origin,
  soFar: () => Meter | null = () => null,
): Outgoing {
  const { scanId, batch } = origin;
  let sightings: Sighting[] = [];
  let observations: Observation[] = [];
  let part = 0;
  let characters = 0;
  let settled = new Map<number, number>();
  // A byte each: a loopback batch has 40,000 endpoints, and only a hand-over asks for them again.
  const told = new Uint8Array(size);
  let sending: Promise<void> = Promise.resolve();
  let failure: unknown = null;
  let timer: NodeJS.Timeout | null = null;

  function send(last: Meter | null = null): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (sightings.length === 0 && settled.size === 0 && !last) return;
    const meter = last ?? soFar();
    const message: ObservationMessage = { scanId, batch, sightings, settled: runs(settled), meter };
    sightings = [];
    characters = 0;
    settled = new Map();
    const archive = archiving();
    next(async () => {
      await archive();
      await cloud.outbox.observation.send([message]);
    });
  }

  /** One after another, and none for another's failure left out. */
  function next(work: () => Promise<void>): void {
    sending = sending.then(work).catch((error: unknown) => {
      failure ??= error;
    });
  }

  function archiving(): () => Promise<void> {
    const kept = observations;
    observations = [];
    if (kept.length === 0) return async () => undefined;
    const key = observationsObject({ ...origin, part: part++ });
    return () => cloud.archive.putJson(key, kept);
  }

  async function done(): Promise<void> {
    await sending;
    if (failure) throw failure;
  }

  async function sent(meter: Meter | null): Promise<void> {
    send(meter);
    await done();
  }

  let due = 0;
  let held = false;
  function flushWithin(ms: number): void {
    if (held) return;
    const at = Date.now() + ms;
    if (timer && due <= at) return;
    if (timer) clearTimeout(timer);
    due = at;
    timer = setTimeout(send, ms);
  }

  return {
    told,
    settle(index, outcome) {
      settled.set(index, codeOf(outcome));
      told[index] = codeOf(outcome);
      flushWithin(PROGRESS_MS);
    },
    settleRest(indices, outcome) {
      for (const index of indices) settled.set(index, codeOf(outcome));
    },
    sight(sighting, observation) {
      // Full when another comes, so that the last one waits for the meter.
      if (sightings.length >= SIGHTINGS_PER_MESSAGE || characters >= CHARACTERS_PER_MESSAGE) send();
      sightings.push(sighting);
      observations.push(observation);
      characters += JSON.stringify(sighting).length;
      told[sighting.index] = codeOf("fingerprinted");
      flushWithin(LONGEST_WAIT_MS);
    },
    hold() {
      held = true;
      if (timer) clearTimeout(timer);
      timer = null;
      next(archiving());
      return done();
    },
    flush: () => sent(null),
    close: sent,
  };
}

/** [code, first index, how many] for each run of neighbours with one code. */
export function runs(settled: ReadonlyMap<number, number>): ObservationMessage["settled"] {
  const found: ObservationMessage["settled"] = [];
  for (const [index, code] of [...settled].sort(([a], [b]) => a - b)) {
    const last = found.at(-1);
    if (last && last[0] === code && last[1] + last[2] === index) last[2]++;
    else found.push([code, index, 1]);
  }
  return found;
}
