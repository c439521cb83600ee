import { anchorOf, leadingText, lowerCase, requiredLiterals } from "./pattern-analysis.ts";
import type { PatternOptions } from "./pattern-ast.ts";
import { parsePattern } from "./pattern-parse.ts";

/**
 * Which of many patterns can match a response at all? One pass over the response finds the few whose
 * required text is there; only these are run. Never loses a pattern that would match.
 *
 * Each pattern is filed under one key, the rarest among its required texts: up to 4 bytes, in lower case so
 * that patterns blind to case fit too. A pattern anchored at the start of the subject may be filed under its
 * first bytes instead. Patterns with no required text are always candidates.
 */
export interface Prefilter {
  /** Indices of the patterns that may match, ascending. */
  candidates(subject: string): number[];
}

export interface PrefilterSource extends PatternOptions {
  source: string;
}

/** Bytes in a key. */
const KEY = 4;

/** What one pattern needs: each entry, at least one of its texts (lower case). */
export interface Needs {
  required: string[][];
  /** Lower-case text at offset 0, "" if not anchored or unknown. */
  start: string;
}

/** @throws PatternError when a pattern is wrong */
export function needsOf({ source, ...options }: PrefilterSource): Needs {
  const { root } = parsePattern(source, options);
  const required = requiredLiterals(root).map((any) => any.map((literal) => lowerCase(literal.text)));
  const start = anchorOf(root, true) === "start" ? lowerCase(leadingText(root).text) : "";
  return { required, start };
}

/** @throws PatternError when a pattern is wrong */
export function buildPrefilter(sources: readonly PrefilterSource[]): Prefilter {
  return prefilterFrom(sources.map(needsOf));
}

/** The same from needs found before, so that a stored pack need not parse its patterns. */
export function prefilterFrom(needs: readonly Needs[]): Prefilter {
  // How many patterns could be filed under a key: our measure of how common it is.
  const uses = new Map<string, number>();
  for (const { required } of needs)
    for (const any of required)
      for (const text of any) for (const key of keysOf(text)) uses.set(key, (uses.get(key) ?? 0) + 1);

  const always: number[] = [];
  /** Keys found anywhere, by their length (1 to 4). */
  const anywhere: Map<number, number[]>[] = Array.from({ length: KEY + 1 }, () => new Map());
  /** Keys found at offset 0, by their length. */
  const atStart: Map<number, number[]>[] = Array.from({ length: KEY + 1 }, () => new Map());

  needs.forEach(({ required, start }, index) => {
    const startKey = start.slice(0, KEY);
    let [best, cost] = [startKey ? null : undefined, startKey ? (uses.get(startKey) ?? 1) : Infinity] as [
      string[] | null | undefined,
      number,
    ];
    // A start of one or two bytes says little; a longer one is as good as its rarity.
    if (startKey.length > 0 && startKey.length < 3) cost = Math.max(cost, 1000 / startKey.length);
    for (const any of required) {
      const keys = any.map((text) => rarest(text, uses));
      let sum = 0;
      for (const key of keys) sum += (uses.get(key) ?? 1) * (key.length >= 3 ? 1 : 100);
      if (sum < cost) [best, cost] = [keys, sum];
    }
    if (best === undefined) always.push(index);
    else if (best === null) file(atStart, startKey, index);
    else for (const key of new Set(best)) file(anywhere, key, index);
  });
  const lengthsUsed = anywhere.map((keys, length) => (keys.size > 0 ? length : 0)).filter((length) => length > 0);
  // One bit per hash of a key: most places of a response are dismissed by it.
  const bits = new Uint8Array(1 << 16);
  for (const length of lengthsUsed) for (const key of anywhere[length]?.keys() ?? []) bits[hash(key, length)] = 1;

  return {
    candidates(subject: string): number[] {
      const found = new Set<number>(always);
      const add = (indices: readonly number[] | undefined): void => {
        for (const index of indices ?? []) {
          const start = needs[index]?.start;
          if (!start || startsFolded(subject, start)) found.add(index);
        }
      };
      const head = lowerCase(subject.slice(0, KEY));
      for (let length = 1; length <= head.length; length++)
        add(atStart[length]?.get(packKey(head.slice(0, length))));
      const seen = new Set<number>();
      for (const length of lengthsUsed) {
        const keys = anywhere[length] as Map<number, number[]>;
        const mask = length === 4 ? -1 : (1 << (8 * length)) - 1;
        let key = 0;
        seen.clear();
        for (let at = 0; at < subject.length; at++) {
          let byte = subject.charCodeAt(at);
          if (byte >= 0x41 && byte <= 0x5a) byte += 0x20;
          key = ((key << 8) | byte) & mask;
          if (at < length - 1 || bits[hash(key, length)] !== 1) continue;
          const indices = keys.get(key);
          if (!indices || seen.has(key)) continue;
          seen.add(key);
          add(indices);
        }
      }
      return [...found].sort((a, b) => a - b);
    },
  };
}

function file(shelves: readonly Map<number, number[]>[], key: string, index: number): void {
  const shelf = shelves[key.length];
  const packed = packKey(key);
  const indices = shelf?.get(packed);
  if (indices) indices.push(index);
  else shelf?.set(packed, [index]);
}

/** Big-endian number of up to 4 bytes (signed, as bit operations give it). */
function packKey(key: string): number {
  let packed = 0;
  for (let i = 0; i < key.length; i++) packed = (packed << 8) | key.charCodeAt(i);
  return packed;
}

function hash(key: number, length: number): number {
  return (Math.imul(key ^ (length << 29), 0x9e3779b1) >>> 16) & 0xffff;
}

/** Every key of a text: its substrings of 4 bytes, or the whole of a shorter one. */
function keysOf(text: string): string[] {
  if (text.length <= KEY) return [text];
  return Array.from({ length: text.length - KEY + 1 }, (_, i) => text.slice(i, i + KEY));
}

function rarest(text: string, uses: ReadonlyMap<string, number>): string {
  let [best, count] = ["", Infinity];
  for (const key of keysOf(text)) {
    const n = uses.get(key) ?? 1;
    if (n < count) [best, count] = [key, n];
  }
  return best;
}

function startsFolded(subject: string, start: string): boolean {
  if (subject.length < start.length) return false;
  for (let i = 0; i < start.length; i++) {
    let byte = subject.charCodeAt(i);
    if (byte >= 0x41 && byte <= 0x5a) byte += 0x20;
    if (byte !== start.charCodeAt(i)) return false;
  }
  return true;
}
