/**
 * A directory of Recog files as one pack: patterns checked and filed once, where the scan is asked for; compiled where a text first makes them
 * candidates. Of one file the first fingerprint that matches a text speaks, as in Recog; files of one key all speak, and those bytes are one
 * family, so that they count beside each other and beside our own signatures only once.
 */
import type { Evidence } from "../../model/evidence.ts";
import { printable } from "../../model/observation.ts";
import { weightOf } from "../certainty.ts";
import { type PackedDocument, packDocument, unpackDocument } from "../document-pack.ts";
import { type CompiledPattern, compilePattern, freshBudget } from "../pattern.ts";
import { type Prefilter, prefilterOf } from "../prefilter.ts";
import { digestOf } from "../probe-pack.ts";
import type { Pack } from "../types.ts";
import { fillParameters, recogClaims } from "./claims.ts";
import type { RecogFile } from "./read.ts";
import { RECOG_SOURCES } from "./sources.ts";

export interface RecogPack {
  readonly kind: "recog";
  /** `recog:<directory>`. */
  readonly name: string;
  readonly digest: string;
  readonly files: readonly RecogFile[];
}

interface RecogDocument {
  kind: "recog";
  format: number;
  name: string;
  files: readonly RecogFile[];
}

/** Raised whenever the layout changes. */
const FORMAT = 1;

export function compileRecogPack(files: readonly RecogFile[], directory: string): PackedDocument {
  const name = `recog:${directory.replace(/[^\x20-\x7e]/g, "_")}`;
  const ordered = [...files].sort((a, b) => b.preference - a.preference);
  return packDocument<RecogDocument>({ kind: "recog", format: FORMAT, name, files: ordered });
}

/** Null when the bytes are another kind of pack. */
export function loadRecogPack(bytes: Uint8Array): RecogPack | null {
  const document = unpackDocument<RecogDocument>(bytes, { kind: "recog", format: FORMAT });
  return document && { kind: "recog", name: document.name, digest: digestOf(bytes), files: document.files };
}

/** @param productPrior log-odds that a product has before evidence (lib/evidence/weights.ts) */
export function recogKnowledge(pack: RecogPack, productPrior: number): Pack {
  const shelves = new Map<string, Shelf[]>();
  for (const file of pack.files) {
    const shelf = shelfOf(file);
    for (const fact of RECOG_SOURCES[file.matches]?.facts ?? [])
      shelves.set(fact, [...(shelves.get(fact) ?? []), shelf]);
  }
  return {
    name: pack.name,
    digest: pack.digest,
    evaluate: ({ facts }) =>
      facts.flatMap(({ name, value, family }) =>
        (shelves.get(name) ?? []).flatMap((shelf): Evidence[] => {
          const found = shelf.first(value);
          if (!found) return [];
          const { line, certainty, parameters } = found.fingerprint;
          const claims = recogClaims(fillParameters(parameters, found.groups), shelf.service);
          return claims.map((claim) => ({
            source: name,
            family,
            claim,
            weight: weightOf(certainty, productPrior),
            excerpt: printable(found.groups[0] ?? ""),
            signature: `${pack.name}/${shelf.file}:${line}`,
          }));
        }),
      ),
  };
}

interface Shelf {
  file: string;
  service: string | null;
  first(
    text: string,
  ): { fingerprint: RecogFile["fingerprints"][number]; groups: (string | undefined)[] } | null;
}

function shelfOf({ file, matches, fingerprints, filings }: RecogFile): Shelf {
  const compiled: (CompiledPattern | undefined)[] = [];
  let prefilter: Prefilter | null = null;
  return {
    file,
    service: RECOG_SOURCES[matches]?.service ?? null,
    first(text) {
      prefilter ??= prefilterOf(filings);
      const budget = freshBudget();
      for (const index of prefilter.candidates(text)) {
        const fingerprint = fingerprints[index];
        if (!fingerprint) continue;
        const pattern = compiled[index] ?? compilePattern(fingerprint.pattern, fingerprint);
        compiled[index] = pattern;
        const match = pattern.exec(text, budget);
        if (match) return { fingerprint, groups: match.groups };
      }
      return null;
    },
  };
}
