import { join } from "node:path";
import { EXIT } from "../model/errors.ts";
import { loadPack } from "../scan/packs.ts";
import { builtinEntries, builtinPack } from "../signatures/builtin/index.ts";
import { compileProbePack, type PackCounts } from "../signatures/probe-pack.ts";
import type { Refusal } from "../signatures/service-probes.ts";
import type { PackFiles } from "./pack-files.ts";
import { compileRecogDirectory, isDirectory, readRecogDirectory } from "./recog-files.ts";
import { compileRuleFiles } from "./rule-files.ts";
import { readSignatureFile } from "./signature-files.ts";

// `signatures check|list`: what is in the files, and what is wrong with them.

export interface CheckReport {
  lines: string[];
  refused: number;
}

/** Counts, then each line that was set aside: `FILE:line:column: reason`, as compilers write it. */
export function checkReport(text: string, name: string): CheckReport {
  const { counts, refused, warnings } = compileProbePack(text, name);
  const place = ({ line, column, reason, fatal }: Refusal, kind: string) =>
    `${name}:${line}:${column}: ${kind}: ${reason}${kind === "refused" && !fatal ? " (this line only)" : ""}`;
  const { probes, matches, softmatches } = counts;
  if (probes + matches + softmatches + refused.length === 0)
    return holdsNothing(name, "no probe and no match");
  return {
    lines: [
      countsText(name, counts, refused.length),
      ...refused.map((refusal) => place(refusal, "refused")),
      ...warnings.map((warning) => place(warning, "warning")),
    ],
    refused: refused.length,
  };
}

/** What is there, but is not what it was taken for. */
const holdsNothing = (name: string, what: string): CheckReport => ({
  lines: [`${name}: mistake: there is ${what} in it`],
  refused: 1,
});

/** The same of a directory of Recog XML, and which of its files speak of nothing that is heard. */
function recogReport(directory: string): CheckReport {
  const files = readRecogDirectory(directory);
  if (files.length === 0) return holdsNothing(directory, "no Recog file (*.xml)");
  const used = files.flatMap(({ file }) => file?.fingerprints ?? []).length;
  const refused = files.flatMap(({ name, refused: all }) =>
    all.map(({ line, column, reason }) => `${join(directory, name)}:${line}:${column}: refused: ${reason}`),
  );
  const notes = files.flatMap(({ name, note }) =>
    note === null ? [] : [`${join(directory, name)}: note: ${note}`],
  );
  const counts = `${files.length} Recog files, ${used} fingerprints, ${refused.length} refused`;
  return { lines: [`${directory}: ${counts}`, ...refused, ...notes], refused: refused.length };
}

function countsText(name: string, { probes, matches, softmatches }: PackCounts, refused: number): string {
  return `${name}: ${probes} probes, ${matches} match, ${softmatches} softmatch, ${refused} refused`;
}

export function signaturesCheck(files: string[]): number {
  let refused = 0;
  for (const file of files) {
    const report = isDirectory(file) ? recogReport(file) : checkReport(readSignatureFile(file).text, file);
    process.stdout.write(`${report.lines.join("\n")}\n`);
    refused += report.refused;
  }
  return refused > 0 ? EXIT.incomplete : EXIT.done;
}

/** @throws InputError naming what is wrong in a file that a scan would refuse, too */
export function signaturesList({ signatures = [], recog = [], rules = [] }: PackFiles): number {
  const builtin = builtinPack();
  process.stdout.write(`${builtin.name}: ${builtinEntries().length} signatures, ${builtin.digest}\n`);
  for (const file of signatures) {
    const { text, name } = readSignatureFile(file);
    const { counts, refused, digest } = compileProbePack(text, name);
    process.stdout.write(`${countsText(name, counts, refused.length)}, ${digest}\n`);
  }
  for (const { bytes, digest } of [...recog.map(compileRecogDirectory), ...compileRuleFiles(rules)]) {
    const pack = loadPack(bytes);
    const fingerprints = pack.kind === "recog" ? pack.files.flatMap((file) => file.fingerprints).length : 0;
    const counts = pack.kind === "rules" ? `${pack.rules.length} rules` : `${fingerprints} fingerprints`;
    process.stdout.write(`${pack.name}: ${counts}, ${digest}\n`);
  }
  return EXIT.done;
}
