// IKE, the key exchange of IPsec: the first message of version 2, then of version 1. Answers carry vendor
// ids, which name implementations and sometimes their versions, and notifications. Both exchanges end there;
// the responder forgets the half-open association by itself.
// Source: RFC 7296 section 3.12 and RFC 2408 section 3.16 (vendor ids: mostly MD5 of a text that the vendor
// documents).
import { type Fact, latin1, type Response } from "../model/observation.ts";
import { distinct, familyOf, join, named } from "./binary.ts";
import { type IkeMessage, mainMode, NON_ESP_MARKER, parseIke, saInit, VERSION } from "./ike-message.ts";
import type { Ask, AskContext, Protocol, Recognition, Session } from "./types.ts";

/** Port on which IKE and ESP share datagrams (RFC 3948). */
const NAT_TRAVERSAL_PORT = 4500;
const IKE_PORT = 500;

/** How vendor ids start, in hexadecimal, and what they stand for. */
const VENDORS: readonly [string, string][] = [
  ["882fe56d6fd20dbc2251613b2ebe5beb", "strongSwan"],
  ["7003cbc1097dbe9c2600ba6983bc8b35", "KAME/racoon"],
  ["1e2b516905991c7d7c96fcbfb587e461", "MS NT5 ISAKMPOAKLEY"],
  ["fb1de3cdf341b7ea16b7e5be0855f120", "MS-Negotiation Discovery Capable"],
  ["214ca4faffa7f32d6748e5303395ae83", "MS-MamieExists"],
  ["26244d38eddb61b3172a36e3d0cfb819", "Vid-Initial-Contact"],
  ["e3a5966a76379fe707228231e5ce8652", "IKE CGA version 1"],
  ["12f5f28c457168a9702d9fe274cc", "Cisco Unity"],
  ["4a131c81070358455c5728f20e95452f", "RFC 3947"],
  ["90cb80913ebb696e086381b5ec427b1f", "NAT-T draft 2"],
  ["7d9419a65310ca6f2c179d9215529d56", "NAT-T draft 3"],
  ["afcad71368a1f1c96b8696fc7757", "Dead Peer Detection"],
  ["09002689dfd6b712", "XAUTH"],
  ["4048b7d56ebce88525e7de7f00d6c2d3", "Fragmentation"],
];
const NOTIFIES: Record<number, string> = {
  7: "invalid syntax",
  14: "no proposal chosen",
  17: "invalid KE payload",
  36: "security association parameters",
  16388: "NAT detection source",
  16389: "NAT detection destination",
  16390: "cookie",
  16404: "multiple authentication",
  16418: "childless IKE",
  16430: "fragmentation",
  16431: "signature hash algorithms",
};

const complete = (received: Uint8Array): boolean => parseIke(received) !== null;
/** Behind the marker on the port of NAT traversal; where an answer came to a message with it, those that follow have it, too. */
const ask = (marked: boolean, probe: string, message: Uint8Array): Ask => ({
  probe,
  data: marked ? join(NON_ESP_MARKER, message) : message,
  complete,
});
const MARKED = "ike.saInit-marked";
const isMarked = ({ port }: AskContext) => port === NAT_TRAVERSAL_PORT;
const versionOne = (marked: boolean) => ask(marked, "ike.mainMode", mainMode);
const versionTwo = (marked: boolean) => ask(marked, "ike.saInit", saInit);
/** strongSwan wants the marker on every port but 500; others want it on none but 4500. */
const elsewhere = ({ port }: AskContext): Ask[] =>
  port === IKE_PORT || port === NAT_TRAVERSAL_PORT ? [] : [ask(true, MARKED, saInit)];

function vendorName(id: Uint8Array): string | null {
  const hex = Buffer.from(id).toString("hex");
  const known = VENDORS.find(([prefix]) => hex.startsWith(prefix));
  if (known) return known[1];
  const text = latin1(id);
  return /^[\x20-\x7e]{4,200}$/.test(text) ? text : null;
}

const versionText = ({ version }: IkeMessage) => (version === VERSION.two ? "2" : "1");
const notifyText = ({ notifies }: IkeMessage) => notifies.map((code) => NOTIFIES[code] ?? code).join(", ");

function recognise({ data }: Response): Recognition | null {
  const message = parseIke(data);
  // an answer to another tool's identifier: lengths of header and of every payload still hold
  if (!message || (!message.echoed && message.payloads.length === 0)) return null;
  const told = message.vendorIds.flatMap((id) => vendorName(id) ?? []).join(", ") || notifyText(message);
  return {
    service: "isakmp",
    weight: message.echoed ? 9 : 7,
    excerpt: `IKEv${versionText(message)} ${told}`.trim(),
  };
}

function read(response: Response): Fact[] {
  const message = recognise(response) && parseIke(response.data);
  if (!message) return [];
  const family = familyOf(response);
  return [
    ...named("ike", family, {
      version: versionText(message),
      notify: notifyText(message),
      payloads: message.payloads.join(" "),
    }),
    ...message.vendorIds.flatMap((id) =>
      named("ike", family, { vendorId: Buffer.from(id).toString("hex"), vendor: vendorName(id) }),
    ),
  ];
}

async function converse(session: Session): Promise<void> {
  const answered = session.responses.some(({ data }) => parseIke(data)?.version === VERSION.one);
  const marked = session.responses.some(({ probe, data }) => probe === MARKED && parseIke(data) !== null);
  if (!answered) await session.ask(versionOne(marked || isMarked(session.context)));
}

export const ike: Protocol = {
  name: "ike",
  transports: ["udp"],
  speaksFirst: "client",
  openers: (context) => [versionTwo(isMarked(context)), ...elsewhere(context), versionOne(isMarked(context))],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
