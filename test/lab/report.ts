/**
 * What the lab prints, and writes as Markdown where DOORPLATE_LAB_REPORT names a file. Several programs write into that file,
 * each its own section: a section that is measured again takes the place of the old one, and each says when, at which
 * commit and under which load it was measured.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import type { Result } from "../../lib/model/fingerprint.ts";
import { type Judged, type Mark, type Said, score, where } from "./judge.ts";
import type { ScanRun } from "./scan.ts";

const HEAD = ["door", "service", "got", "product", "got", "version", "got"] as const;

function row(one: Judged<Said>): string[] {
  const { door, got } = one;
  const cell = (mark: Mark | boolean, value: string | null | undefined) =>
    value ? `${value}${mark === "wrong" || mark === false ? " (wrong)" : ""}` : "-";
  return [
    where(one),
    `${door.service[0] ?? ""}${door.unnamed ? " (known gap)" : ""}`,
    `${got?.tls ? "tls " : ""}${cell(one.service, got?.service)}`,
    // In brackets: no answer shows it.
    door.productHidden ? `(${door.product[0]})` : door.product[0],
    cell(one.product, got?.product),
    door.version ?? "-",
    cell(one.version, got?.version),
  ];
}

/** In this order in the file. */
const SECTIONS = [
  "Time beside nmap -sV",
  "Endpoints a second",
  "What the lab holds, and what Doorplate says",
  "Beside nmap -sV",
  "The same service-probes file in both",
  "All 65,535 TCP ports",
  "Patterns beside PCRE2",
  "Loading a service-probes file",
  "How far the confidences hold",
] as const;
const listed: ReadonlySet<string> = new Set(SECTIONS);
export type Section = (typeof SECTIONS)[number];

const HEAD_TEXT = `# What was measured

Written by the lab and the bench (\`test/lab/report.ts\`; \`.ci/full\` runs both); the text of test/lab/README.md says what the lab is. The truth is what \`dpkg\` says is
installed. Each section says when it was measured, at which commit and under which load.`;

/** What decides about the figures; a change in it that is not committed is told. */
const MEASURED = ["lib", "functions", "infra", "package.json"];

/** Puts the section into the file that DOORPLATE_LAB_REPORT names, if it names one. */
export function tell(section: Section, paragraphs: readonly string[]): void {
  const file = process.env.DOORPLATE_LAB_REPORT;
  if (!file) return;
  const parts = new Map<string, string>();
  for (const part of (existsSync(file) ? readFileSync(file, "utf8") : "").split(/^## /m).slice(1)) {
    const end = part.indexOf("\n");
    parts.set(part.slice(0, end), part.slice(end).trim());
  }
  parts.set(section, [circumstances(), ...paragraphs].join("\n\n"));
  // What somebody wrote by hand stays, in front.
  const titles = new Set<string>([...[...parts.keys()].filter((title) => !listed.has(title)), ...SECTIONS]);
  const all = [...titles].filter((title) => parts.has(title));
  writeFileSync(
    file,
    `${[HEAD_TEXT, ...all.map((title) => `## ${title}\n\n${parts.get(title)}`)].join("\n\n")}\n`,
  );
}

/** When, what and where. The load is the machine's, this work included. */
export function circumstances(): string {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "safe.directory=*", ...args], { encoding: "utf8", stdio: "pipe" }).trim();
  let commit = "unknown";
  try {
    commit = git("rev-parse", "--short", "HEAD");
    if (git("status", "--porcelain", "--", ...MEASURED)) commit += " with uncommitted changes";
  } catch {
    // No git, or no repository: the figures stand without a commit.
  }
  const date = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg().map((one) => one.toFixed(1));
  return `*${date}; commit ${commit}; ${machine}; Node ${process.version}; load over 1, 5 and 15 min: ${load.join(", ")}.*`;
}

export interface Table {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

export const ourTable = (judged: readonly Judged<Result>[]): Table => ({
  head: [...HEAD, "confidence"],
  rows: judged.map((one) => [...row(one), one.got?.confidences.product.toFixed(2) ?? "-"]),
});
export const nmapTable = (judged: readonly Judged<Said>[]): Table => ({ head: HEAD, rows: judged.map(row) });

/** The same doors, said by both: `service / product / version`, what is wrong marked so. */
export function sideBySide(ours: readonly Judged<Result>[], theirs: readonly Judged<Said>[]): Table {
  const said = (one: Judged<Said> | undefined) => (one ? [2, 4, 6].map((i) => row(one)[i]).join(" / ") : "-");
  return {
    head: ["door", "truth", "Doorplate", "confidence", "nmap -sV"],
    rows: ours.map((one, i) => {
      const cells = row(one);
      const truth = [1, 3, 5].map((column) => cells[column]).join(" / ");
      return [where(one), truth, said(one), one.got?.confidences.product.toFixed(2) ?? "-", said(theirs[i])];
    }),
  };
}

/** Columns as wide as their widest cell. */
export function asText({ head, rows }: Table): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}

export function asMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** `4.9 s; peak MiB: launcher 100, prober 139`. */
export function effort({ seconds, peakMib }: Pick<ScanRun, "seconds" | "peakMib">): string {
  const peaks = Object.entries(peakMib).map(([program, mib]) => `${program} ${mib}`);
  return `${seconds.toFixed(1)} s; peak MiB: ${peaks.join(", ")}`;
}

export const summaryLine = (judged: readonly Judged<Result>[], runs: readonly ScanRun[]) =>
  [score(judged), ...runs.map(effort)].join("\n");
