/**
 * The command line: the only room that prints. Commands parse their arguments, run, and end with an exit code; every error that has a name
 * becomes one line that says what was wrong and what to do.
 */
import { Command, CommanderError, Option } from "commander";
import { startWatchdog } from "../../infra/local/watchdog.ts";
import { DoorplateError, EXIT } from "../model/errors.ts";
import { VERSION } from "../model/version.ts";
import { REPORT_FORMATS, type ReportFormat } from "../report/index.ts";
import { PROFILE_NAMES } from "../scan/profiles.ts";
import { intensity, positive, usd } from "./arguments.ts";

// The launcher runs this under another Node and holds a pipe to it: neither outlives the other.
if (process.env.DOORPLATE_PARENT_PIPE) startWatchdog(Number(process.env.DOORPLATE_PARENT_PIPE));
delete process.env.DOORPLATE_PARENT_PIPE;
// The reader of a pipe may go away at any time: `doorplate … | head`.
process.stdout.on("error", () => process.exit(EXIT.done));

// Each command loads what it needs: --help and match should not wait for the AWS SDK.
const scanning = () => import("./scan.ts");

let exitCode: number = EXIT.done;
const ends =
  <Args extends unknown[]>(command: (...args: Args) => Promise<number>) =>
  async (...args: Args) => {
    exitCode = await command(...args);
  };

const format = new Option("--format <format>", "how results are written to stdout")
  .choices(REPORT_FORMATS)
  .default("table" satisfies ReportFormat)
  .helpGroup("Output:");
/** May be given several times; with commas between where `separator` is one. So no option swallows the targets behind it. */
const listed = (flags: string, description: string, separator?: ",") =>
  new Option(flags, `${description}; repeatable`).argParser((text: string, known: string[] = []) => [
    ...known,
    ...(separator ? text.split(separator).filter(Boolean) : [text]),
  ]);
const signatureFiles = listed(
  "--signatures <file>",
  "your own service-probes file, such as /usr/share/nmap/nmap-service-probes",
).helpGroup("Signatures:");
const recogDirectory = listed("--recog <directory>", "your own directory of Recog XML").helpGroup(
  "Signatures:",
);
const ruleFiles = listed("--rules <file>", "your own rules in YAML").helpGroup("Signatures:");
const look = (command: Command) =>
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
const quietness = (command: Command) =>
  command
    .option("--no-progress", "no progress bar")
    .option("-q, --quiet", "no messages, only results and errors");

const program = new Command("doorplate")
  .description(
    "Says what listens behind every open port: service, product, version, with a confidence and the evidence for it.",
  )
  .version(VERSION, "-V, --version")
  .showHelpAfterError("(see --help)")
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

const scan = program
  .command("scan")
  .description("find open ports and say what listens behind them")
  .argument("[targets...]", "address, CIDR, range a-b, name, host:port, [v6]:port")
  .optionsGroup("Targets:")
  .option("-i, --input-list <file>", "read targets from a file, - for stdin (Nmap's -iL works too)")
  .addOption(listed("--exclude <targets>", "leave these out", ",").helpGroup("Targets:"))
  .option("-6, --ipv6", "use the IPv6 addresses of names")
  .addOption(
    listed(
      "--scope <entries>",
      "what may be scanned beside loopback: CIDRs and domains that you own",
      ",",
    ).helpGroup("Targets:"),
  )
  .option("--skip-out-of-scope", "leave targets out that may not be scanned, instead of refusing all")
  .optionsGroup("Ports:")
  .option("-p, --ports <ports>", "22,80,8000-8100,T:…,U:…, names, - for all")
  .addOption(
    new Option("--top-ports <n>", "the n TCP ports most often found open")
      .argParser(positive)
      .helpGroup("Ports:"),
  )
  .option("--all-ports", "all 65,535 TCP ports (the default for loopback)")
  .optionsGroup("How hard:")
  .option("--profile <name|file>", `${PROFILE_NAMES.join(", ")}, or your own in YAML (default: standard)`)
  .option("--fresh", "identify everything anew, also what a scan of the last day in the cloud identified")
  .addOption(
    listed(
      "--limit <name=n>",
      "go no faster: connections, new-per-second, and either with -per-network or -per-host (see docs/politeness.md)",
      ",",
    ).helpGroup("How hard:"),
  )
  .option("--deadline <duration>", "what is not probed by then ends as expired, e.g. 15m (default: 1h)")
  .addOption(
    new Option("--max-cost <usd>", "never more than this at AWS prices; what does not fit ends as expired")
      .argParser(usd)
      .helpGroup("How hard:"),
  )
  .option("--dry-run", "the plan and an estimate of time and cost (--format json); nothing is sent")
  .optionsGroup("Signatures:")
  .addOption(signatureFiles)
  .addOption(recogDirectory)
  .addOption(ruleFiles)
  .option("--no-builtin", "without the built-in signatures and protocols")
  .addOption(
    new Option("--version-intensity <n>", "rarest probes of your files, 0 to 9 (default: the profile's)")
      .argParser(intensity)
      .helpGroup("Signatures:"),
  )
  .option("--version-light", "intensity 2")
  .option("--version-all", "intensity 9: every probe")
  .option("--allports", "probe ports that your files exclude, printers among them")
  .option(
    "--rpc <file>",
    "your own list of RPC programs, such as /etc/rpc (RPC services are always ground; -sR is accepted)",
  )
  .option("--strict-order", "send the probes of your files one by one, as Nmap does")
  .option("--version-trace", "what was sent, received and matched, on stderr");
quietness(look(scan))
  .addHelpText(
    "after",
    `
Examples:
  doorplate scan 127.0.0.1 -p 22,80,443 --show-evidence
  doorplate scan www.example.com --scope example.com -o report.json -o report.xml
  doorplate scan -i targets.txt --scope 10.0.0.0/8 --profile fast --format jsonl`,
  )
  .action(ends(async (targets: string[], options) => (await scanning()).scanCommand(targets, options)));

quietness(
  program.command("resume").description("go on with a scan that was interrupted").argument("<scanId>"),
).action(ends(async (scanId: string, options) => (await scanning()).resumeCommand(scanId, options)));

program
  .command("status")
  .description("how far a scan is, its outcomes, dead letters and cost so far, as JSON")
  .argument("<scanId>")
  .action(ends(async (scanId: string) => (await import("./control.ts")).statusCommand(scanId)));

program
  .command("cancel")
  .description("call a scan off, also one that runs in another terminal; what was found stays")
  .argument("<scanId>")
  .option("-q, --quiet", "no messages, only errors")
  .action(
    ends(async (scanId: string, options) => (await import("./control.ts")).cancelCommand(scanId, options)),
  );

quietness(
  program
    .command("redrive")
    .description("send the dead letters of a scan again and follow it to its end")
    .argument("<scanId>"),
).action(
  ends(async (scanId: string, options) => (await import("./control.ts")).redriveCommand(scanId, options)),
);

look(program.command("report").description("all results of a scan").argument("<scanId>")).action(
  ends(async (scanId: string, options, command: Command) => {
    const given = command.getOptionValueSource("format") === "cli" ? options.format : undefined;
    return (await scanning()).reportCommand(scanId, { ...options, format: given });
  }),
);

program
  .command("match")
  .description("what stored observations say, without a packet: JSON lines from stdin to stdout")
  .addOption(signatureFiles)
  .addOption(recogDirectory)
  .addOption(ruleFiles)
  .option("--no-builtin", "without the built-in signatures and protocols")
  .addHelpText(
    "after",
    `
Each line is an Observation, or {"id", "transport"?, "port"?, "responses"?: [{"probe", "tls"?, "data_b64"}], "facts"?: {name: value}}.

Example:
  echo '{"id":1,"port":22,"responses":[{"probe":"NULL","data_b64":"U1NILTIuMC1PcGVuU1NIXzkuMnAxDQo="}]}' | doorplate match`,
  )
  .action(ends(async (options) => (await import("./match.ts")).matchCommand(options)));

const rules = program.command("rules").description("your own rules in YAML");
rules
  .command("check")
  .description("count what is in a file and show every mistake with its line and column")
  .argument("<file...>", "a rules file, - for stdin")
  .addHelpText(
    "after",
    "\nExample:\n  doorplate rules check my-rules.yaml\n\nExit code 1 when there are mistakes.",
  )
  .action(ends(async (files: string[]) => (await import("./rules.ts")).rulesCheck(files)));
rules
  .command("test")
  .description("what a file's rules make of one response")
  .argument("<file>", "a rules file")
  .requiredOption(
    "--response <file>",
    "the bytes that a service sent, or its certificate in PEM; - for stdin",
  )
  .addOption(
    new Option("--type <type>", "how it was heard (default: http for an HTTP message, else tcp)").choices([
      "http",
      "tcp",
      "udp",
      "tls",
    ]),
  )
  .addOption(new Option("--port <n>", "heard on this port (default: any)").argParser(positive))
  .addHelpText(
    "after",
    `
Example:
  curl -si http://10.0.0.5:8080/health > health.txt
  doorplate rules test my-rules.yaml --response health.txt

Exit code 1 when no rule matches.`,
  )
  .action(ends(async (file: string, options) => (await import("./rules.ts")).rulesTest(file, options)));

const signatures = program
  .command("signatures")
  .description("your own service-probes files, and what is built in");
signatures
  .command("check")
  .description("count what is in a file and show every line that was refused, with the reason")
  .argument("<file...>", "a service-probes file, - for stdin; or a directory of Recog XML")
  .addHelpText("after", "\nExample:\n  doorplate signatures check /usr/share/nmap/nmap-service-probes")
  .action(ends(async (files: string[]) => (await import("./signatures.ts")).signaturesCheck(files)));
signatures
  .command("list")
  .description("the packs that a scan would use, with their digests")
  .addOption(signatureFiles)
  .addOption(recogDirectory)
  .addOption(ruleFiles)
  .action(ends(async (options) => (await import("./signatures.ts")).signaturesList(options)));

signatures
  .command("draft")
  .description("a first signature for an unknown service, from its stored observation")
  .argument("<file>", "an observation as JSON, - for stdin")
  .action(ends(async (file: string) => (await import("./draft.ts")).draftCommand(file)));

program
  .command("invoke")
  .description("run one function of the local cloud with an event, as AWS would")
  .argument("<function>", "dispatcher, prober, aggregator, tick or dead-letter")
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

/** Nmap's spelling. What -sR asks for is always done. */
const argv = process.argv
  .filter((argument) => argument !== "-sR")
  .map((argument) => (argument === "-iL" ? "-i" : argument));

try {
  await program.parseAsync(argv);
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else if (error instanceof DoorplateError) {
    console.error(`doorplate: ${error.message}`);
    exitCode = error.exitCode;
  } else {
    console.error("doorplate: this should not have happened; please report it with what stands below");
    console.error(error);
    exitCode = EXIT.environment;
  }
}
process.exit(exitCode);
