/**
 * A flight is one probe under way: an exchange on a connection of its own (or on the one that NULL listened on), in the clear or inside
 * TLS. It may be started ahead of its turn; `sofar` and `result` are what the driver reads, the other fields say beside how many others
 * it flew, from which follows what its silence is worth (`flights.ts`).
 */
import type { TlsSession } from "../../model/observation.ts";
import type { Connection, Dialer } from "../../net/types.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";
import type { Exchange } from "./exchange.ts";
import type { Matching } from "./matching.ts";
import { NOTHING } from "./state.ts";

export interface Flight {
  readonly probe: PackProbe;
  /** Inside TLS? */
  readonly tls: boolean;
  /** Ordinal of its connection; -1 before there is one. */
  ordinal: number;
  connection: Connection | null;
  connectedAt: number;
  /** Nobody waits for it any more. */
  abandoned: boolean;
  /** What has come, as if it had ended there; null: not a byte. */
  sofar: Exchange | null;
  result: Exchange | null;
  /** Other connections open when it ended, a knock and those included that the server may not know to be closed. */
  crowd: number;
  /** It has been asked whether its silent close had to do with other connections. */
  doubted: boolean;
  /** Older connections open when it was connected. */
  olderAtConnect: number;
  /** `now()` since when no more than `served` are open with it; null: there are more, or always were fewer. */
  servedFrom: number | null;
}

/** A flight under way on which nothing has come, as if its window closed at `now`. */
export function asSilent({ probe, tls, ordinal, connectedAt }: Flight, now: number): Exchange {
  return {
    probe,
    tls,
    connection: ordinal,
    data: NOTHING,
    firstByteMs: null,
    end: "window",
    elapsedMs: now - connectedAt,
    softAt: null,
    softService: null,
  };
}

export interface FlightOptions {
  dialer: Dialer;
  transport: "tcp" | "udp";
  match: Matching;
  /** SNI, where a name is known. */
  servername: string | null;
  deadline: number;
  now: () => number;
  /** ms until a server has turned a connection away, or returned a goodbye, if it means to. */
  reactionMs: () => number;
  /** ms that a busy server may take to turn to the next connection. */
  graceMs: () => number;
  /** Ordinal of the next connection. */
  nextOrdinal: () => number;
}

export interface Start {
  probe: PackProbe;
  tls: boolean;
  /** Open already, nothing said or heard on it. */
  given?: Connection | null;
  mayCut?: ((sofar: Exchange) => boolean) | undefined;
}

export interface Knock {
  /** Said before the goodbye. */
  data: Uint8Array;
  /** Inside TLS? */
  tls?: boolean;
  /** Who is told exactly this is turned away. */
  refusal?: Uint8Array | undefined;
}

export interface Flights {
  /** The handshake's result, of the first that succeeded. */
  readonly session: TlsSession | null;
  /** Connections that are open, being opened, or closed by us so lately that the server may not know. */
  readonly open: number;
  /** Starts a probe on a connection of its own, or on one that is open already. */
  start(options: Start): Flight;
  /** Goes on with the next probe on the connection of an ended flight, whose bytes stay in the buffer. `mute`: only listens in its time. */
  goOn(before: Flight, probe: PackProbe, buffer: Uint8Array, mute?: boolean): Flight;
  /**
   * Does the server bear one more beside those that are open? Opens a connection, says goodbye, and sees whether that is returned. Behind
   * `data`, a request that it hears in silence, a returned goodbye shows too that the connection is served: the request was read.
   * Resolves to false when the connection was turned away.
   */
  knock(how: Knock): Promise<boolean>;
  /** Is the end of a flight the server's word on the probe, and not one that other connections may have caused? */
  isProven(flight: Flight): boolean;
  /** Closes the connection. A flight under way ends. */
  close(flight: Flight): void;
  closeAll(): void;
  /** Resolves at the next event: a connection, bytes, an end, or a call of `wake`. */
  news(): Promise<void>;
  wake(): void;
}
