/**
 * The service-fingerprint text of an unknown service, the form in which Nmap's users submit one
 * (spec/version-detection.md, section 10): a header, one `%r(...)` entry for each probe that was answered
 * without a hard match, and `;`, broken into lines of 74 characters of which all but the first begin with `SF:`.
 */
import type { Transport } from "../model/endpoint.ts";

export interface ServiceFingerprintInput {
  port: number;
  transport: Transport;
  /** Was all of it heard inside TLS? */
  tls: boolean;
  /** Version intensity, 0 to 9. */
  intensity: number;
  /** Of the tool, as `V=`. */
  version: string;
  /** Of the machine, as `P=`: `x86_64-pc-linux-gnu`. */
  platform: string;
  /** Month and day are printed in local time. */
  date: Date;
  /** In the order in which the probes ended; `data` is the whole buffer. */
  entries: readonly { probe: string; data: Uint8Array }[];
}

/** Most bytes of one response that are shown. */
const MOST_BYTES = 900;
/** No entry is begun above this many characters, line breaks included. */
const MOST_TEXT = 2200;

const WRAP = "\nSF:";
/** Characters of a line with its line feed. */
const LINE = 75;

/** The text with its line breaks; null without an entry. */
export function serviceFingerprint(input: ServiceFingerprintInput): string | null {
  if (input.entries.length === 0) return null;
  let text = wrapped("", header(input));
  for (const { probe, data } of input.entries) {
    if (text.length > MOST_TEXT) break;
    const escaped = escapeBytes(data.subarray(0, MOST_BYTES));
    text = wrapped(text, `%r(${probe},${hex(data.length)},"${escaped}")`);
  }
  return `${text};`;
}

/** The same without line breaks, as XML and JSON carry it. */
export function unwrapped(text: string): string {
  return text.replaceAll(WRAP, "");
}

function header({
  port,
  transport,
  tls,
  version,
  intensity,
  date,
  platform,
}: ServiceFingerprintInput): string {
  const day = `${date.getMonth() + 1}/${date.getDate()}`;
  const time = hex(Math.floor(date.getTime() / 1000));
  return `SF-Port${port}-${transport.toUpperCase()}:V=${version}${tls ? "%T=SSL" : ""}%I=${intensity}%D=${day}%Time=${time}%P=${platform}`;
}

const hex = (value: number) => value.toString(16).toUpperCase();

/** `text` with `more` behind it, broken wherever a line is full; an escape may be split. */
function wrapped(text: string, more: string): string {
  let out = text;
  for (let at = 0; at < more.length; ) {
    const room = LINE - 1 - (out.length % LINE);
    if (room === 0) {
      out += WRAP;
      continue;
    }
    out += more.slice(at, at + room);
    at += room;
  }
  return out;
}

const ESCAPED = new Set('\\?"[]().*+$^|');
const CONTROLS: Readonly<Record<string, string>> = { "\r": "\\r", "\n": "\\n", "\t": "\\t" };

/** The six rules of section 10, the first that applies. */
export function escapeBytes(data: Uint8Array): string {
  let out = "";
  for (const [index, byte] of data.entries()) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9]/.test(char)) out += char;
    // Before a digit `\0` would read as octal.
    else if (byte === 0) out += isDigit(data[index + 1]) ? "\\x00" : "\\0";
    else if (ESCAPED.has(char)) out += `\\${char}`;
    else if (byte > 0x20 && byte < 0x7f) out += char;
    else out += CONTROLS[char] ?? `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return out;
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
