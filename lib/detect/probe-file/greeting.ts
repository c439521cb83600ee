/**
 * What the server has greeted with, and what is owed to it for that. Who greets as a service that punishes impatience (or is expected to
 * greet, or is half recognised by the file) is asked one by one: `courteous`. A stranger's greeting is only remembered: an answer that comes
 * without it is not of the same server.
 */
import type { Exchange } from "./exchange.ts";
import type { Flight } from "./flight.ts";
import { NOTHING } from "./state.ts";

export interface GreetingOptions {
  /** Does the port's prior say that its server greets (inside TLS, if `tunnel`)? */
  serverFirst: (tunnel: boolean) => boolean;
  /** Is this the greeting of a service that we know, and that is to be asked one connection at a time? */
  isGreeting: (data: Uint8Array) => boolean;
}

export interface Greeting {
  /** A known service has greeted: one by one. */
  readonly courteous: boolean;
  /** Is this NULL to be left alone with its connection? */
  listensOn(flight: Flight): boolean;
  /** What NULL has heard, so far or at its end. */
  heard(exchange: Exchange | null): void;
  /** Does this begin like the stranger's greeting? Always, where there was none. */
  isBehind(data: Uint8Array): boolean;
  /** Another layer begins. */
  forget(): void;
}

/** Bytes in which all greetings of one server agree: a reply code and what follows it, or a magic. */
const GREETING_HEAD = 4;

/** `onKnown`: called when a known service has greeted. */
export function greetingOf({ serverFirst, isGreeting }: GreetingOptions, onKnown: () => void): Greeting {
  let courteous = false;
  /** What an unknown one greeted with. */
  let greeting: Uint8Array = NOTHING;

  /** A service that we know, or the port's own, or one that the file has half recognised. */
  const isKnown = ({ data, softAt, tls }: Exchange) =>
    softAt !== null || serverFirst(tls) || isGreeting(data);

  return {
    get courteous() {
      return courteous;
    },
    listensOn({ tls, sofar, result }) {
      const exchange = result ?? sofar;
      if (exchange && exchange.data.length > 0) return isKnown(exchange);
      return !result && serverFirst(tls);
    },
    heard(exchange) {
      if (!exchange || exchange.data.length === 0 || courteous) return;
      if (isKnown(exchange)) {
        courteous = true;
        onKnown();
      } else greeting = exchange.data;
    },
    isBehind(data) {
      const head = greeting.subarray(0, GREETING_HEAD);
      return Buffer.compare(data.subarray(0, head.length), head) === 0;
    },
    forget() {
      courteous = false;
      greeting = NOTHING;
    },
  };
}
