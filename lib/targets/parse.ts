import { domainToASCII } from "node:url";
import { InputError } from "../model/errors.ts";
import { type Address, type AddressRange, parseAddress, WIDTH } from "./address.ts";
import { looksLikeOctets, parseOctets } from "./octets.ts";
import { canonicalRanges, prefixRange } from "./ranges.ts";

// What somebody typed as a target becomes ranges of addresses or one name, with a port of its own if it had one.
// Everything that could be read as an address is read as one, so that no odd spelling reaches the resolver.

export type Target =
  | { kind: "addresses"; text: string; ranges: AddressRange[]; port: number | null }
  /** `name` is lower-case ASCII (IDNA), without a trailing dot. */
  | { kind: "name"; text: string; name: string; port: number | null };

/** Longest host name and label, characters (RFC 1123 section 2.1, RFC 1035 section 2.3.4). */
const MAX_NAME = 253;
/** RFC 1123 section 2.1: the highest label is never numeric, so that no name can be taken for an address. */
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Most of a wrong text that a message quotes, characters: a list may be a file of another kind, in one line. */
const QUOTED = 80;
const brief = (text: string) => (text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text);

/**
 * Reads one target: address, CIDR, range (`10.0.0.1-10.0.0.20`, `10.0.0.1-20`), octet ranges (`10.0.0-3.1-254`),
 * host name, and address or name with a port (`name:80`, `10.0.0.1:80`, `[::1]:80`).
 * @param position where the text begins in its line, for errors
 * @throws InputError naming the part that is wrong and what would be right
 */
export function parseTarget(text: string, position = 0): Target {
  const fail = (message: string, token = text, offset = 0): never => {
    throw new InputError(`target "${brief(text)}": ${message}`, token, position + offset);
  };
  if (text === "") fail("is empty; write an address, a CIDR, a range or a host name");
  if (/\s/.test(text)) fail("has blanks inside; write one target at a time");
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text);
  if (scheme) {
    const host = /^[^/?#]*/.exec(text.slice(scheme[0].length))?.[0].replace(/^.*@/, "") ?? "";
    fail(`is a URL; write the host${host ? `: ${host}` : ""}`);
  }
  if (text.includes("%") && text.includes(":"))
    fail(
      `an address with a zone ("${/%[^\]]*/.exec(text)?.[0]}") is link-local and cannot be scanned`,
      text,
      text.indexOf("%"),
    );
  const addresses = (ranges: AddressRange[], port: number | null = null): Target => ({
    kind: "addresses",
    text,
    ranges: ranges.flatMap(canonicalRanges),
    port,
  });

  const slash = text.indexOf("/");
  if (slash >= 0) return addresses([parseCidr(text, slash, fail)]);
  const whole = parseAddress(text);
  if (whole) return addresses([single(whole)]);
  const range = parseRange(text, fail);
  if (range) return addresses([range]);
  if (looksLikeOctets(text)) return addresses(parseOctets(text, position));

  const { host, port } = splitPort(text, fail);
  if (port !== null && host !== "") {
    const address = parseAddress(host);
    if (address) return addresses([single(address)], port);
    if (looksLikeOctets(host)) fail("a port can follow one address or name only; use -p for many", host);
  }
  const name = parseName(host, (message) => fail(message, host));
  // Full-width digits and the like turn into an address only now.
  const address = parseAddress(name);
  return address ? addresses([single(address)], port) : { kind: "name", text, name, port };
}

type Fail = (message: string, token?: string, offset?: number) => never;

function single({ family, value }: Address): AddressRange {
  return { family, first: value, last: value };
}

function parseCidr(text: string, slash: number, fail: Fail): AddressRange {
  const host = text.slice(0, slash);
  const prefixText = text.slice(slash + 1);
  const address = parseAddress(host);
  if (!address)
    return fail(
      /^[\d.]+$/.test(host)
        ? `"${host}" is not an address`
        : `"${host}" is a name; a prefix needs an address, as in 10.0.0.0/8 (paths and URLs are not targets)`,
      host,
    );
  const width = WIDTH[address.family];
  if (!/^\d{1,3}$/.test(prefixText) || Number(prefixText) > width)
    return fail(`prefix /${prefixText} is not between /0 and /${width}`, prefixText, slash + 1);
  return prefixRange(address, Number(prefixText));
}

/** `a-b` where `a` is an address: `b` is one too, or (IPv4) the last octet. Null when `a` is none: names have hyphens. */
function parseRange(text: string, fail: Fail): AddressRange | null {
  const dash = text.indexOf("-");
  if (dash <= 0) return null;
  const [left, right] = [text.slice(0, dash), text.slice(dash + 1)];
  if (!left.includes(":") && left.split(".").length !== 4) return null;
  const first = parseAddress(left);
  if (!first) return null;
  let last = right.includes(".") || right.includes(":") ? parseAddress(right) : null;
  if (!last && first.family === 4 && /^\d{1,3}$/.test(right) && Number(right) <= 255)
    last = { family: 4, value: ((first.value >> 8n) << 8n) | BigInt(right) };
  if (!last) {
    if (first.family === 4 && looksLikeOctets(text)) return null;
    if (first.family === 4 && right.includes(":") && !parseAddress(right))
      return fail("a port can follow one address or name only; use -p for many", right, dash + 1);
    return fail(
      `"${right}" does not end a range; write an address${first.family === 4 ? " or a number from 0 to 255" : ""}`,
      right,
      dash + 1,
    );
  }
  if (last.family !== first.family) return fail("a range needs two addresses of one family", right, dash + 1);
  if (last.value < first.value)
    return fail("the range runs backwards; write the lower address first", right, dash + 1);
  return { family: first.family, first: first.value, last: last.value };
}

function splitPort(text: string, fail: Fail): { host: string; port: number | null } {
  if (text.startsWith("[")) {
    const close = text.indexOf("]");
    if (close < 0) return fail('"[" without "]"; write [address]:port');
    const inside = text.slice(1, close);
    if (parseAddress(`[${inside}]`)?.family !== 6)
      return fail(`"${inside}" is not an IPv6 address`, inside, 1);
    if (text[close + 1] !== ":")
      return fail('after "]" comes ":" and a port', text.slice(close + 1), close + 1);
    return { host: text.slice(0, close + 1), port: parsePort(text, close + 2, fail) };
  }
  const colon = text.indexOf(":");
  if (colon < 0) return { host: text, port: null };
  if (text.indexOf(":", colon + 1) >= 0)
    return fail("is not an IPv6 address; with a port write [address]:port", text);
  if (colon === 0) return fail("has no host before its port", text);
  return { host: text.slice(0, colon), port: parsePort(text, colon + 1, fail) };
}

function parsePort(text: string, at: number, fail: Fail): number {
  const digits = text.slice(at);
  if (!/^\d{1,9}$/.test(digits) || Number(digits) > 65535)
    return fail(`port ${digits === "" ? "(nothing)" : digits} is not between 0 and 65535`, digits, at);
  return Number(digits);
}

/** Host name by RFC 1123, in IDNA form (RFC 5891). `fail` is told what is wrong with it. */
export function parseName(text: string, fail: (message: string) => never): string {
  const bad = /[^\p{L}\p{M}\p{N}.\u3002\uff0e\uff61-]/u.exec(text);
  if (bad) return fail(`"${bad[0]}" cannot stand in a host name (letters, digits, hyphens and dots can)`);
  const ascii = domainToASCII(text).toLowerCase().replace(/\.$/, "");
  // Digits of other scripts are numbers to the IDNA mapping: what comes out as an address is one.
  if (ascii !== "" && parseAddress(ascii)) return ascii;
  if (ascii === "" || NUMERIC_END.test(ascii))
    return fail(
      NUMERIC_END.test(text) || ascii !== ""
        ? "is not a valid IPv4 address, and a host name does not end in a number"
        : "is neither an address nor a host name",
    );
  if (ascii.length > MAX_NAME) return fail(`the name is longer than ${MAX_NAME} characters`);
  const labels = ascii.split(".");
  for (const label of labels) {
    if (label === "") return fail("the name has an empty label (two dots in a row, or one in front)");
    if (!LABEL.test(label))
      return fail(
        `label "${brief(label)}" is not 1 to 63 letters, digits and hyphens, with no hyphen at either end (RFC 1123)`,
      );
  }
  return ascii;
}

/** Several targets, as from the command line. */
export function parseTargets(texts: readonly string[]): Target[] {
  return texts.map((text) => parseTarget(text.trim()));
}

/**
 * A list of targets, as of `-iL`: several a line, separated by blanks; `#` begins a comment.
 * @throws InputError whose message names line and column (from 1) and whose position is the column (from 0)
 */
export function parseTargetList(fileText: string): Target[] {
  const lines = fileText.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
  return lines.flatMap((line, index) => {
    const content = line.replace(/#.*$/, "");
    return [...content.matchAll(/\S+/g)].map((match) => {
      try {
        return parseTarget(match[0], match.index);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        const place = `line ${index + 1}, column ${error.position + 1}`;
        throw new InputError(`${place}: ${error.message}`, error.token, error.position);
      }
    });
  });
}
