import { EXCLUDED_FLAG, EXCLUDED_TEXT, type Result, type Summary } from "../model/fingerprint.ts";
import { cpe22 } from "../registry/products.ts";
import { counted, scriptOutputs } from "./text.ts";
import { isOpen, type ReportContext, type ReportWriter } from "./types.ts";
import { element, openTag, xmlText } from "./xml.ts";

// Nmap's XML, for the many tools that import it; valid against its DTD. It groups ports by host while results come
// one by one, so open ports are kept until the end. A name asked for on an address is a host of its own, with the
// name as its `user` hostname: a port may be in a host only once. There is no host discovery, as with `nmap -Pn`,
// so every address counts as up.

/** `xmloutputversion`, as Nmap 7.93 writes it. */
const OUTPUT_VERSION = "1.05";
/** How Nmap calls full TCP connections and UDP probes in `scaninfo/@type`. */
const SCAN_TYPE = { tcp: "connect", udp: "udp" } as const;
/** Endpoints without a port element are counted by state; the outcomes that have a state in Nmap's words. */
const STATE_OF = { closed: "closed", filtered: "filtered", "open-filtered": "open|filtered" } as const;
type CountedOutcome = keyof typeof STATE_OF;
/** Nmap's reason for states, in `extrareasons` and `status`. */
const REASON_OF = {
  closed: "conn-refused",
  filtered: "no-response",
  "open-filtered": "no-response",
} as const;

interface Host {
  address: string;
  hostname: string | null;
  ports: Result[];
  counts: Partial<Record<CountedOutcome, number>>;
}

/**
 * Nmap's `conf`, 0 to 10. There it is no probability (10 matched, 8 tcpwrapped, 3 by port number); here it is the
 * calibrated confidence in tenths.
 */
export function confOf(confidence: number): number {
  return Math.min(10, Math.max(0, Math.round(10 * confidence)));
}

const epochSeconds = (iso: string) => Math.floor(Date.parse(iso) / 1000);

/** `Thu Jan  1 00:00:00 2026`: the form of C's asctime, in UTC. */
function asctime(iso: string): string {
  const [day = "", date = "", month = "", year = "", time = ""] = new Date(iso).toUTCString().split(/,? /);
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}

function serviceElement(result: Result): string {
  const { service, product, servicefp, tls, flags } = result;
  if (!service && !product && !servicefp && !tls && !flags.includes(EXCLUDED_FLAG)) return "";
  // Nmap says so in the product's place.
  const unasked = !result.product && result.flags.includes(EXCLUDED_FLAG) && result.info === EXCLUDED_TEXT;
  return element(
    "service",
    {
      name: result.service ?? "unknown",
      product: unasked ? `${EXCLUDED_TEXT.charAt(0).toUpperCase()}${EXCLUDED_TEXT.slice(1)}` : result.product,
      version: result.version,
      extrainfo: unasked ? null : result.info,
      hostname: result.reportedHostname,
      ostype: result.os,
      devicetype: result.device,
      // On a terminal the fingerprint is wrapped; in XML it is one line.
      servicefp: result.servicefp?.replaceAll("\nSF:", ""),
      tunnel: result.tls ? "ssl" : null,
      method: result.method,
      conf: confOf(result.confidence),
    },
    result.cpe.map((name) => `<cpe>${xmlText(cpe22(name))}</cpe>`).join(""),
  );
}

function portElement(result: Result): string {
  const state = element("state", {
    state: result.state ?? "unknown",
    reason: result.reason ?? "unknown",
    reason_ttl: 0,
  });
  const scripts = scriptOutputs(result.scripts).map(({ id, output }) => element("script", { id, output }));
  return element(
    "port",
    { protocol: result.transport, portid: result.port },
    state + serviceElement(result) + scripts.join(""),
  );
}

function extraPorts(counts: Host["counts"]): string {
  return (Object.keys(STATE_OF) as CountedOutcome[])
    .map((outcome) => {
      const count = counts[outcome] ?? 0;
      if (count === 0) return "";
      const reasons = element("extrareasons", { reason: REASON_OF[outcome], count });
      return `${element("extraports", { state: STATE_OF[outcome], count }, reasons)}\n`;
    })
    .join("");
}

function hostElement({ address, hostname, ports, counts }: Host): string {
  const observed = ports.flatMap((port) => (port.observedAt ? epochSeconds(port.observedAt) : []));
  observed.sort((a, b) => a - b);
  const answered = ports.find((port) => port.state === "open" || port.state === "closed");
  const sorted = ports.toSorted((a, b) => a.transport.localeCompare(b.transport) || a.port - b.port);
  const status = { state: "up", reason: answered?.reason ?? "user-set", reason_ttl: 0 };
  const names = hostname === null ? "" : element("hostname", { name: hostname, type: "user" });
  return element(
    "host",
    { starttime: observed.at(0), endtime: observed.at(-1) },
    [
      element("status", status),
      element("address", { addr: address, addrtype: address.includes(":") ? "ipv6" : "ipv4" }),
      element("hostnames", {}, names),
      element("ports", {}, extraPorts(counts) + sorted.map((port) => `${portElement(port)}\n`).join("")),
      "",
    ].join("\n"),
  );
}

function runStats(context: ReportContext | null, summary: Summary, up: number): string {
  const finishedAt =
    summary.finishedAt ?? new Date(Date.parse(summary.startedAt) + summary.durationMs).toISOString();
  const seconds = (summary.durationMs / 1000).toFixed(2);
  const failed = summary.status !== "done";
  const finished = element("finished", {
    time: epochSeconds(finishedAt),
    timestr: asctime(finishedAt),
    summary: `Doorplate ${context?.version ?? ""} ${summary.status} at ${asctime(finishedAt)}; ${counted(up, "address", "addresses")} scanned in ${seconds} seconds`,
    elapsed: seconds,
    exit: failed ? "error" : "success",
    errormsg: failed ? (summary.cause ?? summary.status) : null,
  });
  return element("runstats", {}, `${finished}${element("hosts", { up, down: 0, total: up })}`);
}

/** A document in the form of `nmap -oX`. Closed and filtered endpoints that it is given are counted per host. */
export function nmapXmlWriter(): ReportWriter {
  let context: ReportContext | null = null;
  const hosts = new Map<string, Host>();

  function hostOf({ host: address, hostname }: Result): Host {
    const key = `${address} ${hostname ?? ""}`;
    const known = hosts.get(key);
    if (known) return known;
    const host: Host = { address, hostname, ports: [], counts: {} };
    hosts.set(key, host);
    return host;
  }

  return {
    format: "xml",
    extension: ".xml",
    begin(given) {
      context = given;
      const { args, startedAt, version, ports = [] } = given;
      const start = { start: epochSeconds(startedAt), startstr: asctime(startedAt), version };
      const scans = ports.map(({ transport, count, list }) =>
        element("scaninfo", {
          type: SCAN_TYPE[transport],
          protocol: transport,
          numservices: count,
          services: list,
        }),
      );
      return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!DOCTYPE nmaprun>",
        openTag("nmaprun", { scanner: "nmap", args, ...start, xmloutputversion: OUTPUT_VERSION }),
        ...scans,
        element("verbose", { level: 0 }),
        element("debugging", { level: 0 }),
        "",
      ].join("\n");
    },
    endpoint(result) {
      if (isOpen(result) || context?.showAll) hostOf(result).ports.push(result);
      else if (isCounted(result.outcome)) {
        const { counts } = hostOf(result);
        counts[result.outcome] = (counts[result.outcome] ?? 0) + 1;
      }
      return "";
    },
    end(summary) {
      const only = hosts.size === 1 && summary.addresses === 1 ? [...hosts.values()][0] : undefined;
      // With one host the scan's totals are that host's, whether or not its closed ports were handed in.
      if (only) only.counts = countsOf(summary, only.ports);
      const up = Math.max(summary.addresses, hosts.size);
      const body = [...hosts.values()].map((host) => `${hostElement(host)}\n`).join("");
      return `${body}${runStats(context, summary, up)}\n</nmaprun>\n`;
    },
  };
}

function isCounted(outcome: string): outcome is CountedOutcome {
  return Object.hasOwn(STATE_OF, outcome);
}

/** The summary's outcomes less those that have a port element. */
function countsOf(summary: Summary, listed: readonly Result[]): Host["counts"] {
  const counts: Host["counts"] = {};
  for (const outcome of Object.keys(STATE_OF) as CountedOutcome[]) {
    const shown = listed.filter((port) => port.outcome === outcome).length;
    counts[outcome] = Math.max(0, (summary.outcomes[outcome] ?? 0) - shown);
  }
  return counts;
}
