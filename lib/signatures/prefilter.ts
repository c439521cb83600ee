import { anchorOf } from "./pattern-analysis.ts";
import type { PatternOptions } from "./pattern-ast.ts";
import { leadingText, lowerCase, requiredLiterals } from "./pattern-literals.ts";
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
interface Needs {
  required: string[][];
  /** Lower-case text at offset 0, "" if not anchored or unknown. */
  start: string;
}

/** @throws PatternError when a pattern is wrong */
function needsOf({ source, ...options }: PrefilterSource): Needs {
  const { root } = parsePattern(source, options);
  const required = requiredLiterals(root).map((any) => any.map((literal) => lowerCase(literal.text)));
  const start = anchorOf(root, true) === "start" ? lowerCase(leadingText(root).text) : "";
  return { required, start };
}

/** Under which keys one pattern is filed: all that has to be stored of a prefilter. */
export interface Filing {
  /** Keys found anywhere, as packed bytes and length in turn; null: filed under `start`, or always a candidate. */
  keys: number[] | null;
  /** Lower-case text at offset 0, "" if not anchored or unknown. */
  start: string;
}

/** @throws PatternError when a pattern is wrong */
export function buildPrefilter(sources: readonly PrefilterSource[]): Prefilter {
  return prefilterOf(filePatterns(sources));
}

/**
 * Finds the keys of each pattern: the slow part (every pattern is parsed), done once where packs are stored.
 * @throws PatternError when a pattern is wrong
 */
export function filePatterns(sources: readonly PrefilterSource[]): Filing[] {
  const needs = sources.map(needsOf);
  // How many patterns could be filed under a key (counted by its hash): our measure of how common it is.
  const uses = new Uint32Array(HASHES);
  for (const { required } of needs)
    for (const any of required)
      for (const text of any) for (const [key, length] of keysOf(text)) bump(uses, key, length);
  return needs.map(({ required, start }) => {
    const head = start.slice(0, KEY);
    let best: Key[] | null = null;
    let cost = head === "" ? Number.POSITIVE_INFINITY : costOf([packKey(head), head.length], uses);
    for (const any of required) {
      const keys = any.map((text) => rarest(text, uses));
      const sum = keys.reduce((total, key) => total + costOf(key, uses), 0);
      if (sum < cost) {
        best = keys;
        cost = sum;
      }
    }
    return { keys: best?.flat() ?? null, start };
  });
}

/** A prefilter from filings found before. */
export function prefilterOf(filings: readonly Filing[]): Prefilter {
  const always: number[] = [];
  /** Keys found anywhere, by their length (1 to 4). */
  const anywhere: Shelf[] = Array.from({ length: KEY + 1 }, () => new Map());
  /** Keys found at offset 0, by their length. */
  const atStart: Shelf[] = Array.from({ length: KEY + 1 }, () => new Map());
  filings.forEach(({ keys, start }, index) => {
    const head = start.slice(0, KEY);
    if (keys)
      for (let i = 0; i + 1 < keys.length; i += 2)
        file(anywhere, [keys[i] as number, keys[i + 1] as number], index);
    else if (head !== "") file(atStart, [packKey(head), head.length], index);
    else always.push(index);
  });
  const lengthsUsed = [1, 2, 3, KEY].filter((length) => (anywhere[length]?.size ?? 0) > 0);
  // One flag per hash of a key: most places of a response are dismissed by it.
  const flags = new Uint8Array(HASHES);
  for (const length of lengthsUsed)
    for (const key of anywhere[length]?.keys() ?? []) flags[hash(key, length)] = 1;

  return {
    candidates(subject: string): number[] {
      const found = new Set<number>(always);
      const add = (indices: readonly number[] | undefined): void => {
        for (const index of indices ?? []) {
          const start = filings[index]?.start;
          if (!start || startsFolded(subject, start)) found.add(index);
        }
      };
      const head = lowerCase(subject.slice(0, KEY));
      for (let length = 1; length <= head.length; length++)
        add(atStart[length]?.get(packKey(head.slice(0, length))));
      for (const length of lengthsUsed) {
        const keys = anywhere[length] as Shelf;
        const mask = length === KEY ? -1 : (1 << (8 * length)) - 1;
        const seen = new Set<number>();
        let key = 0;
        for (let at = 0; at < subject.length; at++) {
          let byte = subject.charCodeAt(at);
          if (byte >= 0x41 && byte <= 0x5a) byte += 0x20;
          key = ((key << 8) | byte) & mask;
          if (at < length - 1 || flags[hash(key, length)] !== 1) continue;
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

/** Packed bytes and how many. */
type Key = readonly [packed: number, length: number];
type Shelf = Map<number, number[]>;

/** Keys are hashed to 16 bits. */
const HASHES = 1 << 16;
/** Keys looked at in one text: enough to find a rare one. */
const MAX_KEYS = 32;

function file(shelves: readonly Shelf[], [packed, length]: Key, index: number): void {
  const shelf = shelves[length];
  const indices = shelf?.get(packed);
  if (!indices) shelf?.set(packed, [index]);
  else if (indices[indices.length - 1] !== index) indices.push(index);
}

function bump(uses: Uint32Array, packed: number, length: number): void {
  const slot = hash(packed, length);
  uses[slot] = (uses[slot] ?? 0) + 1;
}

/** A key of one or two bytes occurs in nearly any response, however few patterns share it. */
function costOf([packed, length]: Key, uses: Uint32Array): number {
  return (1 + (uses[hash(packed, length)] ?? 0)) * (length >= 3 ? 1 : 100);
}

/** Every key of a text: its substrings of 4 bytes, or the whole of a shorter one. */
function keysOf(text: string): Key[] {
  if (text.length <= KEY) return [[packKey(text), text.length]];
  const keys: Key[] = [];
  let packed = packKey(text.slice(0, KEY - 1));
  for (let at = KEY - 1; at < text.length && keys.length < MAX_KEYS; at++) {
    packed = (packed << 8) | text.charCodeAt(at);
    keys.push([packed, KEY]);
  }
  return keys;
}

function rarest(text: string, uses: Uint32Array): Key {
  let best: Key = [0, 0];
  let least = Number.POSITIVE_INFINITY;
  for (const key of keysOf(text)) {
    const cost = costOf(key, uses);
    if (cost < least) {
      best = key;
      least = cost;
    }
  }
  return best;
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

function startsFolded(subject: string, start: string): boolean {
  if (subject.length < start.length) return false;
  for (let i = 0; i < start.length; i++) {
    let byte = subject.charCodeAt(i);
    if (byte >= 0x41 && byte <= 0x5a) byte += 0x20;
    if (byte !== start.charCodeAt(i)) return false;
  }
  return true;
}
