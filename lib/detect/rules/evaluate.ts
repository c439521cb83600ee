/**
 * Rules over what was heard: a pure function. An entry that identifies makes one piece of evidence, an entry that extracts makes
 * another once the rule is identified, in the family of the bytes that matched, so that a rule and a built-in signature that read the same
 * line count once.
 */
import { PRODUCT_PRIOR, VERSION_PRIOR } from "../../evidence/weights.ts";
import type { Transport } from "../../model/endpoint.ts";
import type { Claim, Evidence } from "../../model/evidence.ts";
import { printable } from "../../model/observation.ts";
import { weightOf } from "../../signatures/certainty.ts";
import { type CompiledPattern, compilePattern, freshBudget } from "../../signatures/pattern.ts";
import type { RulesPack } from "../../signatures/rules/pack.ts";
import {
  type Extracted,
  RULE_PROBE_PREFIX,
  type Rule,
  type RuleProbe,
  type RuleProbeType,
} from "../../signatures/rules/types.ts";
import type { Pack, StepBudget } from "../../signatures/types.ts";
import { type Heard, type Subject, subjectsOfPattern, subjectsOfProbe } from "./subjects.ts";

/** One pattern that matched. */
export interface Hit {
  subject: Subject;
  index: number;
  groups: (string | undefined)[];
  confidence: number;
  /** What the match fills, null where it identifies only. */
  extract: { field: Extracted; value: string } | null;
  /** For reports: `probes[0].match[1]`. */
  where: string;
}

/** Longest value taken from hostile bytes into a field, characters. */
const MAX_FIELD = 120;

/** A pack of rules as knowledge. `anyAnswer`: rules whose request was never sent read the answers to others (`doorplate match`). */
export function rulesKnowledge(pack: RulesPack, { anyAnswer = false } = {}): Pack {
  const matcher = patternMatcher();
  return {
    name: pack.name,
    digest: pack.digest,
    evaluate({ responses, facts, tls = null, endpoint }) {
      const heard = { responses: responses.filter(({ data }) => data.length > 0), facts, tls };
      const asked = responses.some(({ probe }) => probe.startsWith(RULE_PROBE_PREFIX));
      const exec = matcher();
      return pack.rules.flatMap((rule) => {
        if (!fitsPort(rule.ports, endpoint?.port)) return [];
        const hits = hitsOf(rule, heard, exec, { anyAnswer: anyAnswer && !asked, endpoint });
        return hits ? evidenceOf(pack.name, rule, hits) : [];
      });
    },
  };
}

type Exec = (source: string, subject: Subject) => { index: number; groups: (string | undefined)[] } | null;

/** Patterns compiled at first use; one budget of steps for each text, shared by all patterns that are tried on it. */
export function patternMatcher(): () => Exec {
  const compiled = new Map<string, CompiledPattern>();
  return () => {
    const budgets = new Map<string, StepBudget>();
    return (source, { text }) => {
      const pattern = compiled.get(source) ?? compilePattern(source);
      compiled.set(source, pattern);
      const budget = budgets.get(text) ?? freshBudget();
      budgets.set(text, budget);
      return pattern.exec(text, budget);
    };
  };
}

/** Port 0 is that of an observation whose port nobody knows. */
export const fitsPort = (ports: Rule["ports"], port: number | undefined) =>
  ports === null || !port || ports.some(({ first, last }) => first <= port && port <= last);

const TRANSPORT: Record<RuleProbeType, Transport> = { http: "tcp", tcp: "tcp", tls: "tcp", udp: "udp" };
export const transportOf = ({ type }: Pick<RuleProbe, "type">) => TRANSPORT[type];

/** Everything of a rule that matched; null when it is not identified. */
export function hitsOf(
  rule: Rule,
  heard: Heard,
  exec: Exec,
  how: { anyAnswer: boolean; endpoint?: { transport: Transport; port: number } | undefined },
): Hit[] | null {
  const asked = rule.probes.flatMap((probe, i) => {
    if (how.endpoint && transportOf(probe) !== how.endpoint.transport) return [];
    if (!fitsPort(probe.ports, how.endpoint?.port)) return [];
    return subjectsOfProbe(probe, heard, how.anyAnswer).flatMap((subject) =>
      hitsOfProbe(probe, subject, exec, `probes[${i}]`),
    );
  });
  const hits = [...asked, ...hitsOfPatterns(rule, heard, exec)];
  return hits.some(identifies) ? hits : null;
}

const identifies = ({ extract, where }: Hit) => extract === null || where.startsWith("patterns");

function hitsOfProbe(probe: RuleProbe, subject: Subject, exec: Exec, where: string): Hit[] {
  const hits = probe.entries.flatMap((entry, i): Hit[] => {
    const match = exec(entry.pattern, subject);
    if (!match) return [];
    const value = entry.extract === null ? null : cleaned(match.groups[entry.group]);
    if (entry.extract !== null && value === null) return [];
    const extract = entry.extract !== null && value !== null ? { field: entry.extract, value } : null;
    return [{ subject, ...match, confidence: entry.confidence, extract, where: `${where}.match[${i}]` }];
  });
  const wanted = probe.entries.filter(({ extract }) => extract === null).length;
  const found = hits.filter(({ extract }) => extract === null).length;
  return probe.all && found < wanted ? hits.filter(({ extract }) => extract !== null) : hits;
}

function hitsOfPatterns({ patterns, all }: Rule, heard: Heard, exec: Exec): Hit[] {
  let found = patterns.flatMap((pattern, i) => {
    const hits = subjectsOfPattern(pattern, heard).flatMap((subject): Hit[] => {
      const match = exec(pattern.pattern, subject);
      if (!match) return [];
      const value = pattern.versionGroup === null ? null : cleaned(match.groups[pattern.versionGroup]);
      const extract = value === null ? null : { field: "version" as const, value };
      return [{ subject, ...match, confidence: pattern.confidence, extract, where: `patterns[${i}]` }];
    });
    return hits.length > 0 ? [{ pattern, hits }] : [];
  });
  // A pattern whose requirement fell away may have been the requirement of another.
  for (let before = -1; before !== found.length; ) {
    before = found.length;
    const matched = new Set(found.flatMap(({ pattern }) => [pattern.id, pattern.type]));
    found = found.filter(({ pattern }) => pattern.requires.every((name) => matched.has(name)));
  }
  if (all && found.length < patterns.length) return [];
  // What counts for nothing is there to be required, and names nobody.
  return found.flatMap(({ pattern, hits }) => (pattern.confidence > 0 ? hits : []));
}

function cleaned(text: string | undefined): string | null {
  const clean = printable(text ?? "", MAX_FIELD).trim();
  return clean === "" ? null : clean;
}

/** The version's place in a formatted string, where the rule leaves it open. */
function withVersion(cpe: string, version: string | null): string {
  if (version === null) return cpe;
  const bound = version.toLowerCase().replace(/[^a-z0-9._-]/g, (char) => `\\${char}`);
  return cpe.replace(/^(cpe:2\.3:[aho]:[^:]+:[^:]+):\*:/, (_, head: string) => `${head}:${bound}:`);
}

function evidenceOf(pack: string, rule: Rule, hits: readonly Hit[]): Evidence[] {
  const { service, product, vendor, os, device, info, cpe } = rule;
  const [identifying] = hits.filter(identifies).sort((a, b) => b.confidence - a.confidence);
  const strongest = weightOf(identifying?.confidence ?? 0, PRODUCT_PRIOR);
  const versioned = hits.some(({ extract }) => extract?.field === "version");
  const named = hits.find(({ extract }) => extract?.field === "product")?.extract?.value;
  return hits.map(({ subject, index, groups, confidence, extract, where }) => {
    const own = extract ? { [extract.field]: extract.value } : {};
    const version = extract?.field === "version" ? extract.value : null;
    const claim: Claim = defined({
      service,
      product: named ?? product,
      vendor,
      os,
      device,
      info,
      // The piece with the version names the CPE with it.
      cpe: cpe.length === 0 || (versioned && !version) ? null : cpe.map((one) => withVersion(one, version)),
      ...own,
    });
    // What only extracts rests on the match that identified: it makes no product likelier.
    const only = extract !== null && where.startsWith("probes");
    const bytes = only && identifying ? identifying : { subject, index };
    return {
      source: subject.source,
      family: bytes.subject.family(bytes.index),
      claim,
      weight: only
        ? Math.min(weightOf(confidence, VERSION_PRIOR), strongest)
        : weightOf(confidence, PRODUCT_PRIOR),
      excerpt: printable(groups[0] ?? ""),
      signature: `${pack}/${printable(rule.name)}`,
    };
  });
}

const defined = (claim: Record<string, unknown>): Claim =>
  Object.fromEntries(Object.entries(claim).filter(([, value]) => value !== null && value !== undefined));
