/**
 * What unseen fingerprints would have met. Signatures were written looking at the corpus, so a row of it is no test of them. For each
 * fingerprint the entries that fire on its rows alone are left out, and its rows are read again with what remains: the rest of the pack,
 * the grammars, the protocol modules. Entries stay that fire nowhere in the corpus, and those that name rightly what was written down from
 * memory by somebody who knew neither (`drawn.ts`): they would have been written in any case.
 */
import { interpret, type Knowledge } from "../../lib/detect/interpret.ts";
import type { Evidence } from "../../lib/model/evidence.ts";
import { NO_VERDICT } from "../../lib/model/fingerprint.ts";
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

/** `drawn`: what entries are known by without the corpus. */
export function readAll(cases: readonly Case[], drawn: readonly Case[]): Map<string, Reading> {
  const entries = builtinEntries();
  const whole = knowing(entries);

  const seen = new Map(cases.map((one) => [one.id, evidenceOn(whole, one)]));
  const taught = new Map(drawn.map((one) => [one.id, evidenceOn(whole, one).filter(rightOn(one))]));
  const own = (key: (piece: Evidence) => string | undefined) =>
    ownBy(supportersOf(cases, seen, key), supportersOf(drawn, taught, key));
  const forgotten = own(({ claim }) => claim.product && identityOf(claim.product, claim.vendor));
  const onlyFrom = own(({ signature }) => signature);
  const readings = new Map<string, Reading>();
  for (const [group, members] of Map.groupBy(cases, ({ fingerprint }) => fingerprint)) {
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

/** Names it the product of a case, that is the one of its label? */
const rightOn =
  (one: Case) =>
  ({ claim: { product, vendor } }: Evidence): boolean =>
    !product || one.judge({ ...NO_VERDICT, product, vendor: vendor ?? null }).product === true;

const NOTHING: ReadonlySet<string> = new Set();
const identityOf = (product: string, vendor: string | undefined) =>
  identify({ product, vendor: vendor ?? null }).key;

/** In which fingerprints something (a signature, an identity) was met. */
function supportersOf(
  cases: readonly Case[],
  seen: ReadonlyMap<string, readonly Evidence[]>,
  key: (piece: Evidence) => string | undefined,
): Map<string, Set<string>> {
  const supporters = new Map<string, Set<string>>();
  for (const one of cases)
    for (const piece of seen.get(one.id) ?? []) {
      const name = key(piece);
      if (!name) continue;
      const groups = supporters.get(name) ?? new Set();
      supporters.set(name, groups.add(one.fingerprint));
    }
  return supporters;
}

type Supporters = ReadonlyMap<string, ReadonlySet<string>>;

/** By fingerprint, what was met in no other, nor elsewhere. */
function ownBy(supporters: Supporters, elsewhere: Supporters): Map<string, ReadonlySet<string>> {
  const single = [...supporters].filter(([name, groups]) => groups.size === 1 && !elsewhere.has(name));
  return new Map(
    [...Map.groupBy(single, ([, groups]) => [...groups][0] ?? "")].map(([group, list]) => [
      group,
      new Set(list.map(([name]) => name)),
    ]),
  );
}
