/** The operator's rules files on this machine: read, checked, compiled to packs. */
import { basename } from "node:path";
import { InputError } from "../model/errors.ts";
import { compileRulesPack } from "../signatures/rules/pack.ts";
import { readRules } from "../signatures/rules/read.ts";
import { readText } from "./files.ts";
import type { ReadyPack } from "./signature-files.ts";

/** @throws DoorplateError when the file cannot be read */
export function readRulesFile(file: string): string {
  return readText(file, "rules");
}

/** @throws InputError naming the first mistake of the first file that has one */
export function compileRuleFiles(files: readonly string[]): ReadyPack[] {
  return files.map((file) => {
    const { rules, mistakes } = readRules(readRulesFile(file));
    const [first] = mistakes;
    if (first) {
      const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : "";
      throw new InputError(
        `${file}, line ${first.line}, column ${first.column}: ${first.reason}${more}. See all with: doorplate rules check ${file}`,
        file,
      );
    }
    return { file, ...compileRulesPack(rules, file === "-" ? "stdin" : basename(file)) };
  });
}
