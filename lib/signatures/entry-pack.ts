import { createHash } from "node:crypto";
import type { Claim, Evidence } from "../model/evidence.ts";
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { type Entry, entrySchema, factsOf, fillEntryTemplate, versionOf } from "./entries.ts";
import { type CompiledPattern, compilePattern, freshBudget } from "./pattern.ts";
import { buildPrefilter, type Prefilter } from "./prefilter.ts";
import type { Pack } from "./types.ts";

/**
 * A pack made of entries. For one fact value (or one response) entries are tried in file order: the first
 * that names a product wins; technologies and bare services all apply. Entries whose required text is absent
 * are never run, and a pattern is compiled when it is first needed.
 */

/** What the registry of products knows of one identity. */
export interface Identity {
  key: string;
  product: string;
  vendor: string | null;
  cpe: string | null;
  service?: string | undefined;
  os?: string | undefined;
  device?: string | undefined;
}

export interface IdentityRegistry {
  byKey(key: string): Identity | null;
  /** CPE 2.3 formatted string, null when the identity has none. */
  cpe23(identity: Identity, version: string | null): string | null;
}

/** Entries that read the same thing, in file order. */
interface Shelf {
  entries: readonly Entry[];
  prefilter(): Prefilter;
  pattern(index: number): CompiledPattern;
}

/** Every field of an entry and of its examples, in the order that the digest reads them. */
const DIGEST_FIELDS = [...Object.keys(entrySchema.shape), "input"];

/** `sha256:<hex>` over the entries as JSON with its fields in one order, however they were written. */
export function entriesDigest(entries: readonly Entry[]): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(entries, DIGEST_FIELDS)).digest("hex")}`;
}

/** @throws PatternError, at first use of an entry whose pattern is wrong */
export function entryPack(
  name: string,
  entries: readonly Entry[],
  registry: IdentityRegistry,
  digest = entriesDigest(entries),
): Pack {
  const shelves = new Map<string, Shelf>();
  const shelfOf = (key: string, belongs: (entry: Entry) => boolean): Shelf => {
    const known = shelves.get(key);
    if (known) return known;
    const shelf = makeShelf(entries.filter(belongs));
    shelves.set(key, shelf);
    return shelf;
  };
  const knownFacts = new Set(entries.flatMap(factsOf));
  const knownResponses = new Set(entries.map((entry) => entry.response));

  function read(shelf: Shelf, subject: string, source: string, family: string, out: Evidence[]): void {
    const budget = freshBudget();
    let named = false;
    for (const index of shelf.prefilter().candidates(subject)) {
      const entry = shelf.entries[index];
      if (!entry) continue;
      const naming = entry.product !== undefined || entry.label !== undefined;
      if (naming && named) continue;
      const match = shelf.pattern(index).exec(subject, budget);
      if (!match) continue;
      named ||= naming;
      out.push({
        source,
        family,
        claim: claimOf(entry, source, match.groups, registry),
        weight: entry.weight,
        excerpt: printable(match.groups[0] ?? ""),
        signature: `${name}:${entry.id}`,
      });
    }
  }

  return {
    name,
    digest,
    evaluate({ responses, facts }: { responses: readonly Response[]; facts: readonly Fact[] }): Evidence[] {
      const out: Evidence[] = [];
      for (const fact of facts) {
        if (!knownFacts.has(fact.name)) continue;
        const shelf = shelfOf(`fact ${fact.name}`, (entry) => factsOf(entry).includes(fact.name));
        read(shelf, fact.value, fact.name, fact.family, out);
      }
      for (const { probe, data } of responses) {
        if (data.length === 0) continue;
        // Probe names come from packs, but only those that entries know need a shelf of their own.
        const own = knownResponses.has(probe) ? probe : "any";
        const shelf = shelfOf(
          `response ${own}`,
          (entry) => entry.response === own || entry.response === "any",
        );
        read(shelf, latin1(data), probe, probe === "NULL" ? "banner" : `reply:${probe}`, out);
      }
      return out;
    },
  };
}

export function compileEntry(entry: Entry): CompiledPattern {
  return compilePattern(entry.pattern, {
    ignoreCase: entry.flags?.includes("i") ?? false,
    dotAll: entry.flags?.includes("s") ?? false,
  });
}

function makeShelf(entries: readonly Entry[]): Shelf {
  const patterns: (CompiledPattern | undefined)[] = [];
  let prefilter: Prefilter | null = null;
  return {
    entries,
    prefilter(): Prefilter {
      prefilter ??= buildPrefilter(
        entries.map((entry) => ({
          source: entry.pattern,
          ignoreCase: entry.flags?.includes("i") ?? false,
          dotAll: entry.flags?.includes("s") ?? false,
        })),
      );
      return prefilter;
    },
    pattern(index: number): CompiledPattern {
      const entry = entries[index];
      if (!entry) throw new RangeError(`no entry ${index}`);
      const pattern = patterns[index] ?? compileEntry(entry);
      patterns[index] = pattern;
      return pattern;
    },
  };
}

/** A product named in a greeting offers the service that is greeted for. */
const greeted = (source: string) => /^(\w+)\.banner$/.exec(source)?.[1];

/** What the entry claims, given the captures; identity fields fill what the entry leaves open. */
function claimOf(
  entry: Entry,
  source: string,
  groups: readonly (string | undefined)[],
  registry: IdentityRegistry,
): Claim {
  const field = (text: string | undefined): string | undefined =>
    fillEntryTemplate(text, groups) ?? undefined;
  const version = versionOf(entry, groups) ?? undefined;
  const partOnly = entry.technology !== undefined && entry.product === undefined && entry.label === undefined;
  const named = entry.product !== undefined || entry.label !== undefined;
  const identity = entry.product === undefined ? null : registry.byKey(entry.product);
  const cpe = identity ? registry.cpe23(identity, version ?? null) : null;
  const claim: Claim = {
    service: entry.service ?? (named ? greeted(source) : undefined) ?? identity?.service,
    product: identity?.product ?? field(entry.label) ?? entry.product,
    vendor: field(entry.vendor) ?? identity?.vendor ?? undefined,
    version: partOnly ? undefined : version,
    info: field(entry.info),
    hostname: field(entry.hostname),
    os: field(entry.os) ?? identity?.os,
    device: field(entry.device) ?? identity?.device,
    cpe: cpe === null ? undefined : [cpe],
    technology:
      entry.technology === undefined
        ? undefined
        : { name: entry.technology, version: partOnly ? (version ?? null) : null },
  };
  return Object.fromEntries(Object.entries(claim).filter(([, value]) => value !== undefined));
}
