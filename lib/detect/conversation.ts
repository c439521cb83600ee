/**
 * Everything sent to and heard from one TCP or UDP endpoint: opens connections within the endpoint's budget and deadline, names each
 * response after its probe, and keeps them all. What it records is all that detection may conclude from.
 */
import type { Response, TlsSession } from "../model/observation.ts";
import { MAX_READ_BYTES } from "../net/inbox.ts";
import { lossyWay, patience } from "../net/round-trip.ts";
import type { Connection, Dialer, DialOptions, Opened, ReadBounds } from "../net/types.ts";
import type { Ask, AskContext, Protocol, Session } from "../protocols/types.ts";

export interface ConversationOptions {
  dialer: Dialer;
  context: AskContext;
  /** Longest wait for an answer, ms. */
  timeoutMs: number;
  /** `now()` past this: no further connection or request. */
  deadline: number;
  maxConnections: number;
  now: () => number;
}

/** After bytes arrived, this long without more, and the way, ends a read that no protocol can end itself, ms. */
export const QUIET_MS = 120;
/** The same for a greeting, which is one piece as a rule, ms. */
export const GREETING_QUIET_MS = 40;

/** The end of a greeting that has begun is waited for so many times the profile's wait: postscreen takes 6 s (postconf(5), postscreen_greet_wait). */
const UNFINISHED_WAITS = 2.5;

export interface Channel {
  connection: Connection;
  ordinal: number;
}

export interface Conversation {
  readonly context: AskContext;
  readonly responses: Response[];
  tls: TlsSession | null;
  /** Questions after which it hung up once we had nothing more to say. */
  heardOut: number;
  readonly opened: number;
  /** The last attempt to open a further connection was refused or reset: one at a time from now on. */
  readonly refusedMore: boolean;
  /** A further connection was not answered in time: a firewall counts them, or the server takes no more while it has these. */
  readonly passedOver: boolean;
  /** The way there and back: the shortest connect so far, ms. */
  readonly rttMs: number;
  /** ms left to the deadline. */
  left(): number;
  adopt(connection: Connection): Channel;
  /** `anyPort`, `signal`: see {@link Dialer}. */
  open(options?: Omit<DialOptions, "timeoutMs">): Promise<Channel | null>;
  read(
    channel: Channel,
    probe: string,
    bounds: Omit<ReadBounds, "timeoutMs"> & {
      timeoutMs?: number;
      /** What was read is the beginning of something whose end is waited for beyond these bounds. */
      unfinished?: ((data: Uint8Array) => boolean) | undefined;
    },
  ): Promise<Response>;
  ask(channel: Channel, ask: Ask): Promise<Response>;
  /** Closes a channel that is not needed any more; what it was still waiting for is not recorded as silence. */
  drop(channel: Channel): void;
  /** `ask`: how its questions are put; `self.ask` unless told otherwise. */
  session(
    protocol: Protocol,
    channel: Channel | null,
    ask?: (channel: Channel, ask: Ask) => Promise<Response>,
  ): Session & { close(): void };
}

/** Tries of a connection that nobody answers, and how long the first of them lasts, in waits: the system repeats a SYN after a second (RFC 6298). */
const TRIES = 4;
const FIRST_TRY = 2;

/**
 * A connection to a port that is known to be open. Who counts connections (a firewall with a limit, a full queue) drops those that are too many without
 * a word: a little later the next is let in. `left`: ms for which it may be tried.
 */
export async function persistently(
  open: (timeoutMs: number) => Promise<Opened>,
  { timeoutMs, rttMs, left }: { timeoutMs: number; rttMs: number; left: () => number },
): Promise<Opened> {
  for (let tries = 1; ; tries++) {
    const longest = tries === 1 ? Math.min(FIRST_TRY * patience(rttMs), timeoutMs) : timeoutMs;
    const opened = await open(Math.max(1, Math.min(longest, left())));
    if (opened.state !== "filtered" || tries >= TRIES || left() <= 0) return opened;
  }
}

export function conversation(options: ConversationOptions): Conversation {
  const { dialer, context, deadline, now } = options;
  const responses: Response[] = [];
  let opened = 0;
  let opening = 0;
  let refusedMore = false;
  let passedOver = false;
  let rttMs = Number.POSITIVE_INFINITY;
  const dropped = new Set<Channel>();
  const left = () => Math.max(0, deadline - now());
  const bounded = (ms: number) => Math.max(1, Math.min(ms, left()));

  const self: Conversation = {
    context,
    responses,
    tls: null,
    heardOut: 0,
    get opened() {
      return opened;
    },
    get refusedMore() {
      return refusedMore;
    },
    get passedOver() {
      return passedOver;
    },
    get rttMs() {
      return rttMs;
    },
    left,
    adopt(connection) {
      rttMs = Math.min(rttMs, connection.connectMs);
      return { connection, ordinal: opened++ };
    },

    async open(how = {}) {
      // Those on their way count, too: several are opened side by side.
      if (opened + opening >= options.maxConnections || left() <= 0) return null;
      opening++;
      const { timeoutMs } = options;
      const attempt = async (longest: number) => {
        const tried = await dialer.open({ ...how, timeoutMs: longest });
        passedOver ||= tried.state === "filtered" && longest >= timeoutMs;
        return tried;
      };
      const result = await persistently(attempt, { timeoutMs, rttMs, left }).finally(() => opening--);
      const wanted = !how.signal?.aborted;
      if (result.state === "open") {
        if (wanted) return self.adopt(result.connection);
        result.connection.close();
      } else refusedMore ||= wanted;
      return null;
    },

    async read(channel, probe, { unfinished, ...bounds }) {
      const { quietMs } = bounds;
      const timeoutMs = bounded(bounds.timeoutMs ?? options.timeoutMs);
      const begun = await channel.connection.read({
        ...bounds,
        // Between two pieces of an answer may lie a packet that was lost, or the way of an acknowledgement.
        quietMs: quietMs && quietMs + lossyWay(rttMs),
        timeoutMs,
      });
      const { firstByteMs } = begun;
      let { data, end } = begun;
      if (unfinished?.(data) && !channel.connection.ended) {
        const rest = await channel.connection.read({
          complete: (more) => !unfinished(Buffer.concat([data, more])),
          timeoutMs: bounded(UNFINISHED_WAITS * options.timeoutMs),
          maxBytes: MAX_READ_BYTES - data.length,
        });
        data = Buffer.concat([data, rest.data]);
        end = rest.end;
      }
      const tls = channel.connection.tls !== null || context.tls;
      const response: Response = { probe, tls, data, firstByteMs, end, connection: channel.ordinal };
      if (data.length === 0 && end === "timeout") response.waitedMs = Math.round(timeoutMs);
      if (data.length > 0 || !dropped.has(channel)) responses.push(response);
      return response;
    },

    ask(channel, { probe, data, complete, timeoutMs, halfClose }) {
      channel.connection.write(data);
      if (halfClose) channel.connection.endWriting();
      return self.read(channel, probe, {
        complete,
        quietMs: complete ? undefined : QUIET_MS,
        timeoutMs: Math.min((timeoutMs ?? options.timeoutMs) + lossyWay(rttMs), options.timeoutMs),
      });
    },

    drop(channel) {
      dropped.add(channel);
      channel.connection.close();
    },

    session(protocol, first, put = self.ask) {
      let channel = first;
      return {
        context,
        responses,
        async ask(ask, { fresh = false, here = false } = {}) {
          if (left() <= 0) return null;
          if (fresh || !channel || channel.connection.ended) {
            if (here) return null;
            channel?.connection.close();
            channel = await self.open();
            if (channel && protocol.speaksFirst === "server") {
              const { unfinished } = protocol;
              const greeting = await self.read(channel, "NULL", { quietMs: GREETING_QUIET_MS, unfinished });
              if (unfinished?.(greeting.data)) return null;
            }
          }
          return channel ? put(channel, ask) : null;
        },
        async startTls() {
          if (!channel) return null;
          const session = await channel.connection.startTls({
            servername: context.hostname,
            alpn: [],
            timeoutMs: bounded(options.timeoutMs),
          });
          if (session && !self.tls) self.tls = { ...session, upgraded: true };
          return session;
        },
        close() {
          channel?.connection.close();
        },
      };
    },
  };
  return self;
}
