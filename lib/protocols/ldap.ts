// LDAP: an anonymous search for the root DSE, the one entry that a server shows to everybody so that clients
// can find out what it is. No bind is sent: LDAPv3 allows the search without one.
// Source: RFC 4511 section 4.5 (SearchRequest, SearchResultEntry), RFC 4512 section 5.1 (root DSE), RFC 3045
// (vendorName, vendorVersion), RFC 3673 (`+`: operational attributes).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { ber, readAll, readBer, readInteger } from "./ber.ts";
import { distinct, familyOf, named } from "./binary.ts";
import { takeUpTls } from "./starttls.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** Protocol operations (application tags). */
const OP = { searchEntry: 0x64, searchDone: 0x65, bindResponse: 0x61, extendedResponse: 0x78 };
/** Most attributes and most values of one attribute that are kept. */
const MAX_ATTRIBUTES = 200;
const MAX_VALUES = 100;
/** Longest raw answer kept as a fact, characters. */
const MAX_RAW = 8192;

function message(id: number, ...operation: Uint8Array[]): Uint8Array {
  return ber(0x30, ber(0x02, id), ...operation);
}
const attributes = ber(0x30, ber(0x04, "*"), ber(0x04, "+"));
/** Scope base object, aliases never dereferenced, size limit 1, time limit 5 s, filter (objectClass=*). */
const search = ber(
  0x63,
  ber(0x04),
  ber(0x0a, 0),
  ber(0x0a, 0),
  ber(0x02, 1),
  ber(0x02, 5),
  ber(0x01, 0),
  ber(0x87, "objectClass"),
  attributes,
);

const rootDse: Ask = {
  probe: "ldap.rootDse",
  data: message(1, search),
  complete: (received) => (parseMessages(received)?.at(-1)?.operation ?? 0) === OP.searchDone,
};
/** RFC 4511 section 4.14.1. */
const STARTTLS_OID = "1.3.6.1.4.1.1466.20037";
const startTls: Ask = {
  probe: "ldap.startTls",
  data: message(3, ber(0x77, ber(0x80, STARTTLS_OID))),
  complete: (received) => parseMessages(received) !== null,
};
const unbind: Ask = {
  probe: "ldap.unbind",
  data: message(2, ber(0x42)),
  complete: () => true,
  timeoutMs: 200,
};

interface LdapMessage {
  id: number;
  operation: number;
  value: Uint8Array;
}

/** The whole LDAPMessages from the start of the data; null when the first is none. */
function parseMessages(data: Uint8Array): LdapMessage[] | null {
  const messages: LdapMessage[] = [];
  for (let at = 0; at < data.length && messages.length < 32; ) {
    const outer = readBer(data, at);
    if (outer?.tag !== 0x30) break;
    const id = readBer(outer.value);
    const operation = id && readBer(outer.value, id.end);
    const number = id?.tag === 0x02 ? readInteger(id.value) : null;
    if (number === null || number < 0 || !operation || operation.tag < 0x60 || operation.tag > 0x79) break;
    messages.push({ id: number, operation: operation.tag, value: operation.value });
    at = outer.end;
  }
  return messages.length > 0 ? messages : null;
}

/** Attribute types (as sent) with their values, or null when it is no SearchResultEntry. */
function parseEntry({ operation, value }: LdapMessage): [string, string[]][] | null {
  if (operation !== OP.searchEntry) return null;
  const [name, list] = readAll(value, 2) ?? [];
  if (name?.tag !== 0x04 || list?.tag !== 0x30) return null;
  const found: [string, string[]][] = [];
  for (const one of readAll(list.value, MAX_ATTRIBUTES) ?? []) {
    const [type, set] = readAll(one.value, 2) ?? [];
    if (type?.tag !== 0x04 || set?.tag !== 0x31) return null;
    found.push([
      latin1(type.value),
      (readAll(set.value, MAX_VALUES) ?? []).map((each) => latin1(each.value)),
    ]);
  }
  return found;
}

/** LDAPResult: code, matched name, diagnostic text. */
function parseResult({ operation, value }: LdapMessage): { code: number; text: string } | null {
  if (![OP.searchDone, OP.bindResponse, OP.extendedResponse].includes(operation)) return null;
  const [code, matched, text] = readAll(value, 4) ?? [];
  const number = code?.tag === 0x0a ? readInteger(code.value) : null;
  return number === null || matched?.tag !== 0x04 || text?.tag !== 0x04
    ? null
    : { code: number, text: latin1(text.value) };
}

function recognise({ data }: Response): Recognition | null {
  for (const one of parseMessages(data) ?? []) {
    const entry = parseEntry(one);
    if (entry)
      return { service: "ldap", weight: 9, excerpt: printable(entry.map(([type]) => type).join(" ")) };
    const result = parseResult(one);
    if (result)
      return { service: "ldap", weight: 8, excerpt: printable(`result ${result.code} ${result.text}`) };
  }
  return null;
}

function read(response: Response): Fact[] {
  const family = familyOf(response);
  const facts: Fact[] = [];
  for (const one of parseMessages(response.data) ?? []) {
    const entry = parseEntry(one);
    const result = entry ? null : parseResult(one);
    if (result) facts.push(...named("ldap", family, { result: result.code, diagnostic: result.text }));
    if (!entry) continue;
    const value = (name: string) => entry.find(([type]) => type.toLowerCase() === name.toLowerCase())?.[1][0];
    const lines = entry.flatMap(([type, values]) => values.map((each) => `${type}=${printable(each, 300)}`));
    facts.push(
      ...named("ldap", family, {
        // the bytes as sent: what signatures over the whole entry are written for
        rootDse: latin1(response.data).slice(0, MAX_RAW),
        attributes: lines.join("\n"),
        vendorName: value("vendorName"),
        vendorVersion: value("vendorVersion"),
        vendor: [value("vendorName"), value("vendorVersion")].filter(Boolean).join(" / "),
        dnsHostName: value("dnsHostName"),
        objectClass: entry.find(([type]) => type.toLowerCase() === "objectclass")?.[1].join(" "),
      }),
    );
  }
  return facts;
}

const offersTls = ({ data }: Response) =>
  (parseMessages(data) ?? []).some((one) =>
    parseEntry(one)?.some(
      ([type, values]) => type.toLowerCase() === "supportedextension" && values.includes(STARTTLS_OID),
    ),
  );
const goesAhead = ({ data }: Response) => {
  const last = parseMessages(data)?.at(-1);
  return last?.operation === OP.extendedResponse && parseResult(last)?.code === 0;
};

async function converse(session: Session): Promise<void> {
  if (!session.responses.some((response) => response.probe === rootDse.probe)) await session.ask(rootDse);
  if (session.responses.some(offersTls) && (await takeUpTls(session, startTls, goesAhead)))
    await session.ask(rootDse, { here: true });
  await session.ask(unbind);
}

export const ldap: Protocol = {
  name: "ldap",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [rootDse],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
