/**
 * The operator's service-probes files on their way to the probers: compiled where the scan is asked for, put into the archive
 * under their own SHA-256, named in the request, loaded once by each prober instance. What the archive gives back is
 * checked against its name before it is unpacked.
 */
import { createHash } from "node:crypto";
import type { Archive } from "../cloud/archive.ts";
import { type CompiledPack, digestOf, loadProbePack, type ProbePack } from "../signatures/probe-pack.ts";
import { packObject } from "./keys.ts";

/** Largest compiled pack, bytes: some twenty times today's files. */
const MAX_PACK_BYTES = 16 * 1024 * 1024;

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
  load(archive: Archive, digest: string): Promise<ProbePack>;
}

export function packShelf(): PackShelf {
  const loading = new Map<string, Promise<ProbePack>>();
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

async function fetchPack(archive: Archive, digest: string): Promise<ProbePack> {
  const bytes = await archive.getBytes(packObject(digest), MAX_PACK_BYTES);
  if (!bytes) throw new Error(`the archive has no pack ${digest}; upload it before the scan is asked for`);
  if (digestOf(bytes) !== digest) throw new Error(`what the archive has as pack ${digest} is something else`);
  return loadProbePack(bytes);
}

/** One digest over everything that makes evidence: the packs' own, in order. A single pack keeps its own. */
export function digestOver(digests: readonly string[]): string {
  if (digests.length === 1 && digests[0]) return digests[0];
  return `sha256:${createHash("sha256").update(digests.join("\n")).digest("hex")}`;
}
