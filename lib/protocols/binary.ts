// Reading binary messages from hostile bytes. A reader never throws: reading past the end gives zeros or
// nothing and sets `failed`, so a parser reads straight through and asks once at the end.
import type { Fact, Response } from "../model/observation.ts";

export interface Reader {
  /** True once something was read past the end. */
  readonly failed: boolean;
  /** Bytes not read yet. */
  readonly left: number;
  /** Offset of the next byte. */
  readonly at: number;
  u8(): number;
  /** Big-endian (network order). */
  u16(): number;
  u32(): number;
  /** Little-endian. */
  u16le(): number;
  u24le(): number;
  u32le(): number;
  take(length: number): Uint8Array;
  /** Latin1 text of `length` bytes. */
  text(length: number): string;
  /** Latin1 text up to a NUL byte, which is consumed; fails when there is none. */
  cstring(): string;
}

export function reader(bytes: Uint8Array, offset = 0): Reader {
  let at = offset;
  let failed = offset < 0 || offset > bytes.length;
  const take = (length: number): Uint8Array => {
    if (failed || length < 0 || at + length > bytes.length) {
      failed = true;
      return new Uint8Array(0);
    }
    at += length;
    return bytes.subarray(at - length, at);
  };
  const big = (size: number): number => take(size).reduce((sum, byte) => sum * 256 + byte, 0);
  const little = (size: number): number => take(size).reduceRight((sum, byte) => sum * 256 + byte, 0);
  const text = (length: number): string => Buffer.from(take(length)).toString("latin1");
  return {
    get failed() {
      return failed;
    },
    get left() {
      return failed ? 0 : bytes.length - at;
    },
    get at() {
      return at;
    },
    u8: () => big(1),
    u16: () => big(2),
    u32: () => big(4),
    u16le: () => little(2),
    u24le: () => little(3),
    u32le: () => little(4),
    take,
    text,
    cstring() {
      const end = failed ? -1 : bytes.indexOf(0, at);
      if (end < 0) {
        failed = true;
        return "";
      }
      const value = text(end - at);
      at = end + 1;
      return value;
    },
  };
}

/** Bytes of latin1 text. */
export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** One array of all parts: numbers are bytes, text is latin1. */
export function join(...parts: (number | string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      parts.map((part) =>
        typeof part === "number"
          ? Buffer.of(part)
          : typeof part === "string"
            ? Buffer.from(part, "latin1")
            : part,
      ),
    ),
  );
}

/** `size` bytes of `value`, big-endian. */
export function big(value: number, size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let i = size - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) out[i] = rest % 256;
  return out;
}

/** `size` bytes of `value`, little-endian. */
export function little(value: number, size: number): Uint8Array {
  return big(value, size).reverse();
}

/** True when `data` starts with these latin1 bytes. */
export function startsWith(data: Uint8Array, prefix: string): boolean {
  if (data.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (data[i] !== prefix.charCodeAt(i)) return false;
  return true;
}

/** The family of a fact read from an answer: what came unasked is the `banner`, the rest is named after its probe. */
export function familyOf(response: Response): string {
  return response.probe === "NULL" ? "banner" : `reply:${response.probe}`;
}

/** Longest value of a fact, characters: longer ones tell nothing more and cost storage. */
const MAX_VALUE = 8192;

/** Facts under one prefix from a record; empty and absent values are left out. */
export function named(
  prefix: string,
  family: string,
  values: Record<string, string | number | null | undefined>,
): Fact[] {
  const facts: Fact[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue;
    facts.push({ name: `${prefix}.${name}`, value: String(value).slice(0, MAX_VALUE), family });
  }
  return facts;
}

/** Each (name, value, family) once, in order. */
export function distinct(facts: readonly Fact[]): Fact[] {
  const seen = new Set<string>();
  return facts.filter((fact) => {
    const key = `${fact.name}\0${fact.family}\0${fact.value}`;
    return !seen.has(key) && seen.add(key);
  });
}
