/**
 * Header blocks of HTTP/2 (HPACK, RFC 7541). One decoder reads the blocks of one connection in the order in which they came, since each may
 * add to the table that the next refers to. What is malformed ends a block; fields read until then stand.
 */
import type { HeaderField } from "./http-message.ts";

/** Appendix A, from index 1 on: `name` or `name: value`. */
const STATIC =
  `:authority|:method: GET|:method: POST|:path: /|:path: /index.html|:scheme: http|:scheme: https|:status: 200|:status: 204|:status: 206|:status: 304|:status: 400
|:status: 404|:status: 500|accept-charset|accept-encoding: gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization
|cache-control|content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires
|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate
|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate`
    .split(/\n?\|/)
    .map((entry): HeaderField => {
      const [name = "", value = ""] = entry.split(/(?<=.): /);
      return { name, value };
    });
/**
 * Appendix B: lengths in bits, base 36, of the codes of the symbols 0 to 256 (256 ends a string). The code is canonical: by length, and within a length by symbol, each
 * code is its predecessor plus one.
 */
const LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu";
const END_OF_STRING = 256;
/** Bytes of the table before anybody changes it (section 4.2); we never allow more. */
const TABLE_BYTES = 4096;
/** What an entry costs beside its text (section 4.1). */
const ENTRY_BYTES = 32;
/** Fields read of one block; servers send a few dozen. */
const MAX_FIELDS = 128;
/** Longest integer, in continuation bytes: 28 bits (section 5.1). */
const MAX_CONTINUATION = 4;

/** Of each length the first code, and the symbols in the order of their codes. */
const CODES = (() => {
  const table: { first: number; symbols: number[] }[] = [];
  let code = 0;
  for (let length = 0; length <= 30; length++) {
    const digit = length.toString(36);
    const symbols = [...LENGTHS].flatMap((each, symbol) => (each === digit ? symbol : []));
    table.push({ first: code, symbols });
    code = (code + symbols.length) << 1;
  }
  return table;
})();

/** Section 5.2; null for what no encoder writes. */
export function huffmanText(data: Uint8Array): string | null {
  const text: number[] = [];
  let code = 0;
  let length = 0;
  for (const byte of data)
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1);
      length += 1;
      const { first, symbols } = CODES[length] ?? { first: 0, symbols: [] };
      const symbol = symbols[code - first];
      if (symbol === END_OF_STRING || length > 30) return null;
      if (symbol === undefined) continue;
      text.push(symbol);
      code = 0;
      length = 0;
    }
  // Padding: fewer than eight bits, all ones.
  return length < 8 && code === (1 << length) - 1 ? Buffer.from(text).toString("latin1") : null;
}

/** Reads the header blocks of one connection. */
export function headerDecoder(): (block: Uint8Array) => HeaderField[] {
  const dynamic: HeaderField[] = [];
  let size = 0;
  let limit = TABLE_BYTES;
  const cost = ({ name, value }: HeaderField) => name.length + value.length + ENTRY_BYTES;
  const shrink = () => {
    for (let last = dynamic.at(-1); last && size > limit; last = dynamic.at(-1)) {
      size -= cost(last);
      dynamic.pop();
    }
  };

  return (block) => {
    const fields: HeaderField[] = [];
    let at = 0;
    /** Section 5.1; NaN where it is cut or too long. */
    const integer = (prefix: number): number => {
      const mask = (1 << prefix) - 1;
      let value = (block[at++] ?? 0) & mask;
      if (value < mask) return value;
      for (let shift = 0; shift < 7 * MAX_CONTINUATION; shift += 7) {
        const byte = block[at++];
        if (byte === undefined) return Number.NaN;
        value += (byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
      return Number.NaN;
    };
    const text = (): string | null => {
      const huffman = ((block[at] ?? 0) & 0x80) !== 0;
      const length = at < block.length ? integer(7) : Number.NaN;
      if (!(length <= block.length - at)) return null;
      const data = block.subarray(at, at + length);
      at += length;
      return huffman ? huffmanText(data) : Buffer.from(data).toString("latin1");
    };
    const entry = (index: number): HeaderField | undefined =>
      index <= STATIC.length ? STATIC[index - 1] : dynamic[index - STATIC.length - 1];

    while (at < block.length && fields.length < MAX_FIELDS) {
      const kind = block[at] ?? 0;
      if (kind >= 0x80) {
        const field = entry(integer(7));
        if (!field) return fields;
        fields.push(field);
        continue;
      }
      if (kind >= 0x20 && kind < 0x40) {
        const wanted = integer(5);
        if (!(wanted <= TABLE_BYTES)) return fields;
        limit = wanted;
        shrink();
        continue;
      }
      const kept = kind >= 0x40;
      const index = integer(kept ? 6 : 4);
      const name = index === 0 ? text() : (entry(index)?.name ?? null);
      const value = name === null ? null : text();
      if (name === null || value === null) return fields;
      const field = { name, value };
      fields.push(field);
      if (!kept) continue;
      dynamic.unshift(field);
      size += cost(field);
      shrink();
    }
    return fields;
  };
}
