/**
 * The grammar of a rules file (docs/rules.md): two styles, rules that ask and rules that read what is heard anyway. Every field is checked by
 * itself, so that one mistake hides no other.
 */
import * as z from "zod";
import { type PortRange, parsePorts } from "../../targets/ports.ts";
import { type CompiledPattern, compilePattern, PatternError } from "../pattern.ts";
import { knownFields } from "../yaml-document.ts";
import { httpRequest, MAX_REQUEST, unknownPlaces } from "./request.ts";
import { EXTRACTED, PATTERN_TYPES, RULE_PROBE_TYPES } from "./types.ts";

const MAX_NAME = 120;
const MAX_PATTERN = 4096;
const MAX_RULES = 2_000;
const MAX_PROBES = 16;
const MAX_ENTRIES = 64;
/** Group numbers beyond this are no use to anybody. */
const MAX_GROUP = 99;
/** For entries that give none. */
export const DEFAULT_CONFIDENCE = 0.8;

type Context = z.core.$RefinementCtx<unknown>;
const fault = (context: Context, message: string, path: PropertyKey[] = []) =>
  context.addIssue({ code: "custom", message, path });
/** Checks over several fields are made even where one of them is wrong. */
const ALWAYS = {
  when: ({ value }: { value: unknown }) =>
    typeof value === "object" && value !== null && !Array.isArray(value),
};

/** One character a byte where that is possible, else the bytes of UTF-8. */
export function bytesOf(text: string): string {
  return /^[\x00-\xff]*$/.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Null when the pattern is wrong. */
export function patternOrNull(source: unknown): CompiledPattern | null {
  try {
    return typeof source === "string" ? compilePattern(bytesOf(source)) : null;
  } catch {
    return null;
  }
}

const pattern = z
  .string()
  .min(1)
  .max(MAX_PATTERN)
  .superRefine((source, context) => {
    try {
      const compiled = compilePattern(bytesOf(source));
      if (compiled.matchesEmpty)
        fault(context, "the pattern can match the empty text, and so matches anything");
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      fault(context, `the pattern is wrong at character ${error.offset + 1}: ${error.reason}`);
    }
  });

/** `-p` syntax, a number, or a list of both. */
const portsText = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)])
  .transform((value) => [value].flat().join(","));

const ports = portsText.transform((text, context): PortRange[] => {
  try {
    const { tcp, udp } = parsePorts(text);
    if (udp.length > 0) fault(context, "ports: write no U: here; probes of type udp mean UDP ports");
    return [...tcp];
  } catch (error) {
    fault(context, (error as Error).message);
    return z.NEVER;
  }
});

const label = z.string().trim().min(1).max(MAX_NAME);
const probability = z
  .number()
  .gt(0, "confidence must be above 0: at 0 an entry would say nothing")
  .max(1, "confidence is a probability from 0 to 1; 90 % is 0.9");

const entryFields = {
  pattern,
  extract: z.enum(EXTRACTED).optional(),
  group: z.int().min(1).max(MAX_GROUP).optional(),
  confidence: probability.default(DEFAULT_CONFIDENCE),
};
const entrySchema = z.strictObject(entryFields, knownFields(entryFields)).superRefine((entry, context) => {
  const compiled = patternOrNull(entry.pattern);
  if (!compiled) return;
  if (!entry.extract) {
    if (entry.group !== undefined) fault(context, "group is of use with extract only", ["group"]);
    return;
  }
  const wanted = entry.group ?? 1;
  if (compiled.groups < wanted)
    fault(
      context,
      `extract takes group ${wanted}, but the pattern has ${compiled.groups === 0 ? "no group: put ( ) around what is wanted" : `${compiled.groups}`}`,
      ["pattern"],
    );
}, ALWAYS);

const probeFields = {
  type: z.enum(RULE_PROBE_TYPES),
  ports: ports.optional(),
  request: z.string().min(1).max(MAX_REQUEST).optional(),
  send: z.string().max(MAX_REQUEST).optional(),
  expect: pattern.optional(),
  confidence: probability.optional(),
  match: z.array(entrySchema).min(1).max(MAX_ENTRIES).optional(),
  all: z.boolean().optional(),
};
const probeSchema = z.strictObject(probeFields, knownFields(probeFields)).superRefine((probe, context) => {
  const { type, request, send } = probe;
  if (typeof request === "string") {
    if (type === "tcp" || type === "udp" || type === "tls")
      fault(context, `request is for type http; type ${type} has send`, ["request"]);
    else for (const problem of httpRequest(request).problems) fault(context, problem, ["request"]);
  }
  if (typeof send === "string" && type === "http")
    fault(context, "send is for tcp, udp and tls; type http has request", ["send"]);
  if (type === "udp" && !send) fault(context, "udp needs send: without a datagram nobody answers", ["send"]);
  for (const [field, text] of Object.entries({ request, send }))
    for (const place of typeof text === "string" ? unknownPlaces(text) : [])
      fault(context, `${place} is unknown; there are {{target}} and {{port}}`, [field]);
  if (probe.expect === undefined && probe.match === undefined)
    fault(context, "the probe reads nothing: give it match (a list of patterns) or expect (one pattern)");
  if (probe.expect !== undefined && probe.match !== undefined)
    fault(context, "expect is short for match with one pattern; use one of them", ["expect"]);
  if (probe.confidence !== undefined && probe.expect === undefined)
    fault(context, "confidence stands beside expect; in match each entry has its own", ["confidence"]);
}, ALWAYS);

const percent = z
  .number()
  .max(100)
  .refine((value) => value === 0 || value >= 1, {
    message: "confidence is in percent here, from 0 to 100; 0.9 would be less than one percent",
  });

const patternFields = {
  type: z.enum(PATTERN_TYPES),
  id: label.optional(),
  header: label.optional(),
  regex: pattern,
  version_group: z.int().min(1).max(MAX_GROUP).nullish(),
  confidence: percent.default(DEFAULT_CONFIDENCE * 100),
  requires: z
    .union([label, z.array(label)])
    .transform((one) => [one].flat())
    .nullish(),
};
const patternSchema = z
  .strictObject(patternFields, knownFields(patternFields))
  .superRefine((entry, context) => {
    if (entry.header !== undefined && entry.type !== "http_header")
      fault(context, "header is of use with type http_header only", ["header"]);
    const compiled = patternOrNull(entry.regex);
    if (compiled && typeof entry.version_group === "number" && entry.version_group > compiled.groups)
      fault(context, `version_group is ${entry.version_group}, but regex has ${compiled.groups} groups`, [
        "version_group",
      ]);
  }, ALWAYS);

const cpe = z
  .string()
  .max(200)
  .regex(/^cpe:(?:\/[aho]:[^\s:]+:[^\s:]+|2\.3:[aho]:[^\s:]+:[^\s:]+)[^\s]*$/, {
    error: "cpe reads as in cpe:2.3:a:acme:app:*:*:*:*:*:*:*:* or cpe:/a:acme:app",
  });

const ruleFields = {
  name: label,
  service: z
    .string()
    .regex(/^[A-Za-z0-9][\w.+-]{0,39}$/, "service is one word, as in http, ssh, ms-wbt-server")
    .optional(),
  product: label.optional(),
  vendor: label.optional(),
  os: label.optional(),
  device: label.optional(),
  info: label.optional(),
  cpe: z
    .union([cpe, z.array(cpe).max(8)])
    .transform((one) => [one].flat())
    .optional(),
  description: z.string().optional(),
  ports: ports.optional(),
  all: z.boolean().optional(),
  probes: z.array(probeSchema).min(1).max(MAX_PROBES).optional(),
  patterns: z.array(patternSchema).min(1).max(MAX_ENTRIES).optional(),
};
const ruleSchema = z.strictObject(ruleFields, knownFields(ruleFields)).superRefine((rule, context) => {
  const { probes, patterns } = rule;
  if (probes === undefined && patterns === undefined) {
    fault(context, "the rule has neither probes (to ask) nor patterns (to read what is heard)");
    return;
  }
  const asks = Array.isArray(probes) ? probes : [];
  const reads = Array.isArray(patterns) ? patterns : [];
  const identifies =
    reads.length > 0 ||
    asks.some((probe) => probe?.expect !== undefined || probe?.match?.some?.((entry) => !entry?.extract));
  if (!identifies && asks.some((probe) => Array.isArray(probe?.match)))
    fault(context, "no entry identifies: at least one must stand without extract", ["probes"]);
  const known = new Set(reads.flatMap((entry) => [entry?.id, entry?.type].filter(Boolean)));
  reads.forEach((entry, i) => {
    for (const name of [entry?.requires ?? []].flat())
      if (!known.has(name))
        fault(
          context,
          `requires names "${name}", which is neither the id nor the type of a pattern of this rule`,
          ["patterns", i, "requires"],
        );
  });
}, ALWAYS);

const fileFields = {
  fingerprints: z.array(ruleSchema).min(1).max(MAX_RULES),
  version: z.unknown().optional(),
};
export const rulesFileSchema = z
  .strictObject(fileFields, knownFields(fileFields))
  .superRefine(({ fingerprints }, context) => {
    const seen = new Set<string>();
    (Array.isArray(fingerprints) ? fingerprints : []).forEach((rule, i) => {
      if (typeof rule?.name !== "string") return;
      if (seen.has(rule.name))
        fault(context, `"${rule.name}" names a rule above already`, ["fingerprints", i, "name"]);
      seen.add(rule.name);
    });
  }, ALWAYS);
export type RulesFile = z.infer<typeof rulesFileSchema>;
export type RuleWritten = RulesFile["fingerprints"][number];
