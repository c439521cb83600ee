/** Rules compiled for their way to the probers: one file, one pack. */

import { type PackedDocument, packDocument, unpackDocument } from "../document-pack.ts";
import { digestOf } from "../probe-pack.ts";
import type { Rule } from "./types.ts";

export interface RulesPack {
  readonly kind: "rules";
  /** `rules:<file>`: first part of every signature's name. */
  readonly name: string;
  readonly digest: string;
  readonly rules: readonly Rule[];
}

interface RulesDocument {
  kind: "rules";
  format: number;
  name: string;
  rules: readonly Rule[];
}

/** Raised whenever the layout changes. */
const FORMAT = 1;

export function compileRulesPack(rules: readonly Rule[], file: string): PackedDocument {
  const name = `rules:${file.replace(/[^\x20-\x7e]/g, "_")}`;
  return packDocument({ kind: "rules", format: FORMAT, name, rules } satisfies RulesDocument);
}

/** Null when the bytes are another kind of pack. */
export function loadRulesPack(bytes: Uint8Array): RulesPack | null {
  const document = unpackDocument<RulesDocument>(bytes, { kind: "rules", format: FORMAT });
  return document && { kind: "rules", name: document.name, digest: digestOf(bytes), rules: document.rules };
}
