/**
 * `npm run evaluate`: how much is right, and what the confidences are worth, on a labelled corpus and, where there is one, on a recording of real
 * daemons. The corpus thrice: in-sample, with all signatures; unseen, each fingerprint without what was learned from it alone; and unseen by
 * weights that were fitted without its product, too, which is the strictest. Writes docs/reliability.svg, and a section of the report that
 * DOORPLATE_LAB_REPORT names.
 */
import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fitted } from "../../lib/evidence/fitted.ts";
import { DoorplateError } from "../../lib/model/errors.ts";
import { productByKey } from "../../lib/registry/products.ts";
import { builtinEntries } from "../../lib/signatures/builtin/index.ts";
import { asMarkdown, tell } from "../lab/report.ts";
import { optionsOf } from "./arguments.ts";
import { readCorpus } from "./corpus.ts";
import { readDrawn } from "./drawn.ts";
import { FOLDS, fitWeights, foldOf, folds, type Sample, samplesOf, verdictOn } from "./fit.ts";
import { readLab } from "./lab.ts";
import { evidenceOn, knowing } from "./leave-out.ts";
import { reliabilityPicture } from "./picture.ts";
import { reliabilityBins } from "./reliability.ts";
import { type Answer, answer, classOf, productClaims, type Score, scoreOf } from "./score.ts";

const RECORDING = join(import.meta.dirname, "lab-observations.jsonl");
const PICTURE = join(import.meta.dirname, "../../docs/reliability.svg");
const USAGE = `npm run evaluate -- [--corpus FILE] [--lab FILE]   accuracy and reliability of the built-in pack; writes docs/reliability.svg`;
const METHOD =
  "What the columns are, how it is measured and what the numbers do not mean: [calibration.md](calibration.md); the picture: [reliability.svg](reliability.svg).";

const percent = (value: number | null) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);
const plain = (value: number | null) => (value === null ? "–" : value.toFixed(3));

const HEAD =
  "|cases|service|product|wrong|abstained|version|claims|ECE (95 %)|AUROC|within a fold|Brier skill|at 1 % error".split(
    "|",
  );

function row(name: string, score: Score): string[] {
  const { interval, cases, claims, ece, auroc, aurocWithin, skill, coverage } = score;
  const shares = [score.service, score.product, score.wrong, score.abstained, score.version].map(percent);
  const error = interval ? `${plain(ece)} (${interval.map(plain).join("–")})` : plain(ece);
  const covered = percent(claims > 0 ? coverage : null);
  return [
    name,
    String(cases),
    ...shares,
    String(claims),
    error,
    plain(auroc),
    plain(aurocWithin),
    plain(skill),
    covered,
  ];
}

/** All, what came over the wire, and each class. */
function rowsOf(answers: readonly Answer[]): string[][] {
  const byClass = [...Map.groupBy(answers, ({ one }) => classOf(one))].sort(([a], [b]) => (a < b ? -1 : 1));
  const wires = answers.filter(({ one }) => one.wire);
  return [
    row("all", scoreOf(answers)),
    ...(wires.length < answers.length ? [row("over the wire", scoreOf(wires))] : []),
    ...(byClass.length > 1 ? byClass.map(([name, some]) => row(name, scoreOf(some))) : []),
  ];
}

interface Series {
  name: string;
  colour: string;
  answers: Answer[];
}

const committed = (sample: Sample): Answer => answer(sample.one, verdictOn(sample, fitted));

function labAnswers(file: string): Answer[] {
  const whole = knowing(builtinEntries());
  const knows = (key: string) => productByKey(key) !== null;
  return readLab(file).map((one) => committed({ one, evidence: evidenceOn(whole, one), knows }));
}

async function series(corpusFile: string, lab: string | null) {
  const corpus = await readCorpus(corpusFile);
  const { seen, unseen } = samplesOf(corpus.cases, readDrawn(corpus.compare));
  const byFold = Array.from({ length: FOLDS }, (_, fold) =>
    fitWeights(unseen.filter(({ one }) => foldOf(one) !== fold)),
  );
  const strict = folds((fold) => byFold[fold] ?? fitted, unseen);
  const list: Series[] = [
    { name: "in-sample: all signatures", colour: "#2a7", answers: seen.map(committed) },
    { name: "unseen fingerprints", colour: "#c80", answers: unseen.map(committed) },
    {
      name: "unseen fingerprints, by weights of other products",
      colour: "#c36",
      answers: strict.map(({ sample, verdict }) => answer(sample.one, verdict, foldOf(sample.one))),
    },
  ];
  if (lab) list.push({ name: "real daemons", colour: "#36c", answers: labAnswers(lab) });
  return { corpus, list };
}

try {
  const options = optionsOf(process.argv.slice(2), USAGE);
  const lab = options.lab ?? (existsSync(RECORDING) ? RECORDING : null);
  const { corpus, list } = await series(options.corpus, lab);
  const { fitted: date, corpus: fittedOn } = fitted.provenance;
  const judgedOn = `Weights fitted ${date} on ${fittedOn}; judged on ${basename(corpus.file)} (${corpus.digest.slice(0, 19)}…)${lab ? ` and ${basename(lab)}` : ""}.`;
  console.log(judgedOn);
  for (const { name, answers } of list)
    console.log(`\n## ${name}\n\n${asMarkdown({ head: HEAD, rows: rowsOf(answers) })}`);
  const summary = asMarkdown({
    head: HEAD,
    rows: list.map(({ name, answers }) => row(name, scoreOf(answers))),
  });
  tell("How far the confidences hold", [judgedOn, summary, METHOD]);
  const drawn = list.map(({ answers, ...rest }) => ({
    ...rest,
    bins: reliabilityBins(productClaims(answers)),
  }));
  const caption = `${basename(corpus.file)}, ${corpus.cases.length} rows; weights of ${date}`;
  writeFileSync(PICTURE, reliabilityPicture(drawn, caption));
  console.log(`\nPicture: ${PICTURE}`);
  if (!lab) console.log(`No recording of real daemons: ${RECORDING} does not exist.`);
} catch (error) {
  if (!(error instanceof DoorplateError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
