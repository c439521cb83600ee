/**
 * The requests of custom rules at one endpoint. A rule with ports is asked there; without, http rules are asked of whoever answered in HTTP, the
 * others of endpoints that are silent or that nobody knows. Equal requests go out once, whoever asks them. They are the operator's own
 * and come on top of the profile's probes, within bounds: so many requests, and the time that the endpoint has anyway.
 */
import { fuse } from "../../evidence/fuse.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import { isTunnelled, type Response, type TlsSession } from "../../model/observation.ts";
import type { Dialer } from "../../net/types.ts";
import { messageComplete } from "../../protocols/http-message.ts";
import { fillRequest, ROOT_REQUEST } from "../../signatures/rules/request.ts";
import type { Rule, RuleProbe } from "../../signatures/rules/types.ts";
import { conversation, GREETING_QUIET_MS } from "../conversation.ts";
import { DEADLINE_FACTOR, type Detection, type DetectOptions, RACE_WIDTH } from "../detection.ts";
import { interpret } from "../interpret.ts";
import { inPlace } from "../operator-evidence.ts";
import { tunnelled } from "../tunnel.ts";
import { fitsPort, transportOf } from "./evaluate.ts";
import { isHttp } from "./subjects.ts";

/** Most requests of rules to one endpoint; one that would have had more is flagged `rules-cut`. */
export const MOST_RULE_REQUESTS = 48;
/** Below this confidence of its service an endpoint counts as unidentified. */
const IDENTIFIED = 0.5;

export const rulesDeadlineMs = (timeoutMs: number) => timeoutMs * DEADLINE_FACTOR;

/** What rules have to ask of an endpoint that has been looked at. */
function dueProbes(rules: readonly Rule[], endpoint: Endpoint, seen: Detection): RuleProbe[] {
  const speaksHttp = seen.responses.some(isHttp);
  const { verdict } = seen;
  const unknown = verdict.method !== "probed" || verdict.confidences.service < IDENTIFIED;
  const answered = (name: string) =>
    seen.responses.some(({ probe, data }) => probe === name && data.length > 0);
  const due = new Map<string, RuleProbe>();
  for (const rule of rules) {
    if (!fitsPort(rule.ports, endpoint.port)) continue;
    for (const probe of rule.probes) {
      if (transportOf(probe) !== endpoint.transport || due.has(probe.probe)) continue;
      // What was said without asking, and the root page, may be known already.
      if (probe.request === null && answered(probe.type === "http" ? "http.get" : "NULL")) continue;
      const http = probe.type === "http";
      const fits = probe.ports
        ? fitsPort(probe.ports, endpoint.port)
        : http
          ? speaksHttp || unknown
          : unknown;
      if (fits) due.set(probe.probe, probe);
    }
  }
  return [...due.values()];
}

/** Asks, and reads everything again with what came back. */
export async function askRules(
  options: DetectOptions & { rules: readonly Rule[] },
  seen: Detection,
): Promise<Detection> {
  const { endpoint, now, profile } = options;
  const due = dueProbes(options.rules, endpoint, seen);
  if (due.length === 0) return seen;
  const deadline = now() + rulesDeadlineMs(profile.timeoutMs);
  const queue = due.slice(0, MOST_RULE_REQUESTS);
  const heard: Response[] = [];
  let { tls, connections } = seen;
  const worker = async () => {
    for (let probe = queue.shift(); probe && now() < deadline; probe = queue.shift()) {
      const asked = await askOne(options, probe, { seen, deadline, ordinal: connections });
      connections += asked.connections;
      heard.push(...asked.responses);
      tls ??= asked.tls;
    }
  };
  await Promise.all(Array.from({ length: seen.flags.includes("serial") ? 1 : RACE_WIDTH }, worker));
  const cut = due.length > MOST_RULE_REQUESTS || queue.length > 0;
  return together(
    options,
    { ...seen, tls, connections, flags: cut ? [...seen.flags, "rules-cut"] : seen.flags },
    heard,
  );
}

interface Asked {
  responses: Response[];
  tls: TlsSession | null;
  connections: number;
}

async function askOne(
  { endpoint, dialer, profile, now }: DetectOptions,
  probe: RuleProbe,
  { seen, deadline, ordinal }: { seen: Detection; deadline: number; ordinal: number },
): Promise<Asked> {
  const inside = probe.type === "tls" || isTunnelled(seen.tls);
  const tunnel = { tls: null as TlsSession | null };
  const through: Dialer = inside
    ? {
        async open(bounds) {
          const opened = await tunnelled(dialer, endpoint.hostname, profile.timeoutMs).open(bounds);
          if (opened.state === "open") tunnel.tls = opened.connection.tls;
          return opened;
        },
      }
    : dialer;
  const talk = conversation({
    dialer: through,
    context: { ...endpoint, tls: inside },
    timeoutMs: profile.timeoutMs,
    deadline,
    maxConnections: 1,
    now,
  });
  const channel = await talk.open();
  if (!channel) return { responses: [], tls: null, connections: 0 };
  const request = probe.type === "http" ? (probe.request ?? ROOT_REQUEST) : probe.request;
  if (request === null) await talk.read(channel, probe.probe, { quietMs: GREETING_QUIET_MS });
  else {
    await talk.ask(channel, {
      probe: probe.probe,
      data: fillRequest(request, probe.type, endpoint),
      ...(probe.type === "http" ? { complete: messageComplete("HTTP") } : {}),
    });
  }
  channel.connection.close();
  const responses = talk.responses.map((response) => ({ ...response, connection: ordinal }));
  return { responses, tls: tunnel.tls, connections: 1 };
}

const OWN_PACKS = /^(?:builtin|rules|recog):/;

/** What rules made of the first responses is said again over all of them; everything else stands. */
function together(
  { endpoint, knowledge }: DetectOptions,
  seen: Detection,
  heard: readonly Response[],
): Detection {
  const responses = [...seen.responses, ...heard];
  const spoke = heard.some(({ data }) => data.length > 0);
  const kept = seen.evidence.filter(
    ({ signature, family }) => !signature.startsWith("rules:") && !(spoke && family === "closing"),
  );
  const again = interpret(knowledge, responses, seen.tls, [], endpoint);
  // What a service-probes file makes of it has been said, by its own engine.
  const added = again.evidence.filter(({ signature }) => OWN_PACKS.test(signature));
  const distinct = new Map(inPlace([...kept, ...added]).map((piece) => [JSON.stringify(piece), piece]));
  const evidence = [...distinct.values()];
  return {
    ...seen,
    responses,
    facts: again.facts,
    evidence,
    flags: spoke ? seen.flags.filter((flag) => flag !== "tcpwrapped") : seen.flags,
    verdict: fuse({ ...endpoint, ports: knowledge.ports, evidence, asked: true }),
  };
}
