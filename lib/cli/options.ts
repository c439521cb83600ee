/**
 * Options that several commands share, said once, so that they read and behave the same everywhere; and how a command's exit code gets to the
 * end of the process.
 */
import { type Command, Option } from "commander";
import { REPORT_FORMATS, type ReportFormat } from "../report/index.ts";

/** Makes of a command that returns its exit code an action of commander's. */
export type Ends = <Args extends unknown[]>(
  command: (...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;

const format = new Option("--format <format>", "how results are written to stdout")
  .choices(REPORT_FORMATS)
  .default("table" satisfies ReportFormat)
  .helpGroup("Output:");
/** May be given several times; with commas between where `separator` is one. So no option swallows the targets behind it. */
export const listed = (flags: string, description: string, separator?: ",") =>
  Object.assign(new Option(flags, `${description}; repeatable`), { repeatable: true }).argParser(
    (text: string, known: string[] = []) => [
      ...known,
      ...(separator ? text.split(separator).filter(Boolean) : [text]),
    ],
  );
/** Of two values of any other option the first would be dropped without a word, ports among them. */
export function refuseTwice(command: Command): void {
  for (const option of command.options) {
    if (!option.required || "repeatable" in option) continue;
    let given = 0;
    command.on(`option:${option.name()}`, () => {
      if (++given > 1) command.error(`error: option '${option.flags}' is given twice`);
    });
  }
}
export const signatureFiles = listed(
  "--signatures <file>",
  "your own service-probes file, such as /usr/share/nmap/nmap-service-probes",
).helpGroup("Signatures:");
export const recogDirectory = listed("--recog <directory>", "your own directory of Recog XML").helpGroup(
  "Signatures:",
);
export const ruleFiles = listed("--rules <file>", "your own rules in YAML").helpGroup("Signatures:");
export const services = new Option(
  "--services <file>",
  "your own table of ports, such as /etc/services: what they are called and, where it says how often they are open, their rank",
).helpGroup("Signatures:");
const cloud = new Option(
  "--cloud <stack>",
  "in this CloudFormation stack, with your AWS credentials (see docs/deploying.md)",
).helpGroup("In AWS:");
const region = new Option(
  "--region <region>",
  "the stack's region (default: that of your AWS configuration)",
).helpGroup("In AWS:");
/** How results look, and where they go. */
export const look = (command: Command) =>
  command
    .optionsGroup("Output:")
    .addOption(format)
    .addOption(
      listed(
        "-o, --output <file>",
        "also write a file; .json, .jsonl, .xml (Nmap) or .txt says the format",
      ).helpGroup("Output:"),
    )
    .option("--show-evidence", "below each row, what it rests on")
    .option("--show-all", "also ports that are not open");
/** Where a scan runs, when it is not here. */
export const inCloud = (command: Command) => command.addOption(cloud).addOption(region);
/** What is said beside the results. */
export const quietness = (command: Command) =>
  command
    .option("--no-progress", "no progress bar")
    .option("-q, --quiet", "no messages, only results and errors");
