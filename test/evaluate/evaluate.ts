/**
 * `npm run evaluate`: how much is right, and what the confidences are worth, on a labelled corpus and, where there is one, on a recording of real
 * daemons. The corpus twice: in-sample, by the committed weights and all signatures; and unseen, each fingerprint without what was
 * learned from it alone, by weights that were fitted without its product. Writes docs/reliability.svg.
 */
import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fitted } from "../../lib/evidence/fitted.ts";
import { reliabilityBins } from "../../lib/evidence/reliability.ts";
import { DoorplateError } from "../../lib/model/errors.ts";
import { productByKey } from "../../lib/registry/products.ts";
import { builtinEntries } from "../../lib/signatures/builtin/index.ts";
import { asMarkdown, type Table } from "../lab/report.ts";
import { optionsOf } from "./arguments.ts";
import { type Case, readCorpus } from "./corpus.ts";
import { FOLDS, fitWeights, foldOf, folds, type Sample, samplesOf, verdictOn } from "./fit.ts";
import { readLab } from "./lab.ts";
import { evidenceOn, knowing } from "./leave-out.ts";
import { reliabilityPicture } from "./picture.ts";
import { type Answer, answer, classOf, productClaims, type Score, scoreOf } from "./score.ts";

const RECORDING = join(import.meta.dirname, "lab-observations.jsonl");
const PICTURE = join(import.meta.dirname, "../../docs/reliability.svg");
const USAGE = `npm run evaluate -- [--corpus FILE] [--lab FILE]   accuracy and reliability of the built-in pack; writes docs/reliability.svg`;

const percent = (value: number | null) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);
const plain = (value: number | null) => (value === null ? "–" : value.toFixed(3));

const HEAD = [
  "",
  "cases",
  "service",
  "product",
  "wrong",
  "abstained",
  "version",
  "claims",
  "ECE (95 %)",
  "AUROC",
  "Brier skill",
  "at 1 % error",
];

function row(name: string, score: Score): string[] {
  const { interval, cases, claims, ece, auroc, skill, coverage } = score;
  const shares = [score.service, score.product, score.wrong, score.abstained, score.version].map(percent);
  const error = interval ? `${plain(ece)} (${interval.map(plain).join("–")})` : plain(ece);
  return [
    name,
    String(cases),
    ...shares,
    String(claims),
    error,
    plain(auroc),
    plain(skill),
    percent(claims ? coverage : null),
  ];
}

function tableOf(answers: readonly Answer[], classes: boolean): Table {
  const byClass = Map.groupBy(answers, ({ one }) => classOf(one));
  const names = [...byClass.keys()].sort();
  return {
    head: HEAD,
    rows: [
      row("all", scoreOf(answers)),
      ...(classes ? names.map((name) => row(name, scoreOf(byClass.get(name) ?? []))) : []),
    ],
  };
}

function labAnswers(file: string): Answer[] {
  const whole = knowing(builtinEntries());
  return readLab(file).map((one: Case) => {
    const sample: Sample = {
      one,
      evidence: evidenceOn(whole, one),
      weight: 1,
      knows: (key) => productByKey(key) !== null,
    };
    return answer(one, verdictOn(sample, fitted));
  });
}

try {
  const options = optionsOf(process.argv.slice(2), USAGE);
  const corpus = await readCorpus(options.corpus);
  const samples = samplesOf(corpus.cases);
  const inSample = samples.seen.map((sample) => answer(sample.one, verdictOn(sample, fitted)));
  const byFold = Array.from({ length: FOLDS }, (_, fold) =>
    fitWeights(samples.mixed.filter(({ one }) => foldOf(one) !== fold)),
  );
  const unseen = folds((fold) => byFold[fold] ?? fitted, samples.unseen).map(({ sample, verdict }) =>
    answer(sample.one, verdict),
  );
  const series = [
    { name: "in-sample: all signatures, committed weights", colour: "#2a7", answers: inSample },
    { name: "unseen fingerprints: cross-fitted weights", colour: "#d62", answers: unseen },
  ];
  const lab = options.lab ?? (existsSync(RECORDING) ? RECORDING : null);
  if (lab)
    series.push({
      name: `real daemons: ${basename(lab)}, committed weights`,
      colour: "#36c",
      answers: labAnswers(lab),
    });

  const { provenance } = fitted;
  console.log(
    `Weights fitted ${provenance.fitted} on ${provenance.corpus}; judged on ${corpus.file} (${corpus.digest.slice(0, 19)}…).\n`,
  );
  for (const { name, answers } of series) {
    console.log(`## ${name}\n\n${asMarkdown(tableOf(answers, answers[0]?.one.kind !== "lab"))}\n`);
    const wires = answers.filter(({ one }) => one.wire && one.kind !== "lab");
    if (wires.length > 0) console.log(`Over the wire alone:\n\n${asMarkdown(tableOf(wires, false))}\n`);
  }
  const caption = `${basename(corpus.file)}, ${corpus.cases.length} rows; weights of ${provenance.fitted}`;
  const drawn = series.map(({ answers, ...rest }) => ({
    ...rest,
    bins: reliabilityBins(productClaims(answers)),
  }));
  writeFileSync(PICTURE, reliabilityPicture(drawn, caption));
  console.log(
    `Picture: ${PICTURE}${lab ? "" : `\nNo recording of real daemons: ${RECORDING} does not exist.`}`,
  );
} catch (error) {
  if (!(error instanceof DoorplateError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
