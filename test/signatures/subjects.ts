import type { Node, ParsedPattern } from "../../lib/signatures/pattern-ast.ts";

/** Makes texts that a pattern is likely to match, and damages them: seeds for comparing matchers. */

export type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

export function likelySubject(parsed: ParsedPattern, random: Random): string {
  const captured: string[] = [];
  const walk = (node: Node): string => {
    switch (node.kind) {
      case "byte": {
        const char = String.fromCharCode(node.byte);
        return node.ignoreCase && random() < 0.5
          ? random() < 0.5
            ? char.toUpperCase()
            : char.toLowerCase()
          : char;
      }
      case "set": {
        const members = [...node.set.keys()].filter((byte) => node.set[byte] === 1);
        const plain = members.filter((byte) => byte >= 0x20 && byte < 0x7f);
        return String.fromCharCode(pick(random, plain.length > 0 && random() < 0.85 ? plain : members));
      }
      case "sequence":
        return node.items.map(walk).join("");
      case "choice":
        return walk(pick(random, node.branches));
      case "capture": {
        const text = walk(node.body);
        captured[node.index] = text;
        return text;
      }
      case "atomic":
        return walk(node.body);
      case "look":
        return !node.negative && !node.behind && random() < 0.3 ? walk(node.body) : "";
      case "assert":
        return random() < 0.1 ? "\n" : "";
      case "reference":
        return captured[node.index] ?? "";
      case "repeat": {
        const most = Math.min(node.max, node.min + Math.floor(random() * 5));
        return Array.from({ length: most }, () => walk(node.body)).join("");
      }
    }
  };
  return walk(parsed.root);
}

const ODD = [
  "\n",
  "\r",
  "\0",
  "\x0b",
  "\x85",
  "\xa0",
  "\xe9",
  "\xc9",
  " ",
  "_",
  "]",
  "a",
  "Z",
  "0",
  "\r\n",
  ".",
];

export function damaged(text: string, random: Random): string {
  let out = text;
  for (let n = 1 + Math.floor(random() * 2); n > 0; n--) {
    const at = Math.floor(random() * (out.length + 1));
    const kind = Math.floor(random() * 7);
    if (kind === 0) out = out.slice(0, at) + out.slice(at + 1);
    else if (kind === 1) out = out.slice(0, at) + pick(random, ODD) + out.slice(at);
    else if (kind === 2) out = out.slice(0, at) + pick(random, ODD) + out.slice(at + 1);
    else if (kind === 3) out = `${out}${pick(random, ["\n", "\r\n", "x", "\n\n"])}`;
    else if (kind === 4) out = `${pick(random, ["\n", "x", " ", "\r\n"])}${out}`;
    else if (kind === 5) out = out.slice(0, at);
    else
      out =
        out.slice(0, at) +
        out.slice(at).replace(/[a-zA-Z]/, (c) => (c < "a" ? c.toLowerCase() : c.toUpperCase()));
  }
  return out;
}
