/**
 * One port and the file, as a state machine: `begin` and `next` are pure. The table of section 6 is `next`; what a
 * response means is `receive` (section 5); TLS is section 8. The driver does what the action says and comes back with
 * what happened.
 */
import type { ProbeMatch } from "../../signatures/evaluate-probes.ts";
import type { PackProbe } from "../../signatures/probe-pack.ts";
import type { Fields } from "../../signatures/template.ts";
import { matching } from "./matching.ts";
import { selectNext } from "./select.ts";
import {
  type Final,
  type Hit,
  NO_FIELDS,
  NOTHING,
  type PortContext,
  type PortEvent,
  type PortState,
  type Step,
} from "./state.ts";

/** A response of this size is matched as it is, and the next probe is sent, bytes (section 5). */
export const FULL_BUFFER = 4096;
/** Most of a response that patterns see, bytes. */
const MOST_BUFFER = 65_536;

/** A second soft match named another service than the first, and was passed over (section 5). */
const SOFT_DIFFERS = "soft-matches-differ";

/** The first step. `tunnel`: TLS is known already. */
export function begin(context: PortContext, tunnel = false): Step {
  const state: PortState = {
    phase: "initial",
    index: 0,
    probe: null,
    buffer: NOTHING,
    tunnel,
    service: null,
    soft: false,
    fields: NO_FIELDS,
    hits: [],
    wrapPossible: !tunnel,
    entries: [],
    flags: [],
    final: null,
  };
  return advance(context, state, false);
}

export function next(context: PortContext, state: PortState, event: PortEvent): Step {
  const { probe } = state;
  if (!probe) return finish(state, state.final ?? "no-match");
  const isNull = probe === context.pack.nullProbe;
  switch (event.type) {
    case "data":
      return receive(context, state, probe, event.data);
    case "window":
      return advance(context, withEntry({ ...state, wrapPossible: false }, probe), isNull);
    case "eof":
    case "reset": {
      const empty = state.buffer.length === 0;
      if (empty && isNull && state.wrapPossible && event.elapsedMs < probe.tcpWrappedMs)
        return finish(state, "tcpwrapped");
      const seen =
        event.type === "eof" && !empty ? withEntry({ ...state, wrapPossible: false }, probe) : state;
      return advance(context, seen, false);
    }
    case "connect-failed":
    case "cancelled":
      return finish(state, state.soft ? "soft" : "incomplete");
  }
}

/** The next probe. `keep`: NULL's connection goes on, and its bytes with it. */
function advance(context: PortContext, before: PortState, keep: boolean): Step {
  const { probe, phase, index } = selectNext(context, before);
  const state: PortState = { ...before, probe, phase, index, buffer: keep ? before.buffer : NOTHING };
  if (!probe) return finish(state, state.soft ? "soft" : "no-match");
  return { state, action: { type: "send", probe, reuse: keep, tls: state.tunnel } };
}

/** Whatever was to be said of a port that never answered and never stayed open: it is wrapped. */
function finish(state: PortState, wanted: Final): Step {
  const final = state.wrapPossible && wanted !== "hard" ? "tcpwrapped" : wanted;
  return { state: { ...state, probe: null, final }, action: { type: "finish", final } };
}

function withEntry(state: PortState, probe: PackProbe): PortState {
  if (state.buffer.length === 0) return state;
  return { ...state, entries: [...state.entries, { probe: probe.name, data: state.buffer }] };
}

function receive(context: PortContext, before: PortState, probe: PackProbe, data: Uint8Array): Step {
  const buffer = joined(before.buffer, data);
  const state: PortState = { ...before, buffer, wrapPossible: false };
  const found = (context.match ?? matching)(probe, buffer);
  if (found && !found.soft) return hardMatch(context, state, probe, found);
  const named = found ? softMatch(state, probe, found) : state;
  if (buffer.length < FULL_BUFFER) return { state: named, action: { type: "read" } };
  return advance(context, withEntry(named, probe), probe === context.pack.nullProbe);
}

export function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b.subarray(0, MOST_BUFFER);
  return Buffer.concat([a, b]).subarray(0, MOST_BUFFER);
}

function hitOf(probe: PackProbe, { match, text }: ProbeMatch): Hit {
  const { line, soft, service } = match;
  return { probe, line, soft, service, text };
}

/** The first one counts. */
function softMatch(state: PortState, probe: PackProbe, found: ProbeMatch): PortState {
  if (state.soft) {
    const differs = found.match.service !== state.service && !state.flags.includes(SOFT_DIFFERS);
    return differs ? { ...state, flags: [...state.flags, SOFT_DIFFERS] } : state;
  }
  return {
    ...state,
    service: found.match.service,
    soft: true,
    fields: found.fields,
    hits: [...state.hits, hitOf(probe, found)],
  };
}

function hardMatch(context: PortContext, state: PortState, probe: PackProbe, found: ProbeMatch): Step {
  const { service } = found.match;
  const hits = [...state.hits, hitOf(probe, found)];
  if (!state.tunnel && (service === "ssl" || service === "dtls")) {
    const restarted: PortState = {
      ...state,
      phase: "initial",
      tunnel: true,
      service: null,
      soft: false,
      fields: NO_FIELDS,
      buffer: NOTHING,
      hits,
      entries: [],
    };
    if (context.transport === "tcp") return advance(context, restarted, false);
    // Node has no DTLS: all that can be said is that it is there.
    return finish({ ...restarted, flags: [...state.flags, "dtls-unsupported"] }, "incomplete");
  }
  const tunnelled = service.startsWith("ssl/");
  return finish(
    {
      ...state,
      service: tunnelled ? service.slice("ssl/".length) : service,
      tunnel: state.tunnel || tunnelled,
      soft: false,
      fields: merged(state.fields, found.fields),
      hits,
    },
    "hard",
  );
}

/** Only what the new match produced overwrites; of CPEs, part by part. */
function merged(before: Fields, now: Fields): Fields {
  const part = (cpe: string) => cpe["cpe:/".length] ?? "";
  const kept = before.cpe.filter((cpe) => !now.cpe.some((other) => part(other) === part(cpe)));
  return {
    product: now.product ?? before.product,
    version: now.version ?? before.version,
    info: now.info ?? before.info,
    hostname: now.hostname ?? before.hostname,
    os: now.os ?? before.os,
    device: now.device ?? before.device,
    cpe: [...kept, ...now.cpe].sort((a, b) => "aho".indexOf(part(a)) - "aho".indexOf(part(b))),
  };
}
