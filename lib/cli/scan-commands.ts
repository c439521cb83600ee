/**
 * The commands around a scan: `scan` itself, and those that go on with one, look at it, call it off, or tell its results. Here stand their arguments and
 * their help; what they do is loaded when one of them runs, since --help should not wait for the AWS SDK.
 */
import { type Command, Option } from "commander";
import { PROFILE_NAMES } from "../scan/profiles.ts";
import { intensity, named, positive, usd } from "./arguments.ts";
import { refuseNotYet } from "./not-yet.ts";
import {
  type Ends,
  inCloud,
  listed,
  look,
  quietness,
  recogDirectory,
  ruleFiles,
  services,
  signatureFiles,
} from "./options.ts";

const scanning = () => import("./scan.ts");

export function addScanCommands(program: Command, ends: Ends): void {
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
        .argParser(named("--top-ports", positive))
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
        .argParser(named("--max-cost", usd))
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
        .argParser(named("--version-intensity", intensity))
        .helpGroup("Signatures:"),
    )
    .option("--version-light", "intensity 2")
    .option("--version-all", "intensity 9: every probe")
    .option("--allports", "probe ports that your files exclude, printers among them")
    .option(
      "--rpc <file>",
      "your own list of RPC programs, such as /etc/rpc (RPC services are always ground; -sR is accepted)",
    )
    .addOption(services)
    .option("--strict-order", "send the probes of your files one by one, as Nmap does")
    .option("--version-trace", "what was sent, received and matched, on stderr");
  quietness(inCloud(look(scan)))
    .addHelpText(
      "after",
      `
Examples:
  doorplate scan 127.0.0.1 -p 22,80,443 --show-evidence
  doorplate scan www.example.com --scope example.com -o report.json -o report.xml
  doorplate scan -i targets.txt --scope 10.0.0.0/8 --profile fast --format jsonl
  doorplate scan 18.130.0.1 --cloud Doorplate --region eu-central-1

Your defaults for these options stand in ~/.config/doorplate/config.yaml, or in the file that DOORPLATE_CONFIG names (scope: [10.0.0.0/8]).`,
    )
    .hook("preAction", async (command) => {
      const { applyConfiguration, configurationFile } = await import("./configuration-file.ts");
      const file = configurationFile();
      if (file !== null) applyConfiguration(command, file);
    })
    .action(
      ends(async (targets: string[], options, command: Command) => {
        const formatGiven = command.getOptionValueSource("format") !== "default";
        return (await scanning()).scanCommand(targets, { ...options, formatGiven });
      }),
    );

  quietness(
    inCloud(
      program
        .command("resume")
        .description("go on with a scan that was interrupted, or follow one that runs in AWS")
        .argument("<scanId>"),
    ),
  ).action(ends(async (scanId: string, options) => (await scanning()).resumeCommand(scanId, options)));

  inCloud(
    program
      .command("status")
      .description("how far a scan is, its outcomes, dead letters and cost so far, as JSON")
      .argument("<scanId>"),
  ).action(
    ends(async (scanId: string, options) => (await import("./control.ts")).statusCommand(scanId, options)),
  );

  inCloud(
    program
      .command("cancel")
      .description("call a scan off, also one that runs in another terminal; what was found stays")
      .argument("<scanId>")
      .option("-q, --quiet", "no messages, only errors"),
  ).action(
    ends(async (scanId: string, options) => (await import("./control.ts")).cancelCommand(scanId, options)),
  );

  quietness(
    inCloud(
      program
        .command("redrive")
        .description("send the dead letters of a scan again and follow it to its end")
        .argument("<scanId>"),
    ),
  ).action(
    ends(async (scanId: string, options) => (await import("./control.ts")).redriveCommand(scanId, options)),
  );

  refuseNotYet(program, scan);

  inCloud(look(program.command("report").description("all results of a scan").argument("<scanId>"))).action(
    ends(async (scanId: string, options, command: Command) => {
      const given = command.getOptionValueSource("format") === "cli" ? options.format : undefined;
      return (await scanning()).reportCommand(scanId, { ...options, format: given });
    }),
  );
}
