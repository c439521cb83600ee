/** A rules file as text to rules: mistakes and warnings with their places, or the rules with defaults filled in. */
import { type Document, isScalar, Scalar, visit } from "yaml";
import { cpe23FromUri } from "../cpe-uri.ts";
import { unescapeData } from "../probe-escapes.ts";
import { type Mistake, readYaml } from "../yaml-document.ts";
import { httpRequest, probeName } from "./request.ts";
import { bytesOf, DEFAULT_CONFIDENCE, patternOrNull, type RuleWritten, rulesFileSchema } from "./schema.ts";
import type { Rule, RuleEntry, RulePattern, RuleProbe } from "./types.ts";

export interface RulesReading {
  /** Empty when there are mistakes. */
  rules: Rule[];
  mistakes: Mistake[];
  warnings: Mistake[];
}

/** Never throws: what is wrong is in `mistakes`, all of it. */
export function readRules(text: string): RulesReading {
  const { value, mistakes, place } = readYaml(text, rulesFileSchema, decodeSent);
  if (!value) return { rules: [], mistakes, warnings: [] };
  const warnings = value.fingerprints.flatMap(({ probes = [] }, i) =>
    probes.flatMap(({ request }, j) =>
      (request === undefined ? [] : httpRequest(bytesOf(request)).warnings).map((reason) => ({
        ...place(["fingerprints", i, "probes", j, "request"]),
        reason,
      })),
    ),
  );
  return { rules: value.fingerprints.map(ruleOf), mistakes: [], warnings };
}

/** YAML reads escapes between double quotes only; `send: '\r\n'` and `send: \x00` mean the same bytes here. */
function decodeSent(document: Document): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== "send" || !isScalar(value) || typeof value.value !== "string")
        return;
      if (value.type !== Scalar.PLAIN && value.type !== Scalar.QUOTE_SINGLE) return;
      const decoded = unescapeData(value.value);
      if (typeof decoded === "string") value.value = decoded;
    },
  });
}

function ruleOf(written: RuleWritten): Rule {
  const { name, service, product, vendor, os, device, info, cpe = [], all = false } = written;
  const probes = (written.probes ?? []).map((probe) => probeOf(probe, written));
  return {
    name,
    service: service ?? (probes.length > 0 && probes.every(({ type }) => type === "http") ? "http" : null),
    product: product ?? name,
    vendor: vendor ?? null,
    cpe: cpe.map(cpe23FromUri),
    os: os ?? null,
    device: device ?? null,
    info: info ?? null,
    ports: written.ports ?? null,
    all,
    probes,
    patterns: (written.patterns ?? []).map(patternOf),
  };
}

type ProbeWritten = NonNullable<RuleWritten["probes"]>[number];

function probeOf(probe: ProbeWritten, rule: RuleWritten): RuleProbe {
  const { type, send, expect, confidence = DEFAULT_CONFIDENCE } = probe;
  const written = probe.request === undefined ? null : httpRequest(bytesOf(probe.request)).text;
  const request = type === "http" ? written : send ? bytesOf(send) : null;
  const entries = probe.match?.map(entryOf) ?? [];
  if (expect !== undefined) entries.push({ pattern: bytesOf(expect), extract: null, group: 0, confidence });
  return {
    type,
    ports: probe.ports ?? rule.ports ?? null,
    request,
    probe: probeName(type, request),
    all: probe.all ?? rule.all ?? false,
    entries,
  };
}

function entryOf({
  pattern,
  extract,
  group,
  confidence,
}: NonNullable<ProbeWritten["match"]>[number]): RuleEntry {
  const named = extract && patternOrNull(pattern)?.names.get(extract);
  return { pattern: bytesOf(pattern), extract: extract ?? null, group: group ?? named ?? 1, confidence };
}

function patternOf(written: NonNullable<RuleWritten["patterns"]>[number]): RulePattern {
  const { type, id, header, regex, version_group, confidence, requires } = written;
  return {
    type,
    id: id ?? null,
    header: header?.toLowerCase() ?? null,
    pattern: bytesOf(regex),
    versionGroup: version_group ?? patternOrNull(regex)?.names.get("version") ?? null,
    confidence: confidence / 100,
    requires: requires ?? [],
  };
}
