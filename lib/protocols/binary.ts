// Reading binary messages from hostile bytes. A reader never throws: reading past the end gives zeros or
// nothing and sets `failed`, so a parser reads straight through and asks once at the end.
import type { Fact, Response } from "../model/observation.ts";

/** A class, since some eighty modules open one over each response: closures for each cost more than all they read (measured). */
export class Reader {
  readonly #bytes: Uint8Array;
  #at: number;
  #failed: boolean;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#at = offset;
    this.#failed = offset < 0 || offset > bytes.length;
  }

  /** True once something was read past the end. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#failed ? 0 : this.#bytes.length - this.#at;
  }

  /** Offset of the next byte. */
  get at(): number {
    return this.#at;
  }

  u8(): number {
    return this.#number(1, false);
  }

  /** Big-endian (network order). */
  u16(): number {
    return this.#number(2, false);
  }
  u32(): number {
    return this.#number(4, false);
  }

  /** Little-endian. */
  u16le(): number {
    return this.#number(2, true);
  }
  u24le(): number {
    return this.#number(3, true);
  }
  u32le(): number {
    return this.#number(4, true);
  }

  take(length: number): Uint8Array {
    return this.#pass(length) ? this.#bytes.subarray(this.#at - length, this.#at) : new Uint8Array(0);
  }

  /** Latin1 text of `length` bytes. */
  text(length: number): string {
    return Buffer.from(this.take(length)).toString("latin1");
  }

  /** Latin1 text up to a NUL byte, which is consumed; fails when there is none. */
  cstring(): string {
    const end = this.#failed ? -1 : this.#bytes.indexOf(0, this.#at);
    if (end < 0) {
      this.#failed = true;
      return "";
    }
    const value = this.text(end - this.#at);
    this.#at = end + 1;
    return value;
  }

  #pass(length: number): boolean {
    if (this.#failed || length < 0 || this.#at + length > this.#bytes.length) this.#failed = true;
    else this.#at += length;
    return !this.#failed;
  }

  #number(size: number, little: boolean): number {
    if (!this.#pass(size)) return 0;
    let value = 0;
    for (let i = 1; i <= size; i++)
      value = value * 256 + (this.#bytes[little ? this.#at - i : this.#at - size + i - 1] ?? 0);
    return value;
  }
}

export function reader(bytes: Uint8Array, offset = 0): Reader {
  return new Reader(bytes, offset);
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
