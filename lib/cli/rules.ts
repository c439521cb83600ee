import { X509Certificate } from "node:crypto";
import { basename } from "node:path";
import { interpret } from "../detect/interpret.ts";
import { type Hit, hitsOf, patternMatcher } from "../detect/rules/evaluate.ts";
import { isHttp } from "../detect/rules/subjects.ts";
import { fuse } from "../evidence/fuse.ts";
import { DoorplateError, EXIT } from "../model/errors.ts";
import { printable, type Response, type TlsSession } from "../model/observation.ts";
import { protocols } from "../protocols/index.ts";
import { usePacks } from "../scan/packs.ts";
import { compileRulesPack, loadRulesPack } from "../signatures/rules/pack.ts";
import { readRules } from "../signatures/rules/read.ts";
import type { Rule } from "../signatures/rules/types.ts";
import { readNamed } from "./files.ts";
import { compileRuleFiles, readRulesFile } from "./rule-files.ts";

// `rules check|test`: what is in rules files, what is wrong with them, and what they make of a response.

export interface RulesReport {
  lines: string[];
  mistakes: number;
}

const counted = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** Counts, then every mistake as compilers write it: `FILE:line:column: mistake: reason`. */
function rulesReport(text: string, name: string): RulesReport {
  const { rules, mistakes, warnings } = readRules(text);
  const probes = rules.flatMap((rule) => rule.probes);
  const patterns =
    rules.flatMap((rule) => rule.patterns).length + probes.flatMap(({ entries }) => entries).length;
  const counts =
    mistakes.length > 0
      ? [counted(mistakes.length, "mistake")]
      : [
          counted(rules.length, "rule"),
          counted(probes.length, "probe"),
          counted(patterns, "pattern"),
          counted(warnings.length, "warning"),
          "no mistakes",
        ];
  return {
    lines: [
      `${name}: ${counts.join(", ")}`,
      ...mistakes.map(({ line, column, reason }) => `${name}:${line}:${column}: mistake: ${reason}`),
      ...warnings.map(({ line, column, reason }) => `${name}:${line}:${column}: warning: ${reason}`),
    ],
    mistakes: mistakes.length,
  };
}

export function rulesCheck(files: string[]): number {
  let mistakes = 0;
  for (const file of files) {
    const report = rulesReport(readRulesFile(file), file);
    process.stdout.write(`${report.lines.join("\n")}\n`);
    mistakes += report.mistakes;
  }
  return mistakes > 0 ? EXIT.incomplete : EXIT.done;
}

const RESPONSE_TYPES = ["http", "tcp", "udp", "tls"] as const;

export interface TestOptions {
  response: string;
  type?: (typeof RESPONSE_TYPES)[number];
  port?: number;
}

/** What each rule makes of one response. @returns 1 when none matches */
export function rulesTest(file: string, options: TestOptions): number {
  const [ready] = compileRuleFiles([file]);
  const pack = ready && loadRulesPack(ready.bytes);
  if (!pack) return EXIT.incomplete;
  const { lines, matched } = testReport(pack.rules, readResponse(options), basename(file));
  process.stdout.write(`${lines.join("\n")}\n`);
  return matched > 0 ? EXIT.done : EXIT.incomplete;
}

export interface TestedResponse {
  responses: Response[];
  tls: TlsSession | null;
  endpoint: { transport: "tcp" | "udp"; port: number };
}

function testReport(
  rules: readonly Rule[],
  { responses, tls, endpoint }: TestedResponse,
  name: string,
): { lines: string[]; matched: number } {
  const exec = patternMatcher()();
  const heard = { responses, facts: interpret({ protocols, packs: [] }, responses, tls).facts, tls };
  let matched = 0;
  const lines = rules.flatMap((rule) => {
    const hits = hitsOf(rule, heard, exec, { anyAnswer: true, endpoint });
    if (!hits) return [`${printable(rule.name)}: no match`];
    matched++;
    return [`${printable(rule.name)}: matches`, ...hits.map(hitLine)];
  });
  if (matched > 0) {
    const pack = loadRulesPack(compileRulesPack(rules, name).bytes);
    const { knowledge } = usePacks(pack ? [pack] : [], null, { anyAnswer: true });
    const { evidence } = interpret({ ...knowledge, protocols }, responses, tls, [], endpoint);
    const verdict = fuse({ ...endpoint, evidence, asked: true });
    const named = [verdict.service, verdict.product, verdict.version].filter(Boolean).join(" ");
    lines.push(
      `verdict: ${named}, confidence ${verdict.confidence}${verdict.cpe.map((cpe) => `, ${cpe}`).join("")}`,
    );
  }
  return { lines, matched };
}

function hitLine({ where, subject, index, groups, extract, confidence }: Hit): string {
  const says = extract ? `${extract.field} is ${extract.value}` : "identifies";
  const place = `${subject.source}, byte ${index}`;
  return `  ${where}: ${says}, confidence ${confidence}: "${printable(groups[0] ?? "", 80)}" (${place})`;
}

const PEM = "-----BEGIN CERTIFICATE-----";

/** Raw bytes as they came from the network; or a certificate in PEM. @throws DoorplateError when the file cannot be read */
function readResponse({ response: file, type, port = 0 }: TestOptions): TestedResponse {
  const data = readNamed(file, "response");
  const endpoint = { transport: type === "udp" ? ("udp" as const) : ("tcp" as const), port };
  if (data.subarray(0, PEM.length).toString("latin1") === PEM)
    return { responses: [], tls: sessionOf(data, file), endpoint };
  const response: Response = {
    probe: "NULL",
    tls: type === "tls",
    data,
    firstByteMs: null,
    end: "complete",
    connection: 0,
  };
  const http = type === "http" || (type === undefined && isHttp(response));
  return { responses: [http ? { ...response, probe: "http.get" } : response], tls: null, endpoint };
}

function sessionOf(pem: Buffer, file: string): TlsSession {
  try {
    return { protocol: "TLSv1.3", cipher: "", alpn: null, certificates: [new X509Certificate(pem).raw] };
  } catch (cause) {
    throw new DoorplateError(`${file} holds no certificate: ${(cause as Error).message}`, { cause });
  }
}
