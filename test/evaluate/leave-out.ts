/**
 * What unseen fingerprints would have met. Signatures were written looking at the corpus, so a row of it is no test of them. For each
 * fingerprint the entries that fire on its rows alone are left out, and its rows are read again with what remains: the rest of the pack,
 * the grammars, the protocol modules. Entries that fire nowhere in the corpus stay: they were written from general knowledge.
 */
import { interpret, type Knowledge } from "../../lib/detect/interpret.ts";
import type { Evidence } from "../../lib/model/evidence.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { identify, productByName } from "../../lib/registry/products.ts";
import { builtinEntries, builtinPack } from "../../lib/signatures/builtin/index.ts";
import type { Entry } from "../../lib/signatures/entries.ts";
import type { Case } from "./corpus.ts";

/** The evidence on each case: with all signatures, and with those left out that only its own fingerprint supports. */
export interface Reading {
  seen: Evidence[];
  unseen: Evidence[];
  /** Identities that the registry would not have had: nothing else in the corpus names them. */
  forgotten: ReadonlySet<string>;
}

export type Group = (one: Case) => string;

/** Fingerprint by fingerprint (how unseen rows are drawn), or by whatever else must stay together. */
export function readAll(
  cases: readonly Case[],
  groupOf: Group = ({ fingerprint }) => fingerprint,
): Map<string, Reading> {
  const entries = builtinEntries();
  const whole = knowing(entries);

  const seen = new Map(cases.map((one) => [one.id, evidenceOn(whole, one)]));
  const namers = supportersOf(
    cases,
    seen,
    groupOf,
    ({ claim }) => claim.product && identityOf(claim.product, claim.vendor),
  );
  const forgotten = ownBy(namers);
  const onlyFrom = ownBy(supportersOf(cases, seen, groupOf, ({ signature }) => signature));
  const readings = new Map<string, Reading>();
  for (const [group, members] of Map.groupBy(cases, groupOf)) {
    const out = onlyFrom.get(group) ?? NOTHING;
    const kept = entries.filter(({ id }) => !out.has(`${PACK}:${id}`));
    const unheard = forgotten.get(group) ?? NOTHING;
    const same = kept.length === entries.length && unheard.size === 0;
    const knowledge = same ? whole : knowing(kept, unheard);
    for (const one of members) {
      const before = seen.get(one.id) ?? [];
      const unseen = knowledge === whole ? before : evidenceOn(knowledge, one);
      readings.set(one.id, { seen: before, unseen, forgotten: unheard });
    }
  }
  return readings;
}

const PACK = "builtin";

/**
 * The built-in part with these signatures alone and a registry that never heard of some identities, claims with their authors' weights:
 * kinds are read from those.
 */
export const knowing = (entries: readonly Entry[], unheard: ReadonlySet<string> = new Set()): Knowledge => ({
  protocols,
  packs: [
    builtinPack(entries, (name) => {
      const known = productByName(name);
      return known && unheard.has(identityOf(known.product, known.vendor ?? undefined)) ? null : known;
    }),
  ],
  weigh: (piece) => piece,
});

export function evidenceOn(
  knowledge: Knowledge,
  { responses, facts, tls, transport, port }: Case,
): Evidence[] {
  return interpret(knowledge, responses, tls, facts, { transport, port }).evidence;
}

const NOTHING: ReadonlySet<string> = new Set();
const identityOf = (product: string, vendor: string | undefined) =>
  identify({ product, vendor: vendor ?? null }).key;

/** In which groups something (a signature, an identity) was met. */
function supportersOf(
  cases: readonly Case[],
  seen: ReadonlyMap<string, readonly Evidence[]>,
  groupOf: Group,
  key: (piece: Evidence) => string | undefined,
): Map<string, Set<string>> {
  const supporters = new Map<string, Set<string>>();
  for (const one of cases)
    for (const piece of seen.get(one.id) ?? []) {
      const name = key(piece);
      if (!name) continue;
      const groups = supporters.get(name) ?? new Set();
      supporters.set(name, groups.add(groupOf(one)));
    }
  return supporters;
}

/** By group, what was met in no other. */
function ownBy(supporters: ReadonlyMap<string, ReadonlySet<string>>): Map<string, ReadonlySet<string>> {
  const single = [...supporters].filter(([, groups]) => groups.size === 1);
  return new Map(
    [...Map.groupBy(single, ([, groups]) => [...groups][0] ?? "")].map(([group, list]) => [
      group,
      new Set(list.map(([name]) => name)),
    ]),
  );
}
