import type { Node } from "./pattern-ast.ts";

/**
 * Which text must occur in whatever a pattern matches, and which it must begin with: found from the leaves up, neighbours joined as long
 * as both are exact. `indexOf` looks for it before a search begins, the prefilter before a pattern is tried. What is said here may be
 * less than the truth, never something false.
 */

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
