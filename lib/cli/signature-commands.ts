/**
 * The commands that need no network: `match` judges stored observations, `rules` and `signatures` check, try and draft what an operator writes. Here
 * stand their arguments and their help; what they do is loaded when one of them runs.
 */
import { type Command, Option } from "commander";
import { positive } from "./arguments.ts";
import { type Ends, recogDirectory, ruleFiles, services, signatureFiles } from "./options.ts";

export function addSignatureCommands(program: Command, ends: Ends): void {
  program
    .command("match")
    .description("what stored observations say, without a packet: JSON lines from stdin to stdout")
    .addOption(signatureFiles)
    .addOption(recogDirectory)
    .addOption(ruleFiles)
    .addOption(services)
    .option("--no-builtin", "without the built-in signatures and protocols")
    .addHelpText(
      "after",
      `
A line that is wrong is told of on stderr and left out; exit code 1 then, 2 when no line was right. Each line is an Observation, or {"id", "transport"?, "port"?, "responses"?: [{"probe", "tls"?, "data_b64"}], "facts"?: {name: value}}.

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
}
