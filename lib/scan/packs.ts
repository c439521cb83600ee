/**
 * The operator's packs (service-probes files, rules, Recog) on their way to the probers: compiled where the scan is asked for, put into the
 * archive under their own SHA-256, named in the request, loaded once by each prober instance. What the archive gives back is checked
 * against its name before it is unpacked.
 */
import { createHash } from "node:crypto";
import type { Archive } from "../cloud/archive.ts";
import type { Knowledge } from "../detect/interpret.ts";
import { probeFilePack } from "../detect/probe-file/replay.ts";
import { rulesKnowledge } from "../detect/rules/evaluate.ts";
import { PRODUCT_PRIOR } from "../evidence/weights.ts";
import type { Registered } from "../protocols/types.ts";
import { type CompiledPack, digestOf, loadProbePack, type ProbePack } from "../signatures/probe-pack.ts";
import { loadRecogPack, type RecogPack, recogKnowledge } from "../signatures/recog/pack.ts";
import { loadRulesPack, type RulesPack } from "../signatures/rules/pack.ts";
import type { Rule } from "../signatures/rules/types.ts";
import type { Pack } from "../signatures/types.ts";
import { packObject } from "./keys.ts";

/** Largest compiled pack, bytes: some twenty times today's files. */
const MAX_PACK_BYTES = 16 * 1024 * 1024;

/** Any pack of the operator's. */
export type LoadedPack = ProbePack | RulesPack | RecogPack;

/** @throws InputError when the bytes are no pack of this version */
export function loadPack(bytes: Uint8Array): LoadedPack {
  return loadRulesPack(bytes) ?? loadRecogPack(bytes) ?? loadProbePack(bytes);
}

/** Puts a pack where probers look for it; again is harmless. */
export async function uploadPack(
  archive: Archive,
  { digest, bytes }: Pick<CompiledPack, "digest" | "bytes">,
): Promise<void> {
  await archive.putBytes(packObject(digest), bytes);
}

/** Packs by digest, kept as long as the instance lives. */
export interface PackShelf {
  /** @throws Error when the archive has no such pack or another under its name */
  load(archive: Archive, digest: string): Promise<LoadedPack>;
}

export function packShelf(): PackShelf {
  const loading = new Map<string, Promise<LoadedPack>>();
  return {
    load(archive, digest) {
      const known = loading.get(digest);
      if (known) return known;
      const pack = fetchPack(archive, digest);
      loading.set(digest, pack);
      // Tried again for the next batch, should the archive have been out of reach.
      pack.catch(() => loading.delete(digest));
      return pack;
    },
  };
}

async function fetchPack(archive: Archive, digest: string): Promise<LoadedPack> {
  const bytes = await archive.getBytes(packObject(digest), MAX_PACK_BYTES);
  if (!bytes) throw new Error(`the archive has no pack ${digest}; upload it before the scan is asked for`);
  if (digestOf(bytes) !== digest) throw new Error(`what the archive has as pack ${digest} is something else`);
  return loadPack(bytes);
}

/** What packs are used for: all claim, files ask by their own engine, rules ask for themselves. */
export interface PackUse {
  knowledge: Knowledge;
  files: ProbePack[];
  rules: Rule[];
  /** Digest over everything that makes evidence. */
  digest: string;
}

/**
 * @param builtin the built-in pack with its protocols; null: without
 * @param anyAnswer rules read answers to requests that are not theirs, where theirs were never sent
 */
export function usePacks(
  packs: readonly LoadedPack[],
  builtin: { pack: Pack; protocols: readonly Registered[] } | null,
  { anyAnswer = false } = {},
): PackUse {
  const protocols = builtin?.protocols ?? [];
  const asPack = (pack: LoadedPack): Pack => {
    switch (pack.kind) {
      case "service-probes":
        return probeFilePack(pack, protocols);
      case "rules":
        return rulesKnowledge(pack, { anyAnswer });
      case "recog":
        return recogKnowledge(pack, PRODUCT_PRIOR);
    }
  };
  const all = [...(builtin ? [builtin.pack] : []), ...packs.map(asPack)];
  return {
    knowledge: { protocols, packs: all },
    files: packs.filter((pack) => pack.kind === "service-probes"),
    rules: packs.flatMap((pack) => (pack.kind === "rules" ? pack.rules : [])),
    digest: digestOver(all.map(({ digest }) => digest)),
  };
}

/** One digest over everything that makes evidence: the packs' own, in order. A single pack keeps its own. */
export function digestOver(digests: readonly string[]): string {
  if (digests.length === 1 && digests[0]) return digests[0];
  return `sha256:${createHash("sha256").update(digests.join("\n")).digest("hex")}`;
}
