/**
 * `npm run calibrate`: fits the rates of kinds of claims and the monotone maps on a labelled corpus and writes lib/evidence/weights.yaml with
 * where they come from. No randomness: the same corpus and signatures give the same file but for its date.
 */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { MonotoneMap } from "../../lib/evidence/isotonic.ts";
import { DoorplateError } from "../../lib/model/errors.ts";
import { builtinEntries } from "../../lib/signatures/builtin/index.ts";
import { entriesDigest } from "../../lib/signatures/entry-pack.ts";
import { optionsOf } from "./arguments.ts";
import { type Corpus, readCorpus } from "./corpus.ts";
import { readDrawn } from "./drawn.ts";
import { fitWeights, samplesOf, type Weights } from "./fit.ts";

const TARGET = join(import.meta.dirname, "../../lib/evidence/weights.yaml");
const USAGE = `npm run calibrate -- [--corpus FILE]   fit the confidence on labelled data and write lib/evidence/weights.yaml`;

function asYaml({ rates, maps }: Weights, { file, digest, cases }: Corpus, drawn: number): string {
  const number = (value: number) => String(Math.round(value * 10_000) / 10_000);
  const lines = [
    "# Made by `npm run calibrate`: run it again rather than edit. How it is measured: docs/calibration.md.",
    "provenance:",
    `  fitted: ${new Date().toISOString().slice(0, 10)}`,
    "  command: npm run calibrate",
    `  corpus: ${basename(file)}`,
    `  corpusDigest: ${digest}`,
    `  rows: ${cases.length}`,
    `  drawn: ${drawn}`,
    `  signatures: ${entriesDigest(builtinEntries())}`,
    "# Claims of each kind (of how they were made, and where), how many were right, and the share expected to be right elsewhere.",
    "rates:",
    ...Object.entries(rates).map(
      ([kind, { claims, right, rate }]) =>
        `  ${kind}: { claims: ${number(claims)}, right: ${number(right)}, rate: ${number(rate)} }`,
    ),
    "# Posterior of the fusion, and what it is worth.",
    "maps:",
    ...(Object.entries(maps) as [string, MonotoneMap][]).map(
      ([field, map]) => `  ${field}: [${map.map(([x, y]) => `[${number(x)}, ${number(y)}]`).join(", ")}]`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

try {
  const { corpus: file } = optionsOf(process.argv.slice(2), USAGE);
  const corpus = await readCorpus(file);
  const drawn = readDrawn(corpus.compare);
  const weights = fitWeights(samplesOf(corpus.cases, drawn).unseen);
  writeFileSync(TARGET, asYaml(weights, corpus, drawn.length));
  console.log(
    `${Object.keys(weights.rates).length} rates on ${corpus.cases.length} rows of ${corpus.file}: ${TARGET}`,
  );
  console.log("Now `npm run evaluate` says how good they are.");
} catch (error) {
  if (!(error instanceof DoorplateError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
