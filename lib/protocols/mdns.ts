// Multicast DNS asked by unicast: a responder that answers queries from outside its link lists the service
// types it announces; then the instances of a few types, whose TXT records name models. One datagram each
// way, a few names, all of them the device's own announcements.
// Source: RFC 6762 sections 6.7 (legacy unicast answers), 10.2 (cache-flush bit); RFC 6763 sections 4, 6
// (TXT) and 9 (types).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import { readName } from "./dns-message.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const ENUMERATION = "_services._dns-sd._udp.local";
const ID = 0x4d44;
const TYPE = { ptr: 12, txt: 16, srv: 33 };
const CLASS_IN = 1;
/** All but the cache-flush bit. */
const CLASS_MASK = 0x7fff;
const MAX_RECORDS = 128;
/** Most strings kept of TXT records. */
const MAX_TEXTS = 64;
/** Types whose TXT records tell most about the device, most telling first. */
const TELLING = [
  "_googlecast._tcp.local",
  "_airplay._tcp.local",
  "_ipp._tcp.local",
  "_hap._tcp.local",
  "_workstation._tcp.local",
  "_smb._tcp.local",
  "_http._tcp.local",
];
/** Types asked for. */
const MOST_ASKED = 3;
/** TXT keys that hold a model: device-info, Cast, RAOP, printers. */
const MODEL_KEYS = ["model", "md", "am", "ty"];

function query(probe: string, name: string): Ask {
  const labels = name.split(".").flatMap((label) => [label.length, label]);
  return {
    probe,
    data: join(big(ID, 2), big(0, 2), big(1, 2), big(0, 6), ...labels, 0, big(TYPE.ptr, 2), big(CLASS_IN, 2)),
    complete: (received) => parseMdns(received) !== null,
  };
}
const enumerate: Ask = query("mdns.services", ENUMERATION);

export interface Announced {
  /** Name and target of PTR records. */
  pointers: { name: string; target: string }[];
  /** Targets of SRV records: host names. */
  hosts: string[];
  /** Strings of TXT records. */
  texts: string[];
}

/** An answer in which every record asked for is below `local`. Null when the bytes are something else. */
function parseMdns(data: Uint8Array): Announced | null {
  const r = reader(data);
  r.u16(); // identifier: 0 where the answer is a multicast one
  const flags = r.u16();
  const counts = [r.u16(), r.u16(), r.u16(), r.u16()] as const;
  // a response, opcode 0, no error, at least one answer
  if (r.failed || (flags & 0xf80f) !== 0x8000 || counts[0] > 4 || counts[1] === 0) return null;
  let at = 12;
  for (let i = 0; i < counts[0]; i++) {
    const question = readName(data, at);
    if (!question) return null;
    at = question.end + 4;
  }
  const told: Announced = { pointers: [], hosts: [], texts: [] };
  const records = Math.min(counts[1] + counts[2] + counts[3], MAX_RECORDS);
  for (let i = 0; i < records; i++) {
    const owner = readName(data, at);
    if (!owner) return null;
    const record = reader(data, owner.end);
    const type = record.u16();
    const recordClass = record.u16() & CLASS_MASK;
    record.u32(); // time to live
    const length = record.u16();
    const start = record.at;
    const value = record.take(length);
    if (record.failed) return null;
    at = record.at;
    if (i < counts[1] && !owner.name.endsWith(".local")) return null;
    if (recordClass !== CLASS_IN) continue;
    if (type === TYPE.ptr) {
      const target = readName(data, start);
      if (target) told.pointers.push({ name: owner.name, target: target.name });
    } else if (type === TYPE.srv) {
      const host = length > 6 ? readName(data, start + 6) : null;
      if (host) told.hosts.push(host.name);
    } else if (type === TYPE.txt) {
      const strings = reader(value);
      while (strings.left > 0 && told.texts.length < MAX_TEXTS) told.texts.push(strings.text(strings.u8()));
    }
  }
  return told;
}

function typesOf(told: Announced): string[] {
  return told.pointers.filter(({ name }) => name === ENUMERATION).map(({ target }) => target);
}

function recognise({ data }: Response): Recognition | null {
  const told = parseMdns(data);
  if (!told || told.pointers.length + told.hosts.length + told.texts.length === 0) return null;
  const types = typesOf(told);
  return {
    service: "mdns",
    weight: types.length > 0 ? 9 : 7,
    excerpt: printable(types.join(" ") || "local names"),
  };
}

function read(response: Response): Fact[] {
  const told = recognise(response) && parseMdns(response.data);
  if (!told) return [];
  const family = familyOf(response);
  const short = (name: string) => name.replace(/\.local$/, "");
  const values = (keys: readonly string[]) =>
    told.texts.flatMap((text) => {
      const equals = text.indexOf("=");
      return equals > 0 && keys.includes(text.slice(0, equals).toLowerCase()) ? [text.slice(equals + 1)] : [];
    });
  const instances = told.pointers
    .filter(({ name }) => name !== ENUMERATION)
    .map(({ target }) => short(target));
  return [
    ...named("mdns", family, { services: typesOf(told).map(short).join(" ") }),
    ...instances.flatMap((instance) => named("mdns", family, { instance })),
    ...told.hosts.flatMap((host) => named("mdns", family, { host })),
    ...values(MODEL_KEYS).flatMap((model) => named("mdns", family, { model })),
    ...told.texts.flatMap((text) => named("mdns", family, { txt: text })),
  ];
}

async function converse(session: Session): Promise<void> {
  const types = session.responses.flatMap(({ data }) => {
    const told = parseMdns(data);
    return told ? typesOf(told) : [];
  });
  const wanted = TELLING.filter((type) => types.includes(type)).slice(0, MOST_ASKED);
  for (const type of wanted) if (!(await session.ask(query("mdns.instances", type)))) return;
}

export const mdns: Protocol = {
  name: "mdns",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [enumerate],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
