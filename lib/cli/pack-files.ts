/** Everything that an operator brings along, as packs in the order in which evidence is named: files, rules. */
import { compileRuleFiles } from "./rule-files.ts";
import { compileSignatureFiles, type ReadyPack } from "./signature-files.ts";

export interface PackFiles {
  signatures?: string[];
  rules?: string[];
}

/** @throws InputError naming the file and the place of what is wrong in it */
export function compilePacks({ signatures = [], rules = [] }: PackFiles, stateRoot: string): ReadyPack[] {
  return [...compileSignatureFiles(signatures, stateRoot), ...compileRuleFiles(rules)];
}
