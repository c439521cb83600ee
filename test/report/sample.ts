import type { Result, Summary } from "../../lib/model/fingerprint.ts";
import type { ReportContext, ReportWriter } from "../../lib/report/index.ts";

// What the report tests write: one plain result, one summary, and how they differ from it.

export function result(changes: Partial<Result> = {}): Result {
  return {
    type: "endpoint",
    host: "192.0.2.1",
    hostname: null,
    port: 80,
    transport: "tcp",
    outcome: "fingerprinted",
    state: "open",
    reason: "syn-ack",
    tls: false,
    service: "http",
    method: "probed",
    product: "nginx",
    vendor: "F5",
    version: "1.22.1",
    info: null,
    reportedHostname: null,
    os: "Linux",
    device: null,
    cpe: ["cpe:2.3:a:f5:nginx:1.22.1:*:*:*:*:*:*:*"],
    confidence: 0.97,
    confidences: { service: 0.999, product: 0.97, version: 0.95 },
    technologies: [{ name: "PHP", version: "8.2.7", confidence: 0.9 }],
    conflicts: [],
    flags: [],
    scripts: [],
    findings: [],
    servicefp: null,
    evidence: [
      {
        source: "http.server",
        family: "http.headers",
        claim: { product: "nginx", version: "1.22.1" },
        weight: 3.14,
        excerpt: "nginx/1.22.1",
        signature: "builtin:http.server/nginx",
      },
    ],
    packs: "sha256:00",
    observedAt: "2026-01-01T00:00:05.000Z",
    cached: false,
    scanId: "scan-0001",
    cause: null,
    ...changes,
  };
}

/** DNS over UDP on IPv6, known by its port only. */
export const udpGuess = result({
  host: "2001:db8::53",
  port: 53,
  transport: "udp",
  reason: "udp-response",
  service: "domain",
  method: "table",
  product: null,
  vendor: null,
  version: null,
  os: null,
  cpe: [],
  confidence: 0.6,
  confidences: { service: 0.6, product: 0, version: 0 },
  technologies: [],
  evidence: [],
  observedAt: "2026-01-01T00:00:07.000Z",
});

export const closed = result({
  port: 81,
  outcome: "closed",
  state: "closed",
  reason: "conn-refused",
  service: null,
  method: "table",
  product: null,
  vendor: null,
  version: null,
  os: null,
  cpe: [],
  confidence: 0,
  confidences: { service: 0, product: 0, version: 0 },
  technologies: [],
  evidence: [],
});

/** Everything a peer may try: terminal commands, line ends, markup, NUL, C1 controls, half a surrogate pair. */
export const NASTY = "\x1b[2J\r\n]]></service>\"&'\u0000\u009b31m\ud800";

export const hostile = result({
  service: NASTY,
  product: NASTY,
  version: NASTY,
  info: NASTY,
  reportedHostname: NASTY,
  os: NASTY,
  device: NASTY,
  servicefp: NASTY,
  flags: [NASTY],
  scripts: [{ id: "http-title", output: NASTY }],
  conflicts: [{ field: "product", claimed: NASTY, against: NASTY, signatures: [NASTY] }],
  evidence: [{ source: NASTY, family: "banner", claim: {}, weight: 1, excerpt: NASTY, signature: NASTY }],
  technologies: [{ name: NASTY, version: NASTY, confidence: 0.5 }],
});

export function summary(changes: Partial<Summary> = {}): Summary {
  return {
    type: "summary",
    scanId: "scan-0001",
    status: "done",
    cause: null,
    planned: 1000,
    outcomes: { fingerprinted: 1, closed: 989, filtered: 10 },
    addresses: 1,
    costUsd: 0.00213,
    cost: [{ line: "prober", quantity: 12.5, unit: "GB-s", usd: 0.00213 }],
    durationMs: 12_340,
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:00:12.340Z",
    packs: "sha256:00",
    args: "doorplate scan 192.0.2.1",
    ...changes,
  };
}

export const emptySummary = summary({ planned: 0, outcomes: {}, addresses: 0, costUsd: 0, durationMs: 0 });

/** The whole report as one text. */
export function write(
  writer: ReportWriter,
  results: readonly Result[],
  end: Summary = summary(),
  changes: Partial<ReportContext> = {},
): string {
  const context: ReportContext = {
    scanId: "scan-0001",
    args: "doorplate scan 192.0.2.1 -o a&b.xml",
    startedAt: "2026-01-01T00:00:00.000Z",
    version: "0.1.0",
    profile: "standard",
    color: false,
    width: 100,
    showEvidence: false,
    showAll: false,
    ...changes,
  };
  return [writer.begin(context), ...results.map((one) => writer.endpoint(one)), writer.end(end)].join("");
}
