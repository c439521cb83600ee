import { X509Certificate } from "node:crypto";
import type { Fact } from "../model/observation.ts";
import { factList } from "./fact-list.ts";

const FAMILY = "tls.certificate";
/** Names kept of a subjectAltName; shared certificates carry hundreds. */
const MAX_NAMES = 24;

/**
 * A distinguished name in the one-line form of RFC 2253: most specific part first, comma between, special characters escaped by a
 * backslash. Node gives one part a line, in the order of the certificate, the parts of a multi-valued one joined by ` + `.
 */
export function oneLine(name: string): string {
  const part = (line: string): string => {
    const equals = line.indexOf("=");
    const value = line
      .slice(equals + 1)
      .replace(/\\([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    const plain = value.replace(/\\(.)/g, "$1").replace(/([,+"\\<>;])/g, "\\$1");
    return line.slice(0, equals + 1) + plain.replace(/^([ #])/, "\\$1").replace(/(?<!\\) $/, "\\ ");
  };
  return name
    .split("\n")
    .filter((line) => line.includes("="))
    .map((line) => line.split(" + ").map(part).join("+"))
    .reverse()
    .join(",");
}

/** Kinds of a name's least specific parts, with which a certificate begins, and of its most specific ones, with which it ends. */
const BROAD = /^(?:C|ST|S|L|O|OU|DC)=/i;
const NARROW = /^(?:CN|emailAddress|E)=/i;

/**
 * A distinguished name as other programs print it, in the form of {@link oneLine}: with blanks around its signs, in the order of the
 * certificate, each part behind a slash (`C = US, O = Acme, Inc., CN = box`, `/C=US/O=Acme/CN=box`).
 */
export function fromPrinted(name: string): string {
  const signs = name.startsWith("/")
    ? /\/(?=[A-Za-z][\w.]{0,30} ?=)/
    : /(?<!\\), ?(?=[A-Za-z][\w.]{0,30} ?=)/;
  const parts = name
    .split(signs)
    .filter(Boolean)
    .map((part) => part.replace(/^([\w.]+) ?= ?/, "$1=").replace(/(?<!\\),/g, "\\,"));
  const asEncoded = BROAD.test(parts[0] ?? "") && NARROW.test(parts.at(-1) ?? "");
  return (asEncoded ? parts.reverse() : parts).join(",");
}

/** Text as latin1 characters holding its UTF-8 bytes, the form of all facts. */
function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function isoDate(text: string): string | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** Facts of one certificate (DER); none when it cannot be parsed. */
export function certificateFacts(der: Uint8Array): Fact[] {
  const list = factList();
  try {
    const certificate = new X509Certificate(der);
    list.add("tls.subject", utf8(oneLine(certificate.subject ?? "")), FAMILY);
    list.add("tls.issuer", utf8(oneLine(certificate.issuer ?? "")), FAMILY);
    for (const name of (certificate.subjectAltName ?? "").split(", ").slice(0, MAX_NAMES)) {
      list.add("tls.san", utf8(name.replace(/^(?:DNS|IP Address):/, "")), FAMILY);
    }
    list.add("tls.notBefore", isoDate(certificate.validFrom), FAMILY);
    list.add("tls.notAfter", isoDate(certificate.validTo), FAMILY);
    list.add("tls.serial", certificate.serialNumber.toLowerCase(), FAMILY);
    list.add("tls.fingerprint.sha256", certificate.fingerprint256.replaceAll(":", "").toLowerCase(), FAMILY);
  } catch {
    // A malformed certificate is the peer's affair: no facts from it.
    return list.facts;
  }
  return list.facts;
}
