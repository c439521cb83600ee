import { type ByteSet, byteSet, isLetter } from "./byte-sets.ts";
import { anchorOf, firstBytes, lengths, setOf } from "./pattern-analysis.ts";
import { type Node, type ParsedPattern, UNBOUNDED } from "./pattern-ast.ts";
import { leadingText, lowerCase, requiredLiterals } from "./pattern-literals.ts";
import {
  ASSERTIONS,
  GREEDY,
  LAZY,
  NO_MAX,
  OP,
  OP_LENGTH,
  POSSESSIVE,
  type Program,
} from "./pattern-program.ts";

/**
 * The tree as a small program for the backtracking matcher (`pattern-program.ts`).
 * Counted repeats are counters, not copies, so a program is about as long as its pattern.
 */

/** Required texts looked for before a search starts: the longest. */
const MAX_REQUIRED = 4;

/** Never throws: what cannot be run has been refused by the parser. */
export function compileProgram(parsed: ParsedPattern): Program {
  const code: number[] = [];
  const sets: ByteSet[] = [];
  const setNumbers = new Map<string, number>();
  const texts: string[] = [];
  let slots = 3 * (parsed.groups + 1);
  let registers = 0;
  let hasReferences = false;

  function setNumber(set: ByteSet): number {
    const key = Buffer.from(set).toString("latin1");
    const known = setNumbers.get(key);
    if (known !== undefined) return known;
    setNumbers.set(key, sets.length);
    return sets.push(set) - 1;
  }

  /** Writes an operation whose target is not known yet; returns the place of the target. */
  function forward(...operation: number[]): number {
    code.push(...operation, -1);
    return code.length - 1;
  }
  function land(place: number): void {
    code[place] = code.length;
  }

  function emit(node: Node): void {
    switch (node.kind) {
      case "byte":
        if (node.ignoreCase) code.push(OP.set, setNumber(setOf(node)));
        else code.push(OP.byte, node.byte);
        return;
      case "set":
        code.push(OP.set, setNumber(node.set));
        return;
      case "sequence":
        emitSequence(node.items);
        return;
      case "choice":
        emitChoice(node.branches, emit);
        return;
      case "capture":
        code.push(OP.open, node.index);
        emit(node.body);
        code.push(OP.close, node.index);
        return;
      case "atomic": {
        const register = registers++;
        code.push(OP.atomic, register);
        emit(node.body);
        code.push(OP.commit, register);
        return;
      }
      case "look":
        emitLook(node);
        return;
      case "assert":
        code.push(OP.assert, ASSERTIONS.indexOf(node.at));
        return;
      case "reference":
        hasReferences = true;
        code.push(OP.reference, node.index, node.ignoreCase ? 1 : 0);
        return;
      case "repeat":
        emitRepeat(node);
        return;
    }
  }

  /** Neighbouring bytes become one text, as long as their letters agree about case. */
  function emitSequence(items: readonly Node[]): void {
    for (let i = 0; i < items.length; ) {
      let text = "";
      let folded: boolean | null = null;
      let item = items[i];
      while (
        item?.kind === "byte" &&
        (!isLetter(item.byte) || (folded ?? item.ignoreCase) === item.ignoreCase)
      ) {
        if (isLetter(item.byte)) folded = item.ignoreCase;
        text += String.fromCharCode(item.byte);
        item = items[++i];
      }
      if (text.length > 1) {
        code.push(folded ? OP.foldedText : OP.text, texts.push(folded ? lowerCase(text) : text) - 1);
      } else if (text.length === 1) {
        emit(items[i - 1] as Node);
      } else {
        emit(items[i++] as Node);
      }
    }
  }

  function emitChoice(branches: readonly Node[], each: (branch: Node) => void): void {
    const exits: number[] = [];
    for (const [i, branch] of branches.entries()) {
      const last = i === branches.length - 1;
      const otherwise = last ? null : forward(OP.try);
      each(branch);
      if (otherwise === null) break;
      exits.push(forward(OP.jump));
      land(otherwise);
    }
    for (const exit of exits) land(exit);
  }

  function emitLook(node: Node & { kind: "look" }): void {
    const register = registers++;
    const body = (): void => {
      if (!node.behind) {
        emit(node.body);
        return;
      }
      const branches = node.body.kind === "choice" ? node.body.branches : [node.body];
      emitChoice(branches, (branch) => {
        const { min, max } = lengths(branch);
        code.push(OP.back, min, max);
        emit(branch);
        code.push(OP.backAt, register);
      });
    };
    if (node.negative) {
      const otherwise = forward(OP.lookNot, register);
      body();
      code.push(OP.foundNot, register);
      land(otherwise);
    } else {
      code.push(OP.look, register);
      body();
      code.push(OP.found, register);
    }
  }

  function emitRepeat({ body, min, max, mode }: Node & { kind: "repeat" }): void {
    if (max === 0) return;
    const bound = max === UNBOUNDED ? NO_MAX : max;
    if (body.kind === "byte" || body.kind === "set") {
      const set = setNumber(body.kind === "byte" ? setOf(body) : body.set);
      code.push(
        OP.run,
        mode === "greedy" ? GREEDY : mode === "lazy" ? LAZY : POSSESSIVE,
        set,
        min,
        bound,
        -1,
      );
      return;
    }
    if (mode === "possessive") {
      emit({ kind: "atomic", body: { kind: "repeat", body, min, max, mode: "greedy" } });
      return;
    }
    const lazy = mode === "lazy";
    const skip = min === 0 ? forward(lazy ? OP.tryThere : OP.try) : null;
    if (max === 1) {
      emit(body);
    } else {
      const counter = min > 1 || bound !== NO_MAX ? slots++ : -1;
      // PCRE leaves an unbounded loop after an iteration that consumed nothing.
      const mark = bound === NO_MAX && lengths(body).min === 0 ? slots++ : -1;
      if (counter >= 0) code.push(OP.count, counter);
      const start = code.length;
      if (mark >= 0) code.push(OP.mark, mark);
      emit(body);
      code.push(OP.next, counter, mark, min, bound, lazy ? 1 : 0, start);
    }
    if (skip !== null) land(skip);
  }

  emit(parsed.root);
  code.push(OP.match);
  noteFollowers(code, sets, texts, setNumber);
  const required = requiredLiterals(parsed.root)
    .filter((any) => any.length === 1)
    .flat()
    .filter(({ text, folded }) => !(folded && /[a-z]/.test(text)))
    .map(({ text }) => text)
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_REQUIRED);
  return {
    code: Int32Array.from(code),
    sets,
    texts,
    groups: parsed.groups,
    slots,
    registers,
    anchor: anchorOf(parsed.root, hasReferences),
    leading: leadingText(parsed.root).text,
    first: firstBytes(parsed.root),
    required,
    minLength: lengths(parsed.root).min,
  };
}

/** Tells each run which bytes can follow it, where that is plain: it then gives back only to such places. */
function noteFollowers(
  code: number[],
  sets: readonly ByteSet[],
  texts: readonly string[],
  setNumber: (set: ByteSet) => number,
): void {
  for (let at = 0; at < code.length; at += OP_LENGTH[code[at] as number] as number) {
    if (code[at] !== OP.run) continue;
    let next = at + 6;
    while (code[next] === OP.open || code[next] === OP.close || code[next] === OP.jump)
      next = code[next] === OP.jump ? (code[next + 1] as number) : next + 2;
    const operand = code[next + 1] as number;
    if (code[next] === OP.byte) code[at + 5] = setNumber(byteSet([operand, operand]));
    else if (code[next] === OP.set) code[at + 5] = operand;
    else if (code[next] === OP.run && (code[next + 3] as number) > 0) code[at + 5] = code[next + 2] as number;
    else if (code[next] === OP.text) {
      const byte = texts[operand]?.charCodeAt(0) ?? 0;
      code[at + 5] = setNumber(byteSet([byte, byte]));
    }
    if (sets[code[at + 5] as number]?.every((flag) => flag === 1)) code[at + 5] = -1;
  }
}
