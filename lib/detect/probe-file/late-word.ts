/**
 * A word that comes late on the connection on which NULL listened. In strict order the first probe would be sent there and have its time; where it
 * was sent ahead on another connection, this one is listened to for as long, and what comes on it is that probe's answer.
 */
import type { PackProbe } from "../../signatures/probe-pack.ts";
import type { Exchange } from "./exchange.ts";
import type { Flight, Flights } from "./flight.ts";
import { NOTHING, type Step } from "./state.ts";

/** The first probe's turn: where the machine stood, and how many exchanges it had used. */
export interface Turn {
  step: Step;
  used: number;
}

export interface LateWord {
  /** Something has come. */
  readonly begun: boolean;
  /** Listens on the connection that NULL has `left`, in the time of `probe`. */
  listen(left: Flight, probe: PackProbe, turn: Turn): void;
  /** Gives the connection's place back once that time is over. */
  settle(): void;
  /** Waits for the end of that time; null: nobody listens, or nothing came. */
  wait(): Promise<{ exchange: Exchange; turn: Turn } | null>;
  /** Listens no more. */
  forget(): void;
}

export function lateWordOn(flights: Flights): LateWord {
  let listening: { flight: Flight; turn: Turn } | null = null;
  const forget = () => {
    if (listening) flights.close(listening.flight);
    listening = null;
  };
  return {
    get begun() {
      return Boolean(listening?.flight.sofar);
    },
    listen(left, probe, turn) {
      listening = { flight: flights.goOn(left, probe, NOTHING, true), turn };
    },
    settle() {
      if (listening?.flight.result) flights.close(listening.flight);
    },
    async wait() {
      if (!listening) return null;
      const { flight, turn } = listening;
      while (!flight.result) await flights.news();
      forget();
      return flight.result.data.length > 0 ? { exchange: flight.result, turn } : null;
    },
    forget,
  };
}
