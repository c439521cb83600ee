/**
 * What has been sent ahead of its turn, and what that allows. Both questions are answered by walking on with the machine from where it
 * stands, each exchange taken as it is so far: what is silent still as if it stayed silent.
 */
import type { PackProbe } from "../../signatures/probe-pack.ts";
import { type Exchange, eventsOf } from "./exchange.ts";
import type { Flight } from "./flight.ts";
import { next } from "./machine.ts";
import { isRegistered } from "./select.ts";
import type { PortContext, PortState, Step } from "./state.ts";

export interface Question {
  probe: PackProbe;
  /** Inside TLS? */
  tls: boolean;
}

export const keyOf = ({ probe, tls }: Question) => `${tls ? "tls " : ""}${probe.name}`;

/** Feeds an exchange to the machine, as far as it asks for it. */
export function feed(context: PortContext, state: PortState, exchange: Exchange): Step {
  let step: Step = { state, action: { type: "read" } };
  for (const event of eventsOf(exchange)) {
    step = next(context, step.state, event);
    if (step.action.type !== "read") break;
  }
  return step;
}

export interface Walk {
  context: PortContext;
  /** By `keyOf`. */
  ahead: ReadonlyMap<string, Flight>;
  known: ReadonlyMap<string, Exchange>;
  /** Nothing may be sent beside a NULL that hears this, or may still hear a greeting. */
  isCourteous: (listening: Flight) => boolean;
}

const silence = (context: PortContext, state: PortState) => next(context, state, { type: "window" });

/** The exchange as it is so far. */
const soFar = (context: PortContext, state: PortState, { result, sofar }: Flight): Step => {
  const exchange = result ?? sofar;
  return exchange ? feed(context, state, exchange) : silence(context, state);
};

/** What would be sent next if whatever is under way stayed as it is; null: nothing more is needed, or may be sent. */
export function upcoming(walk: Walk, current: Flight, at: PortState): Question | null {
  const { context, ahead, known } = walk;
  const { nullProbe } = context.pack;
  let flight = current;
  let state = at;
  for (;;) {
    if (flight.probe === nullProbe && walk.isCourteous(flight)) return null;
    let step = soFar(context, state, flight);
    for (;;) {
      if (step.action.type !== "send") return null;
      const { probe, reuse, tls } = step.action;
      const heard = known.get(keyOf({ probe, tls }));
      if (heard) step = feed(context, step.state, heard);
      // What follows a greeting goes on the greeting's own connection, in its turn.
      else if (reuse && step.state.buffer.length > 0) step = silence(context, step.state);
      else {
        const sent = ahead.get(keyOf({ probe, tls }));
        if (!sent) return { probe, tls };
        flight = sent;
        state = step.state;
        break;
      }
    }
  }
}

/** NULL is silent, and what was sent ahead ends in a hard match of a probe registered for the port. */
export function mayCutSilence({ context, ahead }: Walk, at: PortState): boolean {
  let walk = silence(context, at);
  while (walk.action.type === "send" && walk.action.tls === at.tunnel) {
    const { probe, tls } = walk.action;
    const result = ahead.get(keyOf({ probe, tls }))?.result;
    if (!result || !isRegistered(probe, context, tls)) return false;
    walk = feed(context, walk.state, result);
  }
  return walk.state.final === "hard" || walk.state.tunnel !== at.tunnel;
}
