/**
 * The operator's defaults for `scan`, in YAML: options by their long names without dashes (`scope: [10.0.0.0/8]`, `profile: fast`, `quiet: true`).
 * A flag wins over the profile, the profile over this file, the file over what is built in.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Command, Option } from "commander";
import * as z from "zod";
import { InputError } from "../model/errors.ts";
import { readYaml } from "../signatures/yaml-document.ts";
import { readText } from "./files.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const schema = z.record(z.string(), z.union([scalar, z.array(scalar)]), {
  error: "must be a list of options, such as scope: [10.0.0.0/8] or profile: fast",
});
type Value = z.infer<typeof schema>[string];

/** Ways to say one thing: one of them given leaves none of the others. */
const ALTERNATIVES = [
  ["ports", "top-ports", "all-ports"],
  ["version-intensity", "version-light", "version-all"],
];
/** What a profile says, too. */
const OF_PROFILES = ALTERNATIVES.flat();

/** `DOORPLATE_CONFIG`, else `doorplate/config.yaml` where the system keeps such files (XDG Base Directory Specification), if it is there. */
export function configurationFile(environment: NodeJS.ProcessEnv = process.env): string | null {
  if (environment.DOORPLATE_CONFIG) return environment.DOORPLATE_CONFIG;
  const folder = environment.XDG_CONFIG_HOME || join(homedir(), ".config");
  const file = join(folder, "doorplate", "config.yaml");
  return existsSync(file) ? file : null;
}

/** Sets the command's options from the file, but for those that were given. @throws InputError naming the file, and the line of a mistake */
export function applyConfiguration(command: Command, file: string): void {
  const { value, mistakes, place } = readYaml(readText(file, "configuration"), schema.nullable());
  const [first] = mistakes;
  if (first)
    throw new InputError(`${file}, line ${first.line}, column ${first.column}: ${first.reason}`, file);
  const given = new Set(
    command.options
      .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
      .map(nameOf),
  );
  const settled = given.has("profile") ? OF_PROFILES : [];
  for (const [key, said] of Object.entries(value ?? {})) {
    const { line, column } = place([key]);
    const wrong = (reason: string) =>
      new InputError(`${file}, line ${line}, column ${column}: ${key}: ${reason}`, key);
    const option = command.options.find((one) => !one.hidden && nameOf(one) === key);
    if (!option)
      throw wrong("is no option of scan; write its long name without dashes (doorplate scan --help)");
    const others = ALTERNATIVES.find((names) => names.includes(key)) ?? [key];
    if (settled.includes(key) || others.some((name) => given.has(name))) continue;
    command.setOptionValueWithSource(option.attributeName(), parsed(option, said, wrong), "config");
  }
}

/** `--no-progress` is `progress: false`. */
const nameOf = (option: Option) => option.long?.replace(/^--(?:no-)?/, "") ?? "";

function parsed(option: Option, said: Value, wrong: (reason: string) => InputError): unknown {
  if (option.isBoolean() || option.negate) {
    if (typeof said !== "boolean") throw wrong("must be true or false");
    return said;
  }
  if (
    typeof said === "boolean" ||
    (Array.isArray(said) && !("repeatable" in option) && option.long !== "--ports")
  )
    throw wrong(`must be one value, as behind ${option.flags}`);
  const texts = [said].flat().map(String);
  const text = option.long === "--ports" ? [texts.join(",")] : texts;
  if (option.argChoices && !text.every((one) => option.argChoices?.includes(one)))
    throw wrong(`must be one of ${option.argChoices.join(", ")}`);
  const { parseArg } = option;
  return parseArg ? text.reduce<unknown>((known, one) => parseArg(one, known), undefined) : text[0];
}
