import pc from "picocolors";
import {
  ASKED_LESS_FLAG,
  type Conflict,
  LIMIT_FLAG,
  type Result,
  type Summary,
} from "../model/fingerprint.ts";
import { printable } from "../model/observation.ts";
import { counted, durationText, outcomesText, percent, scriptOutputs, usdText } from "./text.ts";
import { isOpen, type ReportContext, type ReportWriter } from "./types.ts";

// The table for people. Rows are printed as results arrive, so the columns cannot be fitted to their contents:
// their widths follow from the terminal's alone, and a cell that is too long is cut and ends in `…`. The host is
// the exception, as a cut address names nobody: a long one gets a line of its own above its row. What needs
// more words than a cell has goes below the row, behind an arrow.

interface Columns {
  host: number;
  port: number;
  service: number;
  product: number;
  version: number;
}

const GAP = "  ";
/** `65535/tcp` */
const PORT_WIDTH = 9;
/** `CONFIDENCE`, the last column: not padded, and what is longer there breaks nothing. */
const CONFIDENCE_WIDTH = 10;
/**
 * Least and most columns of each cell: 15 is an IPv4 address, 39 the longest IPv6 one; the rest by what names
 * and versions look like. The least ones, with gaps, fill a terminal of 80.
 */
const FLEXIBLE = [
  { name: "host", least: 15, most: 39 },
  { name: "product", least: 14, most: 32 },
  { name: "version", least: 10, most: 40 },
  { name: "service", least: 12, most: 20 },
] as const;
/** Most characters of a line below a row: some terminal lines; what people read, not what a peer can fill. */
const BELOW_MOST = 400;
/** What a flag says of the endpoint, for who has not read docs/architecture.md; others stand as they are. */
const FLAG_MEANS: Readonly<Record<string, string>> = {
  serial: "one client at a time",
  "greets-only": "greets, and answers nothing",
  recording: "says the same to whatever it is told",
  tcpwrapped: "closes every connection without a byte",
  truncated: "an answer was longer than is kept",
  "tls-handshake-failed": "TLS, but not with us",
  [ASKED_LESS_FLAG]: "silent like many others of its host, and asked less than they were",
  [LIMIT_FLAG]: "a pattern of the file took too many steps and was given up",
  "soft-matches-differ": "two soft matches of the file name two services: the first counts",
  "banner-cut": "the wait for a greeting was cut short",
};
/** Service fingerprints that are shown of a host (spec section 10); JSON and XML have all. */
const MOST_FINGERPRINTS = 9;
/** Least columns left to an excerpt below a row, however narrow the terminal is. */
const EXCERPT_LEAST = 20;

/** Column widths for a terminal of `width` columns; below 80 the table is wider than the terminal. */
export function columnsFor(width: number): Columns {
  const columns: Columns = { host: 0, port: PORT_WIDTH, service: 0, product: 0, version: 0 };
  let spare = width - PORT_WIDTH - CONFIDENCE_WIDTH - 5 * GAP.length;
  let room = 0;
  for (const { least, most } of FLEXIBLE) {
    spare -= least;
    room += most - least;
  }
  const share = Math.min(1, Math.max(0, spare) / room);
  for (const { name, least, most } of FLEXIBLE) columns[name] = least + Math.floor((most - least) * share);
  return columns;
}

/** Hostile text in at most `width` columns: printable ASCII, cut where it is too long. */
function cut(text: string, width: number): string {
  return text.length > width ? `${printable(text, width - 1)}…` : printable(text, width);
}

/** Hostile text as a cell of exactly `width` columns. */
const cell = (text: string, width: number) => cut(text, width).padEnd(width);

/** `ssl/http`, `ssl` where TLS is all that is known, `domain?` when only the port number of an open port says so, `unknown`; as Nmap shows it. */
export function serviceText(result: Pick<Result, "tls" | "service" | "method" | "state">): string {
  const name = result.service ?? "unknown";
  const guessed = result.method === "table" && result.state === "open" && name !== "unknown";
  return `${result.tls && name !== "ssl" ? "ssl/" : ""}${name}${guessed ? "?" : ""}`;
}

/** `1.22.1 (Ubuntu)` */
function versionText(result: Pick<Result, "version" | "info">): string {
  const info = result.info ? `(${result.info})` : "";
  return [result.version ?? "", info].filter(Boolean).join(" ");
}

function conflictText({ field, claimed, against, signatures }: Conflict): string {
  return `conflict: ${field} ${claimed}, but ${signatures.join(", ")} says ${against}`;
}

const flagText = (flag: string) => {
  const means = FLAG_MEANS[flag];
  return means ? `${flag} (${means})` : flag;
};

/** What the bytes said beyond product and version; shown with the evidence. */
function aside(result: Result): string {
  const parts = [
    result.os && `os ${result.os}`,
    result.device && `device ${result.device}`,
    result.reportedHostname && `calls itself ${result.reportedHostname}`,
    ...result.technologies.map(({ name, version }) => `with ${version ? `${name} ${version}` : name}`),
    ...result.cpe,
  ];
  return parts.filter(Boolean).join(", ");
}

/** What no row at all means: a scan that is resumed may have shown all of them before. */
function nothing({ finishedAt, outcomes, scanId }: Summary): string {
  if (outcomes.fingerprinted)
    return `No open port that was not shown before; all of them: doorplate report ${scanId}`;
  if (finishedAt === null) return "No open port yet";
  return outcomes.expired || outcomes.failed ? "No open port as far as was probed" : "No open ports";
}

/** One endpoint a row, aligned; conflicts, flags and (if asked for) evidence below it; the summary at the end. */
export function tableWriter(): ReportWriter {
  let context: Pick<ReportContext, "width" | "showAll" | "showEvidence"> = {
    width: 80,
    showAll: false,
    showEvidence: false,
  };
  let colors = pc.createColors(false);
  let columns = columnsFor(80);
  let rows = 0;
  // A name may have several addresses, and a row shows the name: the address is told when it changes.
  const addressOf = new Map<string, string>();
  const fingerprintsOf = new Map<string, number>();
  const askedLess = new Map<string, number>();

  const header = () => colors.bold(row("HOST", "PORT", "SERVICE", "PRODUCT", "VERSION", "CONFIDENCE"));

  function row(...[host, port, service, product, version, last]: string[]): string {
    const cells = [
      cell(host ?? "", columns.host),
      cell(port ?? "", columns.port),
      cell(service ?? "", columns.service),
      cell(product ?? "", columns.product),
      cell(version ?? "", columns.version),
      printable(last ?? ""),
    ];
    return `${cells.join(GAP)}\n`;
  }

  const below = (text: string) => `  → ${cut(text, BELOW_MOST)}\n`;

  /** Text for a first signature: an operator's file was asked, it answered, and nothing matched. */
  function fingerprint({ host, servicefp, product }: Result): string {
    const shown = fingerprintsOf.get(host) ?? 0;
    if (servicefp === null || product !== null || shown >= MOST_FINGERPRINTS) return "";
    fingerprintsOf.set(host, shown + 1);
    const lines = servicefp.split("\n").map((line) => printable(line, BELOW_MOST));
    return below("not in the file; its service fingerprint:") + colors.dim(`${lines.join("\n")}\n`);
  }

  function details(result: Result): string {
    let text = "";
    for (const conflict of result.conflicts) text += colors.yellow(below(conflictText(conflict)));
    if (result.flags.length > 0)
      text += colors.yellow(below(`flags: ${result.flags.map(flagText).join(", ")}`));
    for (const { id, output } of scriptOutputs(result.scripts)) {
      for (const line of output.trim().split("\n")) text += below(`${id}: ${line}`);
    }
    text += fingerprint(result);
    if (!context.showEvidence) return text;
    const more = aside(result);
    if (more) text += below(more);
    const lines = new Set<string>();
    for (const { weight, source, excerpt, signature } of result.evidence) {
      const start = `  ${(weight < 0 ? "" : "+") + weight.toFixed(1)}  ${printable(source)}  `;
      const end = `  ${printable(signature)}`;
      const room = Math.max(EXCERPT_LEAST, context.width - start.length - end.length - 2);
      lines.add(colors.dim(`${start}"${cut(excerpt, room)}"${end}\n`));
    }
    // Two answers may say the same; it is read once.
    return text + [...lines].join("");
  }

  return {
    format: "table",
    extension: ".txt",
    begin(given) {
      context = given;
      colors = pc.createColors(given.color);
      columns = columnsFor(given.width);
      return "";
    },
    endpoint(result) {
      if (!context.showAll && !isOpen(result)) return "";
      if (result.flags.includes(ASKED_LESS_FLAG))
        askedLess.set(result.host, (askedLess.get(result.host) ?? 0) + 1);
      let text = rows++ === 0 ? header() : "";
      const host = result.hostname ?? result.host;
      const fits = host.length <= columns.host;
      if (!fits) text += `${printable(host, 255)}\n`;
      const known = result.outcome === "fingerprinted";
      const last = known ? percent(result.confidence) : result.outcome;
      const line = row(
        fits ? host : "",
        `${result.port}/${result.transport}`,
        serviceText(result),
        result.product ?? "",
        versionText(result),
        last,
      );
      text += known ? line : colors.dim(line);
      if (result.hostname !== null && addressOf.get(result.hostname) !== result.host) {
        addressOf.set(result.hostname, result.host);
        text += below(`at ${result.host}`);
      }
      return text + details(result);
    },
    end(summary) {
      const silent = [...askedLess].map(([host, ports]) =>
        colors.yellow(
          `${printable(host)} accepts and says nothing on many ports: ${counted(ports, "was", "were")} asked only for what is usual there; -p PORT asks one everything\n`,
        ),
      );
      return (
        (rows === 0 ? `${nothing(summary)}.\n` : "") + silent.join("") + summaryText(summary, colors.yellow)
      );
    },
  };
}

/** The scan in three or four lines: how it ended, where every endpoint went, what it cost. */
function summaryText(summary: Summary, warn: (text: string) => string): string {
  const time = durationText(summary.durationMs);
  const cause = summary.cause ? `: ${printable(summary.cause)}` : "";
  const status = `scan ${printable(summary.scanId)} ${summary.status}${cause}\n`;
  const endpoints = counted(summary.planned, "endpoint", "endpoints");
  const addresses = counted(summary.addresses, "address", "addresses");
  return (
    `\n${summary.status === "done" && !summary.cause ? status : warn(status)}` +
    `${endpoints} on ${addresses}: ${outcomesText(summary.outcomes) || "nothing ended yet"}\n` +
    `${time}, cost ${usdText(summary.costUsd)}\n`
  );
}
