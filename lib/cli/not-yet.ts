/**
 * What this version does not do yet, though somebody may ask for it: options that other scanners have, commands that are planned. Each is refused with one
 * line; a guess at what else was meant would be wrong.
 */
import { type Command, Option } from "commander";
import { InputError } from "../model/errors.ts";

const NO_SCRIPTS = "this version has no scripts to run";
const NO_VULNERABILITIES =
  "this version does not look for vulnerabilities; results carry the CPEs by which others do";

const OPTIONS: Record<string, string> = {
  "--script <name>": NO_SCRIPTS,
  "--scripts <name>": NO_SCRIPTS,
  "--vuln": NO_VULNERABILITIES,
  "--feeds <directory>": NO_VULNERABILITIES,
};

const COMMANDS: Record<string, string> = {
  diff: "this version does not compare scans; doorplate report <scanId> --format jsonl gives each of them a line an endpoint",
  find: "this version does not search across scans; doorplate report <scanId> --format jsonl gives a line an endpoint",
  scripts: NO_SCRIPTS,
  up: "this version runs the local cloud as long as a scan takes, and not by itself",
};

export function refuseNotYet(program: Command, scan: Command): void {
  for (const [flags, reason] of Object.entries(OPTIONS)) {
    const option = new Option(flags).hideHelp();
    scan.addOption(option).on(`option:${option.name()}`, () => {
      throw new InputError(`${option.long}: ${reason}`, option.long ?? flags);
    });
  }
  for (const [name, reason] of Object.entries(COMMANDS))
    program
      .command(name, { hidden: true })
      .argument("[any...]")
      .helpOption(false)
      .allowUnknownOption()
      .action(() => {
        throw new InputError(`${name}: ${reason}`, name);
      });
}
