import { PatternError } from "./pattern-ast.ts";

/** Back-references that are not plain digits: `\g1 \g{-1} \g{name} \k<name> \k'name' \k{name}` (pcre2pattern(3), "Back references"). */

/** Longest group name, characters (PCRE2). */
export const MAX_NAME = 32;

export interface Reference {
  /** Of the group, from 1; 0 where it is named. */
  index: number;
  name: string | null;
  next: number;
}

/**
 * Reads what follows `\g` or `\k` (`char`) at `at`; the escape begins at `offset`. `groups`: as many have been opened before it.
 * @throws PatternError when it refers to nothing
 */
export function readReference(
  source: string,
  at: number,
  offset: number,
  char: "g" | "k",
  groups: number,
): Reference {
  const fail = (reason: string): never => {
    throw new PatternError(source, offset, reason);
  };
  const rest = source.slice(at, at + MAX_NAME + 8);
  const named =
    char === "k"
      ? /^(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'|\{([A-Za-z_]\w*)\})/.exec(rest)
      : /^\{([A-Za-z_]\w*)\}/.exec(rest);
  if (named) {
    const name = named[1] ?? named[2] ?? named[3] ?? "";
    return { index: 0, name, next: at + named[0].length };
  }
  if (char === "g" && (rest[0] === "<" || rest[0] === "'")) return fail("subroutine calls are not supported");
  const numbered = char === "g" ? /^(?:\{([+-]?)(\d{1,5})\}|([+-]?)(\d{1,5}))/.exec(rest) : null;
  if (!numbered) return fail(`malformed reference after \\${char}`);
  const sign = numbered[1] || numbered[3];
  const number = Number(numbered[2] ?? numbered[4]);
  if (number === 0) return fail("reference to group 0");
  const index = sign === "-" ? groups + 1 - number : sign === "+" ? groups + number : number;
  if (index < 1) return fail("reference to a group that does not exist");
  return { index, name: null, next: at + numbered[0].length };
}
