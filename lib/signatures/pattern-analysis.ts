import { addAll, type ByteSet, byteSet, foldCase, NOT_NEWLINE, sizeOf } from "./byte-sets.ts";
import { type Node, UNBOUNDED } from "./pattern-ast.ts";

/**
 * What can be known of a pattern without running it: how long its matches are, which byte they begin with and at which places
 * (`pattern-literals.ts`: which text must occur). Search uses it to skip hopeless places, the prefilter to skip hopeless patterns.
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
      for (const [index, item] of node.items.entries()) {
        // Behind an assertion that may hold in the middle of a line only true anchors count.
        const anchor = anchorOf(item, hasReferences || index > 0);
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
