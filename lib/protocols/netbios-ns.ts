// NetBIOS name service: a node status request for `*` is answered with the names a host goes by, each with a
// suffix that tells its role, and with the address of its network card. Read-only, one datagram each way.
// Source: RFC 1002 sections 4.1 (name encoding), 4.2.17 and 4.2.18 (node status); MS-NBTE 2.2.4 (suffixes).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

/** Transaction identifier of ours ("DP"), echoed by the server. */
const ID = 0x4450;
const TYPE_NBSTAT = 0x21;
const CLASS_IN = 1;
/** A name is 16 bytes, each written as two letters from `A`. */
const ENCODED = 32;
const GROUP_FLAG = 0x8000;
const SUFFIX = { workstation: 0x00, messenger: 0x03, server: 0x20, domain: 0x1c, master: 0x1b };
/** One byte counts the names. */
const NAME_SIZE = 18;

/** 15 bytes of a name and its suffix as 32 letters, with length and end. */
export function encodeName(name: string, padding: number, suffix: number): Uint8Array {
  const raw = join(name.slice(0, 15), new Uint8Array(Math.max(0, 15 - name.length)).fill(padding), suffix);
  const letters = [...raw].flatMap((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)]);
  return join(ENCODED, ...letters, 0);
}

const nodeStatus: Ask = {
  probe: "netbios-ns.nodeStatus",
  data: join(
    big(ID, 2),
    big(0, 2),
    big(1, 2),
    big(0, 6),
    encodeName("*", 0, 0),
    big(TYPE_NBSTAT, 2),
    big(CLASS_IN, 2),
  ),
  complete: (received) => parseStatus(received) !== null,
};

export interface NodeStatus {
  id: number;
  names: { name: string; suffix: number; group: boolean }[];
  /** Hexadecimal with colons; all zero where the server does not tell (Samba). */
  mac: string;
}

/** A node status response. Null when the bytes are something else. */
function parseStatus(data: Uint8Array): NodeStatus | null {
  const r = reader(data);
  const id = r.u16();
  const flags = r.u16();
  const [questions, answers] = [r.u16(), r.u16()];
  r.take(4);
  // a response, opcode 0, result code 0
  if (r.failed || (flags & 0xf80f) !== 0x8000 || questions !== 0 || answers !== 1) return null;
  if (r.u8() !== ENCODED || !/^[A-P]{32}$/.test(r.text(ENCODED)) || r.u8() !== 0) return null;
  if (r.u16() !== TYPE_NBSTAT || r.u16() !== CLASS_IN) return null;
  r.take(4); // time to live
  const length = r.u16();
  const count = r.u8();
  if (r.failed || length < 1 + count * NAME_SIZE + 6) return null;
  const names = Array.from({ length: count }, () => ({
    name: r.text(15).replace(/[ \0]+$/, ""),
    suffix: r.u8(),
    group: (r.u16() & GROUP_FLAG) !== 0,
  }));
  const mac = (Buffer.from(r.take(6)).toString("hex").match(/../g) ?? []).join(":");
  return r.failed ? null : { id, names, mac };
}

function read(response: Response): Fact[] {
  const status = parseStatus(response.data);
  if (!status) return [];
  const first = (group: boolean, ...suffixes: number[]) =>
    status.names.find((entry) => entry.group === group && suffixes.includes(entry.suffix))?.name;
  return named("netbios", familyOf(response), {
    name: first(false, SUFFIX.workstation, SUFFIX.server),
    workgroup: first(true, SUFFIX.workstation, SUFFIX.domain),
    user: status.names.find(
      ({ name, suffix, group }) =>
        !group && suffix === SUFFIX.messenger && name !== first(false, SUFFIX.workstation),
    )?.name,
    role: first(true, SUFFIX.domain)
      ? "domain controller"
      : first(false, SUFFIX.master)
        ? "domain master browser"
        : null,
    mac: status.mac,
    names: status.names
      .map(({ name, suffix }) => `${name}<${suffix.toString(16).padStart(2, "0")}>`)
      .join(" "),
  });
}

function recognise({ data }: Response): Recognition | null {
  const status = parseStatus(data);
  return (
    status && {
      service: "netbios-ns",
      weight: 9,
      excerpt: printable(`${status.names[0]?.name ?? "no names"} ${status.mac}`),
    }
  );
}

export const netbiosNs: Protocol = {
  name: "netbios-ns",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [nodeStatus],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
