/**
 * Sets of bytes as tables of 256 flags: what one position of a pattern accepts. The named ones follow the C
 * locale, as PCRE2 does without UTF: nothing above 0x7F is a letter, a digit or a space (but `\h` and `\v`
 * know the Latin-1 no-break space and next line, as PCRE2's documentation says).
 */
export type ByteSet = Uint8Array;

export function byteSet(...ranges: (readonly [number, number])[]): ByteSet {
  const set = new Uint8Array(256);
  for (const [from, to] of ranges) set.fill(1, from, to + 1);
  return set;
}

export function complement(set: ByteSet): ByteSet {
  return set.map((flag) => 1 - flag);
}

export function addAll(into: ByteSet, from: ByteSet): void {
  for (let byte = 0; byte < 256; byte++) if (from[byte]) into[byte] = 1;
}

export function sizeOf(set: ByteSet): number {
  let size = 0;
  for (const flag of set) size += flag;
  return size;
}

export function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** Makes a set blind to the case of ASCII letters. */
export function foldCase(set: ByteSet): void {
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    const flag = (set[upper] ?? 0) | (set[upper + 0x20] ?? 0);
    set[upper] = flag;
    set[upper + 0x20] = flag;
  }
}

const upper = byteSet([0x41, 0x5a]);
const lower = byteSet([0x61, 0x7a]);
const alpha = byteSet([0x41, 0x5a], [0x61, 0x7a]);
const digit = byteSet([0x30, 0x39]);
const alnum = byteSet([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]);
const word = byteSet([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);
const space = byteSet([0x09, 0x0d], [0x20, 0x20]);

export const ALL_BYTES = byteSet([0, 255]);
export const NOT_NEWLINE = byteSet([0x00, 0x09], [0x0b, 0xff]);
export const WORD = word;

/** `\d` and its kin; the upper-case letter is the complement. */
export const ESCAPE_SETS: Readonly<Record<string, ByteSet>> = {
  d: digit,
  D: complement(digit),
  s: space,
  S: complement(space),
  w: word,
  W: complement(word),
  h: byteSet([0x09, 0x09], [0x20, 0x20], [0xa0, 0xa0]),
  H: byteSet([0x00, 0x08], [0x0a, 0x1f], [0x21, 0x9f], [0xa1, 0xff]),
  v: byteSet([0x0a, 0x0d], [0x85, 0x85]),
  V: byteSet([0x00, 0x09], [0x0e, 0x84], [0x86, 0xff]),
};

/** `[:name:]` inside a class. */
export const POSIX_SETS: Readonly<Record<string, ByteSet>> = {
  alnum,
  alpha,
  ascii: byteSet([0x00, 0x7f]),
  blank: byteSet([0x09, 0x09], [0x20, 0x20]),
  cntrl: byteSet([0x00, 0x1f], [0x7f, 0x7f]),
  digit,
  graph: byteSet([0x21, 0x7e]),
  lower,
  print: byteSet([0x20, 0x7e]),
  punct: byteSet([0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]),
  space,
  upper,
  word,
  xdigit: byteSet([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]),
};
