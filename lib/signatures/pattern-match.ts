import { GREEDY, LAZY, OP, type Program } from "./pattern-program.ts";
import { foldedAt, holds, sameText } from "./pattern-subject.ts";

/**
 * Runs a program over latin1 text. Backtracking, as PCRE does it, so that captures come out the same; but
 * with its choices on a stack of its own and every step counted, so that no pattern and no input can take
 * more than the limit: a match that would is given up.
 *
 * A choice is four numbers: program address, position, bound, height of the trail. The trail remembers what
 * slots held before they were overwritten; going back to a choice undoes it. A step is one operation;
 * plain scans over bytes cost one step per `SCAN` bytes, about the same time.
 *
 * It is one function on purpose, one switch over the operations and one place that goes back: all of them change the same
 * few variables, which stay local to it.
 */

/** Bytes that a tight loop passes in the time of one operation (measured: 1 ns against 6 to 8). */
const SCAN = 8;
/** The same for `indexOf`, which compares many bytes at once. */
const FAST_SCAN = 256;
/** Choices (and trail entries) kept at most: 4 numbers each, so about 16 MB; beyond it the match is given up. */
const MAX_CHOICES = 500_000;

/** Bound of a choice that is plain: take it up at its address. */
const PLAIN = -1;

export interface SearchResult {
  /** Capture bounds, two per group, -1 where unset; null when nothing was found or the limit was reached. */
  bounds: number[] | null;
  steps: number;
  exceeded: boolean;
}

/** Searches the leftmost match. `limit`: most steps. */
export function search(program: Program, subject: string, limit: number): SearchResult {
  const { code, sets, texts, anchor, leading, first, required } = program;
  const length = subject.length;
  let steps = 1;
  const none = (): SearchResult => ({ bounds: null, steps, exceeded: false });
  const exceeded = (): SearchResult => ({ bounds: null, steps: Math.min(steps, limit), exceeded: true });

  let lastStart = length - program.minLength;
  if (anchor === "start") lastStart = Math.min(lastStart, 0);
  if (lastStart < 0) return none();
  for (const text of required) {
    steps += Math.floor(length / FAST_SCAN);
    if (steps > limit) return exceeded();
    lastStart = Math.min(lastStart, subject.lastIndexOf(text));
    if (lastStart < 0) return none();
  }

  const slots: number[] = new Array(program.slots).fill(-1);
  const openAt = 2 * (program.groups + 1);
  const heights: number[] = new Array(program.registers).fill(0);
  const positions: number[] = new Array(program.registers).fill(0);
  const choices: number[] = [];
  const trail: number[] = [];

  for (let start = 0; start <= lastStart; start++) {
    const from = start;
    if (anchor === "line") {
      if (start > 0) {
        const feed = subject.indexOf("\n", start - 1);
        if (feed < 0) return none();
        start = feed + 1;
        steps += Math.floor((start - from) / FAST_SCAN);
      }
    } else if (anchor === null) {
      if (leading) {
        start = subject.indexOf(leading, start);
        if (start < 0) return none();
        steps += Math.floor((start - from) / FAST_SCAN);
      } else if (first) {
        while (start <= lastStart && first[subject.charCodeAt(start)] !== 1) start++;
        steps += Math.floor((start - from) / SCAN);
      }
    }
    if (start > lastStart) return none();

    let pc = 0;
    let at = start;
    let sp = 0;
    let tp = 0;
    attempt: for (;;) {
      if (++steps > limit) return exceeded();
      let ok = true;
      switch (code[pc]) {
        case OP.match:
          slots[0] = start;
          slots[1] = at;
          return { bounds: slots.slice(0, openAt), steps, exceeded: false };

        case OP.byte:
          if (at < length && subject.charCodeAt(at) === code[pc + 1]) {
            at++;
            pc += 2;
          } else ok = false;
          break;

        case OP.set:
          if (at < length && sets[code[pc + 1] as number]?.[subject.charCodeAt(at)] === 1) {
            at++;
            pc += 2;
          } else ok = false;
          break;

        case OP.text: {
          const text = texts[code[pc + 1] as number] as string;
          if (subject.startsWith(text, at)) {
            steps += text.length >> 3;
            at += text.length;
            pc += 2;
          } else ok = false;
          break;
        }

        case OP.foldedText: {
          const text = texts[code[pc + 1] as number] as string;
          if (at + text.length <= length && foldedAt(subject, at, text)) {
            steps += text.length >> 3;
            at += text.length;
            pc += 2;
          } else ok = false;
          break;
        }

        case OP.jump:
          pc = code[pc + 1] as number;
          break;

        case OP.try:
        case OP.tryThere: {
          if (sp >= MAX_CHOICES * 4) return exceeded();
          const there = code[pc + 1] as number;
          const here = pc + 2;
          const plain = code[pc] === OP.try;
          choices[sp] = plain ? there : here;
          choices[sp + 1] = at;
          choices[sp + 2] = PLAIN;
          choices[sp + 3] = tp;
          sp += 4;
          pc = plain ? here : there;
          break;
        }

        case OP.open: {
          const slot = openAt + (code[pc + 1] as number);
          trail[tp++] = slot;
          trail[tp++] = slots[slot] as number;
          slots[slot] = at;
          pc += 2;
          break;
        }

        case OP.close: {
          const group = code[pc + 1] as number;
          trail[tp++] = 2 * group;
          trail[tp++] = slots[2 * group] as number;
          trail[tp++] = 2 * group + 1;
          trail[tp++] = slots[2 * group + 1] as number;
          slots[2 * group] = slots[openAt + group] as number;
          slots[2 * group + 1] = at;
          pc += 2;
          break;
        }

        case OP.reference: {
          const group = code[pc + 1] as number;
          const begin = slots[2 * group] as number;
          const size = (slots[2 * group + 1] as number) - begin;
          if (begin >= 0 && at + size <= length) {
            steps += Math.floor(size / SCAN);
            if (sameText(subject, begin, at, size, code[pc + 2] === 1)) {
              at += size;
              pc += 3;
              break;
            }
          }
          ok = false;
          break;
        }

        case OP.assert:
          if (holds(subject, at, code[pc + 1] as number)) pc += 2;
          else ok = false;
          break;

        case OP.run: {
          const set = sets[code[pc + 2] as number] as Uint8Array;
          const min = code[pc + 3] as number;
          const max = code[pc + 4] as number;
          const mode = code[pc + 1];
          const lowest = at + min;
          const farthest = Math.min(length, at + max);
          if (lowest > length) {
            ok = false;
            break;
          }
          const wanted = mode === LAZY ? lowest : farthest;
          let end = at;
          while (end < wanted && set[subject.charCodeAt(end)] === 1) end++;
          steps += Math.floor((end - at) / SCAN);
          if (end < lowest) {
            ok = false;
            break;
          }
          if (mode === GREEDY && end > lowest) {
            // The same code that takes up a choice takes the first one: at `end`, then ever shorter.
            if (sp >= MAX_CHOICES * 4) return exceeded();
            choices[sp] = pc;
            choices[sp + 1] = end;
            choices[sp + 2] = lowest;
            choices[sp + 3] = tp;
            sp += 4;
            ok = false;
          } else if (mode === LAZY && farthest > lowest) {
            if (sp >= MAX_CHOICES * 4) return exceeded();
            choices[sp] = pc;
            choices[sp + 1] = end;
            choices[sp + 2] = farthest;
            choices[sp + 3] = tp;
            sp += 4;
            ok = false;
          } else {
            at = end;
            pc += 6;
          }
          break;
        }

        case OP.count: {
          const slot = code[pc + 1] as number;
          trail[tp++] = slot;
          trail[tp++] = slots[slot] as number;
          slots[slot] = 0;
          pc += 2;
          break;
        }

        case OP.mark: {
          const slot = code[pc + 1] as number;
          trail[tp++] = slot;
          trail[tp++] = slots[slot] as number;
          slots[slot] = at;
          pc += 2;
          break;
        }

        case OP.next: {
          const counter = code[pc + 1] as number;
          const mark = code[pc + 2] as number;
          const begin = code[pc + 6] as number;
          if (counter >= 0) {
            const count = (slots[counter] as number) + 1;
            trail[tp++] = counter;
            trail[tp++] = slots[counter] as number;
            slots[counter] = count;
            if (count < (code[pc + 3] as number)) {
              pc = begin;
              break;
            }
            if (count >= (code[pc + 4] as number)) {
              pc += 7;
              break;
            }
          }
          if (mark >= 0 && slots[mark] === at) {
            pc += 7;
            break;
          }
          if (sp >= MAX_CHOICES * 4) return exceeded();
          const lazy = code[pc + 5] === 1;
          choices[sp] = lazy ? begin : pc + 7;
          choices[sp + 1] = at;
          choices[sp + 2] = PLAIN;
          choices[sp + 3] = tp;
          sp += 4;
          pc = lazy ? pc + 7 : begin;
          break;
        }

        case OP.atomic:
          heights[code[pc + 1] as number] = sp;
          pc += 2;
          break;

        case OP.commit:
          sp = heights[code[pc + 1] as number] as number;
          pc += 2;
          break;

        case OP.look:
          heights[code[pc + 1] as number] = sp;
          positions[code[pc + 1] as number] = at;
          pc += 2;
          break;

        case OP.found:
          sp = heights[code[pc + 1] as number] as number;
          at = positions[code[pc + 1] as number] as number;
          pc += 2;
          break;

        case OP.lookNot:
          if (sp >= MAX_CHOICES * 4) return exceeded();
          heights[code[pc + 1] as number] = sp;
          positions[code[pc + 1] as number] = at;
          choices[sp] = code[pc + 2] as number;
          choices[sp + 1] = at;
          choices[sp + 2] = PLAIN;
          choices[sp + 3] = tp;
          sp += 4;
          pc += 3;
          break;

        case OP.foundNot:
          // Dropping the choices drops the one that `lookNot` left: the assertion has failed.
          sp = heights[code[pc + 1] as number] as number;
          ok = false;
          break;

        case OP.back: {
          const min = code[pc + 1] as number;
          const max = code[pc + 2] as number;
          const nearest = at - min;
          if (nearest < 0) {
            ok = false;
          } else if (min === max) {
            at = nearest;
            pc += 3;
          } else {
            if (sp >= MAX_CHOICES * 4) return exceeded();
            choices[sp] = pc;
            choices[sp + 1] = Math.max(0, at - max);
            choices[sp + 2] = nearest;
            choices[sp + 3] = tp;
            sp += 4;
            ok = false;
          }
          break;
        }

        case OP.backAt:
          if (positions[code[pc + 1] as number] === at) pc += 2;
          else ok = false;
          break;

        default:
          return none();
      }
      if (tp >= MAX_CHOICES * 2) return exceeded();
      if (ok) continue;

      // Go back to the latest choice.
      for (;;) {
        if (sp === 0) break attempt;
        const height = choices[sp - 1] as number;
        while (tp > height) {
          tp -= 2;
          slots[trail[tp] as number] = trail[tp + 1] as number;
        }
        const bound = choices[sp - 2] as number;
        at = choices[sp - 3] as number;
        pc = choices[sp - 4] as number;
        if (bound === PLAIN) {
          sp -= 4;
          break;
        }
        if (code[pc] === OP.back) {
          // Lookbehind of variable length: from far to near.
          if (at >= bound) sp -= 4;
          else choices[sp - 3] = at + 1;
          pc += 3;
          break;
        }
        const follower = code[pc + 5] as number;
        const after = follower >= 0 ? sets[follower] : undefined;
        const seen = at;
        if (code[pc + 1] === GREEDY) {
          // Give back bytes until what follows the run can begin.
          if (after) while (at >= bound && after[subject.charCodeAt(at)] !== 1) at--;
          steps += Math.floor((seen - at) / SCAN);
          if (steps > limit) return exceeded();
          if (at < bound) {
            sp -= 4;
            continue;
          }
          if (at === bound) sp -= 4;
          else choices[sp - 3] = at - 1;
        } else {
          // Take more bytes until what follows can begin; stop where the run's own set ends.
          const set = sets[code[pc + 2] as number] as Uint8Array;
          let stop = false;
          if (after)
            while (after[subject.charCodeAt(at)] !== 1) {
              if (at >= bound || set[subject.charCodeAt(at)] !== 1) {
                stop = true;
                break;
              }
              at++;
            }
          steps += Math.floor((at - seen) / SCAN);
          if (steps > limit) return exceeded();
          if (stop) {
            sp -= 4;
            continue;
          }
          if (at < bound && set[subject.charCodeAt(at)] === 1) choices[sp - 3] = at + 1;
          else sp -= 4;
        }
        pc += 6;
        break;
      }
    }
    // The attempt failed with every choice taken back, but slots set outside any choice remain.
    while (tp > 0) {
      tp -= 2;
      slots[trail[tp] as number] = trail[tp + 1] as number;
    }
  }
  return none();
}
