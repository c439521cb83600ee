/**
 * The command line: the only room that prints. Commands parse their arguments, run, and end with an exit code; every error that has a name
 * becomes one line that says what was wrong and what to do. Their arguments stand in `scan-commands.ts` and `signature-commands.ts`; each command loads
 * what it needs when it runs.
 */
import { Command, CommanderError } from "commander";
import { startWatchdog } from "../../infra/local/watchdog.ts";
import { DoorplateError, EXIT, InputError } from "../model/errors.ts";
import { VERSION } from "../model/version.ts";
import { fileTrouble } from "./files.ts";
import { type Ends, listed, quietness, refuseTwice } from "./options.ts";
import { addScanCommands } from "./scan-commands.ts";
import { addSignatureCommands } from "./signature-commands.ts";

// The launcher runs this under another Node and holds a pipe to it: neither outlives the other.
if (process.env.DOORPLATE_PARENT_PIPE) startWatchdog(Number(process.env.DOORPLATE_PARENT_PIPE));
delete process.env.DOORPLATE_PARENT_PIPE;
// The reader of a pipe may go away at any time: `doorplate … | head`. Whatever else stops the results must be heard of.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.done);
  console.error(`doorplate: cannot write the results to stdout: ${fileTrouble(error)}`);
  process.exit(EXIT.environment);
});
// Messages that nobody can read stop nothing.
process.stderr.on("error", () => undefined);

/** A message may quote a file or an answer: nothing in it is for the terminal to obey. */
const plain = (message: string) =>
  message.replace(/\p{Cc}/gu, (c) => (c === "\n" ? c : JSON.stringify(c).slice(1, -1)));

let exitCode: number = EXIT.done;
const ends: Ends =
  (command) =>
  async (...args) => {
    exitCode = await command(...args);
  };

const program = new Command("doorplate")
  .description(
    "Says what listens behind every open port: service, product, version, with a confidence and the evidence for it.",
  )
  .version(VERSION, "-V, --version")
  .configureHelp({ sortSubcommands: false })
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "doorplate: ")) })
  .exitOverride()
  .addHelpText(
    "after",
    `
Examples:
  doorplate scan 127.0.0.1                          what listens on this machine
  doorplate scan 10.0.0.0/28 --scope 10.0.0.0/24    a network that you own
  doorplate demo                                    starts a few servers and scans them

Exit codes: 0 done, 1 ended incomplete, 2 usage, 3 refused by scope, 4 environment, 130 interrupted`,
  );

addScanCommands(program, ends);
addSignatureCommands(program, ends);

program
  .command("invoke")
  .description("run one function of the local cloud with an event, as AWS would")
  .argument("<function>", "dispatcher, prober, aggregator, tick, dead-letter or inventory")
  .argument("<event>", "JSON file; there is a sample of each in events/")
  .addOption(listed("--scope <entries>", "what may be scanned beside loopback", ","))
  .addHelpText("after", "\nExample:\n  doorplate invoke dispatcher events/scan-request.json")
  .action(
    ends(async (name: string, file: string, options) =>
      (await import("./invoke.ts")).invokeCommand(name, file, options),
    ),
  );

quietness(
  program
    .command("demo")
    .description("start real servers on loopback, scan them, show the evidence, stop them"),
).action(ends(async (options) => (await import("./demo.ts")).demoCommand(options)));

/** commander's own `help` shows that of the whole where it does not know the command that is asked about. */
function help(of: Command, [name, ...below]: string[]): void {
  if (name === undefined) {
    of.outputHelp();
    return;
  }
  const command = of
    .createHelp()
    .visibleCommands(of)
    .find((one) => one.name() === name);
  if (!command) of.error(`error: unknown command '${name}'`);
  help(command, below);
}

/** Each command names its own help behind a mistake. */
function finish(command: Command, path: string): void {
  command.showHelpAfterError(`(see ${path} --help)`);
  refuseTwice(command);
  if (command.commands.length > 0)
    command
      .helpCommand(false)
      .command("help")
      .description("help for a command")
      .argument("[command...]")
      .action((names: string[]) => help(command, names));
  for (const below of command.commands) finish(below, `${path} ${below.name()}`);
}
finish(program, program.name());
program.showHelpAfterError("(see doorplate --help; to scan: doorplate scan <target>)");

/** Nmap's spelling of what is always done: versions and RPC asked, by connecting, whether a ping is answered or not. */
const ALWAYS_DONE = ["-sV", "-sR", "-sT", "-Pn"];
const argv = process.argv
  .filter((argument) => !ALWAYS_DONE.includes(argument))
  .map((argument) => (argument === "-iL" ? "-i" : argument));

try {
  // Else it would be read as `-o X`, and the file as a target.
  const nmapOutput = argv.find((argument) => /^-o[XNGASJ]$/.test(argument));
  if (nmapOutput)
    throw new InputError(
      `${nmapOutput}: write -o FILE; .xml, .json, .jsonl or .txt says the format`,
      nmapOutput,
    );
  await program.parseAsync(argv);
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else if (error instanceof DoorplateError) {
    console.error(`doorplate: ${plain(error.message)}`);
    exitCode = error.exitCode;
  } else {
    console.error("doorplate: this should not have happened; please report it with what stands below");
    console.error(error);
    exitCode = EXIT.environment;
  }
}
// A disk that is full is told of behind the write.
await new Promise((resolve) => process.stdout.write("", resolve));
process.exit(exitCode);
