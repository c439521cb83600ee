/** What the lab prints, and writes as Markdown where DOORPLATE_LAB_REPORT names a file. */
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
    door.service[0] ?? "",
    `${got?.tls ? "tls " : ""}${cell(one.service, got?.service)}`,
    // In brackets: no answer shows it.
    door.productHidden ? `(${door.product[0]})` : door.product[0],
    cell(one.product, got?.product),
    door.version ?? "-",
    cell(one.version, got?.version),
  ];
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
