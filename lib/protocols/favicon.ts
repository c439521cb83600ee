import { createHash } from "node:crypto";
import type { Fact } from "../model/observation.ts";
import { factList } from "./fact-list.ts";

/*
 * Icons of web applications: the same file on every installation, so a hash of it names the application. Two hashes are in use: MD5 of
 * the bytes, and the one by which search engines for services list them, a signed MurmurHash3 of the bytes in base64.
 */

/** Bytes of an icon that are hashed; larger ones are no icons. */
const MAX_ICON = 262_144;
/** Length of a base64 line in MIME (RFC 2045 section 6.8), characters. */
const MIME_LINE = 76;
/** `<link>` elements looked at. */
const MAX_LINKS = 64;

/** MurmurHash3, x86, 32 bits (Austin Appleby, public domain), as a signed integer. */
export function murmur3(data: Uint8Array, seed = 0): number {
  const mix = (k: number) =>
    Math.imul((Math.imul(k, 0xcc9e2d51) << 15) | (Math.imul(k, 0xcc9e2d51) >>> 17), 0x1b873593);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length & ~3;
  let hash = seed | 0;
  for (let at = 0; at < whole; at += 4) {
    hash ^= mix(view.getInt32(at, true));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = data.length - 1; at >= whole; at--) tail = (tail << 8) | (data[at] ?? 0);
  if (data.length > whole) hash ^= mix(tail);
  hash ^= data.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The hash that search engines for services use: MurmurHash3 of base64 with a line feed after every 76 characters and at the end. */
export function iconHash(icon: Uint8Array): number {
  const base64 = Buffer.from(icon.buffer, icon.byteOffset, icon.byteLength).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${MIME_LINE}}`, "g")) ?? [];
  return murmur3(Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1"));
}

/** By their first bytes (WHATWG MIME Sniffing, section 6.1): ICO, PNG, GIF, JPEG, BMP, WebP; and SVG, which is text. */
export function isImage(data: Uint8Array): boolean {
  const start = Buffer.from(data.subarray(0, 256)).toString("latin1");
  return (
    /^(?:\0\0\x01\0|\0\0\x02\0|\x89PNG\r\n\x1a\n|GIF8[79]a|\xff\xd8\xff|BM|RIFF.{4}WEBP)/s.test(start) ||
    /^\s*(?:<\?xml[^>]*>\s*)?<svg\b/i.test(start)
  );
}

/** `http.favicon.md5` (hexadecimal) and `http.favicon.mmh3` (signed decimal) of an icon; none when the bytes are no image. */
export function iconFacts(icon: Uint8Array): Fact[] {
  const list = factList();
  if (icon.length === 0 || icon.length > MAX_ICON || !isImage(icon)) return list.facts;
  list.add("http.favicon.md5", createHash("md5").update(icon).digest("hex"), "http.favicon");
  list.add("http.favicon.mmh3", String(iconHash(icon)), "http.favicon");
  return list.facts;
}

/**
 * Path of the icon that a page links (`rel="icon"` or `"shortcut icon"`), on the same server only; null when it links none there. Linear
 * scanning, no parser.
 */
export function linkedIcon(html: string): string | null {
  const lower = html.toLowerCase();
  let at = 0;
  for (let seen = 0; seen < MAX_LINKS; seen++) {
    const start = lower.indexOf("<link", at);
    if (start < 0) return null;
    const end = lower.indexOf(">", start);
    if (end < 0) return null;
    at = end;
    const tag = html.slice(start, Math.min(end, start + 1024));
    if (!/\brel\s*=\s*["']?(?:shortcut )?icon\b/i.test(tag)) continue;
    const href = /\bhref\s*=\s*(?:"([^"]{1,512})"|'([^']{1,512})'|([^\s"'>]{1,512}))/i.exec(tag);
    const path = href?.[1] ?? href?.[2] ?? href?.[3];
    // Another host is out of scope; control characters would make another request of it.
    if (!path || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(path) || !/^[\x21-\x7e]+$/.test(path)) continue;
    return path.startsWith("/") ? path : `/${path.replace(/^(?:\.\.?\/)+/, "")}`;
  }
  return null;
}
