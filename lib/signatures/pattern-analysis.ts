import { addAll, type ByteSet, byteSet, foldCase, NOT_NEWLINE, sizeOf } from "./byte-sets.ts";
import { type Node, UNBOUNDED } from "./pattern-ast.ts";

/**
 * What can be known of a pattern without running it: how long its matches are, which byte they begin with,
 * which text must occur. Search uses it to skip hopeless places, the prefilter to skip hopeless patterns.
 * Everything here may know less than the truth, never something false.
 */

/** Shortest and longest match, bytes. */
export function lengths(node: Node): { min: number; max: number } {
  switch (node.kind) {
    case "byte":
    case "set":
      return { min: 1, max: 1 };
    case "sequence": {
      let [min, max] = [0, 0];
      for (const item of node.items) {
        const length = lengths(item);
        min += length.min;
        max += length.max;
      }
      return { min, max };
    }
    case "choice": {
      let [min, max] = [UNBOUNDED, 0];
      for (const branch of node.branches) {
        const length = lengths(branch);
        min = Math.min(min, length.min);
        max = Math.max(max, length.max);
      }
      return { min, max };
    }
    case "capture":
    case "atomic":
      return lengths(node.body);
    case "look":
    case "assert":
      return { min: 0, max: 0 };
    case "repeat": {
      const { min, max } = lengths(node.body);
      return { min: min * node.min, max: max === 0 || node.max === 0 ? 0 : max * node.max };
    }
    case "reference":
      return { min: 0, max: UNBOUNDED };
  }
}

/** A set for one byte node. */
export function setOf(node: Node & { kind: "byte" }): ByteSet {
  const set = byteSet([node.byte, node.byte]);
  if (node.ignoreCase) foldCase(set);
  return set;
}

/** Adds every byte that a match can begin with; returns whether the node can match without consuming. */
function addFirst(node: Node, into: ByteSet): boolean {
  switch (node.kind) {
    case "byte":
      addAll(into, setOf(node));
      return false;
    case "set":
      addAll(into, node.set);
      return false;
    case "sequence":
      for (const item of node.items) if (!addFirst(item, into)) return false;
      return true;
    case "choice": {
      let empty = false;
      for (const branch of node.branches) if (addFirst(branch, into)) empty = true;
      return empty;
    }
    case "capture":
    case "atomic":
      return addFirst(node.body, into);
    case "look":
    case "assert":
      return true;
    case "repeat":
      if (node.max === 0) return true;
      return addFirst(node.body, into) || node.min === 0;
    case "reference":
      into.fill(1);
      return true;
  }
}

/** Bytes that any match begins with; null when that says too little to be worth a test. */
export function firstBytes(root: Node): ByteSet | null {
  const set = new Uint8Array(256);
  if (addFirst(root, set) || sizeOf(set) > 224) return null;
  return set;
}

export type Anchor = "start" | "line" | null;

/**
 * `start`: matches only at offset 0. `line`: at 0 or after an LF. A leading `.*` counts: where it fails at
 * the start of a line it fails everywhere in it (not with back-references, whose text would change).
 */
export function anchorOf(node: Node, hasReferences: boolean): Anchor {
  switch (node.kind) {
    case "assert":
      return node.at === "start" ? "start" : node.at === "line-start" ? "line" : null;
    case "sequence": {
      for (const item of node.items) {
        const anchor = anchorOf(item, hasReferences);
        if (anchor) return anchor;
        if (item.kind !== "look" && item.kind !== "assert") return null;
      }
      return null;
    }
    case "choice": {
      let all: Anchor = "start";
      for (const branch of node.branches) {
        const anchor = anchorOf(branch, hasReferences);
        if (!anchor) return null;
        if (anchor === "line") all = "line";
      }
      return all;
    }
    case "capture":
      return anchorOf(node.body, hasReferences);
    case "atomic":
      // `.*` inside an atomic group cannot give back, so only true anchors count.
      return anchorOf(node.body, true);
    case "repeat": {
      if (node.min === 0 && node.max === UNBOUNDED && node.mode !== "possessive" && !hasReferences) {
        if (node.body.kind !== "set") return null;
        const size = sizeOf(node.body.set);
        if (size === 256) return "start";
        return size === 255 && node.body.set.every((flag, byte) => flag === NOT_NEWLINE[byte])
          ? "line"
          : null;
      }
      return node.min > 0 && node.body.kind !== "set" && node.body.kind !== "byte"
        ? anchorOf(node.body, true)
        : null;
    }
    default:
      return null;
  }
}

/** A piece of text that must occur in what the pattern consumes; `folded` text is lower case. */
export interface Literal {
  text: string;
  folded: boolean;
}

/** Longest literal that is kept, bytes. */
const MAX_LITERAL = 64;

interface Pieces {
  /** The node matches exactly this text, or null. */
  exact: Literal | null;
  /** Each entry: at least one of these must occur. */
  required: Literal[][];
}

const NOTHING: Pieces = { exact: null, required: [] };
const EMPTY: Pieces = { exact: { text: "", folded: false }, required: [] };

function join(a: Literal, b: Literal): Literal {
  const folded = a.folded || b.folded;
  const text = (folded ? lowerCase(a.text) : a.text) + (folded ? lowerCase(b.text) : b.text);
  return { text, folded };
}

/** ASCII lower case: `String.toLowerCase` would change bytes above 0x7F. */
export function lowerCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

function pieces(node: Node): Pieces {
  switch (node.kind) {
    case "byte": {
      const char = String.fromCharCode(node.byte);
      return {
        exact: { text: node.ignoreCase ? lowerCase(char) : char, folded: node.ignoreCase },
        required: [],
      };
    }
    case "sequence": {
      const required: Literal[][] = [];
      let run: Literal = { text: "", folded: false };
      let whole = true;
      for (const item of node.items) {
        if (item.kind === "assert" || item.kind === "look") {
          whole = false;
          continue;
        }
        const part = pieces(item);
        if (part.exact && run.text.length + part.exact.text.length <= MAX_LITERAL) {
          run = join(run, part.exact);
          continue;
        }
        if (run.text) required.push([run]);
        whole = false;
        run = part.exact ?? { text: "", folded: false };
        required.push(...part.required);
      }
      if (whole) return { exact: run, required: [] };
      if (run.text) required.push([run]);
      return { exact: null, required };
    }
    case "choice": {
      const any: Literal[] = [];
      for (const branch of node.branches) {
        const best = longest(allRequired(pieces(branch)));
        if (!best) return NOTHING;
        any.push(...best);
      }
      return { exact: null, required: [any] };
    }
    case "capture":
    case "atomic":
      return pieces(node.body);
    case "repeat": {
      if (node.min === 0) return node.max === 0 ? EMPTY : NOTHING;
      const part = pieces(node.body);
      return { exact: null, required: allRequired(part) };
    }
    default:
      return NOTHING;
  }
}

function allRequired(part: Pieces): Literal[][] {
  return part.exact?.text ? [[part.exact]] : part.required;
}

/** The entry whose shortest alternative is longest. */
function longest(required: Literal[][]): Literal[] | null {
  let [best, length]: [Literal[] | null, number] = [null, 0];
  for (const any of required) {
    const shortest = Math.min(...any.map((literal) => literal.text.length));
    if (shortest > length) [best, length] = [any, shortest];
  }
  return best;
}

/** Texts that every match contains: of each entry at least one. */
export function requiredLiterals(root: Node): Literal[][] {
  return allRequired(pieces(root));
}

/** Text that every match begins with (after assertions), exact in case; "" when none is known. */
export function leadingText(node: Node): { text: string; whole: boolean } {
  switch (node.kind) {
    case "byte":
      return node.ignoreCase
        ? { text: "", whole: false }
        : { text: String.fromCharCode(node.byte), whole: true };
    case "assert":
    case "look":
      return { text: "", whole: true };
    case "capture":
    case "atomic":
      return leadingText(node.body);
    case "sequence": {
      let text = "";
      for (const item of node.items) {
        const part = leadingText(item);
        text += part.text;
        if (!part.whole || text.length >= MAX_LITERAL) return { text, whole: false };
      }
      return { text, whole: true };
    }
    case "repeat":
      return { text: node.min > 0 ? leadingText(node.body).text : "", whole: false };
    default:
      return { text: "", whole: false };
  }
}
