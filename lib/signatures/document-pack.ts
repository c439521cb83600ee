/**
 * A pack that is one JSON document: custom rules, Recog fingerprints. Gzip over `{"kind", "format", ...}`; a compiled service-probes file
 * begins with the length of its index instead, and no index is long enough for its length to begin with a brace.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { InputError } from "../model/errors.ts";

/** Largest document that is unpacked, bytes. */
const MAX_UNPACKED = 64 * 1024 * 1024;

export interface PackedDocument {
  bytes: Uint8Array;
  /** `sha256:<hex>` of the bytes: the pack's name in the archive. */
  digest: string;
}

/** Equal documents give equal bytes. */
export function packDocument<T extends { kind: string; format: number }>(document: T): PackedDocument {
  const bytes = gzipSync(JSON.stringify(document), { level: 9 });
  return { bytes, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

/** The document; null when the bytes hold no document of this kind. @throws InputError when it has another format */
export function unpackDocument<T extends { kind: string; format: number }>(
  bytes: Uint8Array,
  { kind, format }: Pick<T, "kind" | "format">,
): T | null {
  let document: T;
  try {
    const text = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED }).toString();
    if (!text.startsWith(`{"kind":${JSON.stringify(kind)},`)) return null;
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (document.format === format) return document;
  throw new InputError("the pack was compiled by another version of doorplate; compile it again", "pack");
}
