/**
 * A labelled corpus as `doorplate match` would read it, one case a row. The corpus brings its own reader and its own judge in the folder it
 * lies in (`to-observations.mjs`, `lib/metrics.mjs`), so that what is fitted here is right or wrong by the very rules it is scored with.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { DoorplateError, EXIT } from "../../lib/model/errors.ts";
import type { Verdict } from "../../lib/model/fingerprint.ts";
import type { Fact, Response, TlsSession } from "../../lib/model/observation.ts";

export const DEFAULT_CORPUS = join(import.meta.dirname, "../../../shared/corpus/recog-dev.jsonl");

/** One endpoint's worth of responses or facts, and how its verdict is judged. */
export interface Case {
  id: string;
  /** What is never split between fitting and judging: the labelled fingerprint. */
  fingerprint: string;
  /** Squashed name of the expected product; the fingerprint where there is none. */
  product: string;
  kind: string;
  /** Only what came over the wire is asked of a scanner; the rest are values out of context. */
  wire: boolean;
  transport: "tcp" | "udp";
  port: number;
  responses: Response[];
  facts: Fact[];
  tls: TlsSession | null;
  judge(verdict: Verdict): Judgement;
}

/** `null`: the label cannot tell, or nothing was claimed. */
export interface Judgement {
  service: boolean | null;
  product: boolean | null;
  version: boolean | null;
  /** The label names a product (a version), whether or not one was claimed. */
  asks: { product: boolean; version: boolean };
}

export interface Corpus {
  file: string;
  digest: string;
  cases: Case[];
  compare: Compare;
}

interface Row {
  id: string;
  fp: string;
  kind: string;
  negative?: boolean;
  wire?: unknown;
  expected: { service?: string; product?: string; version?: string };
}
interface Line {
  id: string;
  transport?: "tcp" | "udp";
  port?: number;
  responses?: { probe: string; data_b64: string }[];
  facts?: Record<string, string>;
}
interface Judge {
  judge(row: Row, prediction: unknown): Record<string, boolean | undefined>;
}
/** How the corpus compares names. */
export interface Compare {
  sameService(expected: string, said: string | null): boolean;
  squash(name: string): string;
  compareProduct(
    expected: { product: string; vendor: string; cpe: string[] },
    said: { product: string; vendor: string | null },
  ): { match: boolean };
  compareVersion(expected: string, said: string): { exact: boolean };
}

/** @throws DoorplateError (exit 4) when the corpus or what belongs to it is missing */
export async function readCorpus(file: string): Promise<Corpus> {
  const folder = dirname(file);
  const [reader, metrics, comparer] = ["to-observations.mjs", "lib/metrics.mjs", "lib/compare.mjs"].map(
    (name) => join(folder, name),
  ) as [string, string, string];
  for (const needed of [file, reader, metrics, comparer])
    if (!existsSync(needed))
      throw new DoorplateError(
        `no labelled corpus: ${needed} does not exist. Name one with --corpus FILE; beside it must lie to-observations.mjs (rows to ` +
          "observations) and lib/metrics.mjs with lib/compare.mjs (the judge).",
        { exitCode: EXIT.environment },
      );
  const text = readFileSync(file);
  const { judge } = (await import(pathToFileURL(metrics).href)) as Judge;
  const compare = (await import(pathToFileURL(comparer).href)) as Compare;
  const { sameService, squash } = compare;
  const rows = new Map(jsonLines<Row>(text.toString("utf8")).map((row) => [row.id, row]));
  const read = spawnSync(process.execPath, [reader], { input: text, maxBuffer: 1 << 28, encoding: "utf8" });
  if (read.status !== 0)
    throw new DoorplateError(`${reader} failed: ${read.stderr}`, { exitCode: EXIT.environment });

  const judged =
    (row: Row) =>
    (verdict: Verdict): Judgement => {
      const { product, version } = verdict;
      const marks = judge(row, { ...verdict, hw: verdict.device });
      const { expected, negative } = row;
      const decidable = product !== null && (negative === true || expected.product !== undefined);
      return {
        service:
          expected.service && !negative && verdict.service !== null
            ? sameService(expected.service, verdict.service)
            : null,
        product: decidable ? marks.prod_ok === true : null,
        version: marks.prod_ok && expected.version && version !== null ? marks.ver_ok === true : null,
        asks: { product: marks.prod === true, version: marks.ver === true },
      };
    };
  const cases = jsonLines<Line>(read.stdout).map((line): Case => {
    const row = rows.get(line.id)!;
    return {
      id: row.id,
      fingerprint: row.fp,
      product: row.expected.product ? squash(row.expected.product) : row.fp,
      kind: row.kind,
      wire: row.wire !== undefined,
      transport: line.transport ?? "tcp",
      port: line.port ?? 0,
      responses: (line.responses ?? []).map(({ probe, data_b64 }) => ({
        probe,
        tls: false,
        data: Buffer.from(data_b64, "base64"),
        firstByteMs: null,
        end: "complete",
        connection: 0,
      })),
      facts: Object.entries(line.facts ?? {}).map(([name, value]) => ({ name, value, family: name })),
      tls: null,
      judge: judged(row),
    };
  });
  return { file, digest: `sha256:${createHash("sha256").update(text).digest("hex")}`, cases, compare };
}

function jsonLines<T>(text: string): T[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as T);
}
