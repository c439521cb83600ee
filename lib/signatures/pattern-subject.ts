import { WORD } from "./byte-sets.ts";

/**
 * What the matcher asks of the subject at one place, without moving and without a choice: is this text here, is it the same as there,
 * does the assertion hold. Only A-Z and a-z fold. Who calls has seen to it that the place lies within the subject.
 */

/** Is `text` (lower case) at this place, blind to ASCII case? */
export function foldedAt(subject: string, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    let byte = subject.charCodeAt(at + i);
    if (byte >= 0x41 && byte <= 0x5a) byte += 0x20;
    if (byte !== text.charCodeAt(i)) return false;
  }
  return true;
}

export function sameText(subject: string, a: number, b: number, size: number, ignoreCase: boolean): boolean {
  for (let i = 0; i < size; i++) {
    let left = subject.charCodeAt(a + i);
    let right = subject.charCodeAt(b + i);
    if (ignoreCase) {
      if (left >= 0x41 && left <= 0x5a) left += 0x20;
      if (right >= 0x41 && right <= 0x5a) right += 0x20;
    }
    if (left !== right) return false;
  }
  return true;
}

/** Assertions by their number in `ASSERTIONS`. */
export function holds(subject: string, at: number, assertion: number): boolean {
  const length = subject.length;
  switch (assertion) {
    case 0:
      return at === 0;
    case 1:
      return at === length || (at === length - 1 && subject.charCodeAt(at) === 0x0a);
    case 2:
      return at === length;
    case 3:
      // After an LF, but not after the one that ends the subject (PCRE2, PCRE2_MULTILINE).
      return at === 0 || (at < length && subject.charCodeAt(at - 1) === 0x0a);
    case 4:
      return at === length || subject.charCodeAt(at) === 0x0a;
    default: {
      const before = at > 0 && WORD[subject.charCodeAt(at - 1)] === 1;
      const here = at < length && WORD[subject.charCodeAt(at)] === 1;
      return (before !== here) === (assertion === 5);
    }
  }
}
