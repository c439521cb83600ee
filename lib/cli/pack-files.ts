/** Everything that an operator brings along, as packs in one order: service-probes files, Recog, rules. */
import { compileRecogDirectory } from "./recog-files.ts";
import { compileRuleFiles } from "./rule-files.ts";
import { compileSignatureFiles, type ReadyPack } from "./signature-files.ts";

export interface PackFiles {
  signatures?: string[];
  recog?: string[];
  rules?: string[];
}

/** @throws InputError naming the file and the place of what is wrong in it */
export function compilePacks(
  { signatures = [], recog = [], rules = [] }: PackFiles,
  stateRoot: string,
): ReadyPack[] {
  return [
    ...compileSignatureFiles(signatures, stateRoot),
    ...recog.map(compileRecogDirectory),
    ...compileRuleFiles(rules),
  ];
}
