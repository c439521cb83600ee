/**
 * What the server has greeted with, and what is owed to it for that. Who greets as a service that punishes connections side by side, or greets
 * in a way that we do not know where such a service is expected, is asked one by one: `courteous`, unless it turns everybody away. Any other greeting is only remembered: an
 * answer that comes without it is not of the same server, unless it greets otherwise each time.
 */
import { latin1 } from "../../model/observation.ts";
import type { Exchange } from "./exchange.ts";
import type { Flight } from "./flight.ts";
import { NOTHING } from "./state.ts";

export interface GreetingOptions {
  /** Does the port's prior say that its server greets (inside TLS, if `tunnel`)? */
  serverFirst: (tunnel: boolean) => boolean;
  /**
   * Is this the greeting of a service that minds connections side by side? Null: of none that we know. `service`: what the file takes it for, by a
   * soft match.
   */
  mindsCompany: (data: Uint8Array, service: string | null) => boolean | null;
}

export interface Greeting {
  /** Who has greeted is to be asked one by one. */
  readonly courteous: boolean;
  /** NULL has heard something. */
  readonly begun: boolean;
  /** Is this NULL to be left alone with its connection? */
  listensOn(flight: Flight): boolean;
  /** What NULL has heard, so far or at its end. */
  heard(exchange: Exchange | null): void;
  /** Does this begin like the greeting? Always, where there was none. */
  isBehind(data: Uint8Array): boolean;
  /** What came on a connection of its own while there was no other. Who greets otherwise each time is not known by its greeting. */
  heardAlone(data: Uint8Array): void;
  /** Another layer begins. */
  forget(): void;
}

/** Bytes in which all greetings of one server agree: a reply code and what follows it, or a magic. */
const GREETING_HEAD = 4;

/** A refusal for good in the reply codes that mail, news and file transfer share (RFC 5321, section 4.2.1): whom it turns away it cannot punish. */
const isRefusal = (data: Uint8Array) => /^5\d\d[ -]/.test(latin1(data.subarray(0, GREETING_HEAD)));

/** Always, where there was none. */
const beginsLike = (greeting: Uint8Array, data: Uint8Array) => {
  const head = greeting.subarray(0, GREETING_HEAD);
  return Buffer.compare(data.subarray(0, head.length), head) === 0;
};

export interface GreetingEvents {
  /** A service has greeted that is to be asked one by one. */
  onCourteous: () => void;
  /** It greets otherwise each time: what was not believed for that had no other fault. */
  onVaries: () => void;
}

export function greetingOf(
  { serverFirst, mindsCompany }: GreetingOptions,
  { onCourteous, onVaries }: GreetingEvents,
): Greeting {
  let courteous = false;
  let begun = false;
  /** What came alone and without the greeting: a refusal of everybody, if the next begins like that, too. */
  let other: Uint8Array = NOTHING;
  /** What one that bears company greeted with. */
  let greeting: Uint8Array = NOTHING;

  const minds = ({ data, softService, tls }: Exchange) =>
    !isRefusal(data) && (mindsCompany(data, softService) ?? serverFirst(tls));

  const isBehind = (data: Uint8Array) => beginsLike(greeting, data);

  return {
    get courteous() {
      return courteous;
    },
    get begun() {
      return begun;
    },
    listensOn({ tls, sofar, result }) {
      const exchange = result ?? sofar;
      if (exchange && exchange.data.length > 0) return minds(exchange);
      return !result && serverFirst(tls);
    },
    heard(exchange) {
      if (!exchange || exchange.data.length === 0 || courteous) return;
      begun = true;
      if (minds(exchange)) {
        courteous = true;
        onCourteous();
      } else greeting = exchange.data;
    },
    isBehind,
    heardAlone(data) {
      if (data.length === 0 || isBehind(data)) return;
      const varies = !beginsLike(other, data);
      other = data;
      if (!varies) return;
      greeting = NOTHING;
      onVaries();
    },
    forget() {
      courteous = false;
      begun = false;
      greeting = NOTHING;
      other = NOTHING;
    },
  };
}
