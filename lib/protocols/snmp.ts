// SNMP: version 3 engine discovery. An empty request without a user makes the agent report its engine id
// (whose first bytes name the maker), boots and time. No community is guessed, no object is read by us;
// answers of version 1 or 2c that somebody else's probe got are read for sysDescr and sysObjectID.
// Source: RFC 3412 section 6, RFC 3414 sections 2.4 and 4 (discovery), RFC 3411 section 5 (SnmpEngineID),
// RFC 3416 section 3 (PDUs), RFC 3418 (system group).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { ber, readAll, readBer, readInteger, readOid } from "./ber.ts";
import { big, distinct, familyOf, named } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const PDU = { get: 0xa0, response: 0xa2, report: 0xa8 };
const SYSTEM = { descr: "1.3.6.1.2.1.1.1.0", objectId: "1.3.6.1.2.1.1.2.0", name: "1.3.6.1.2.1.1.5.0" };
/** Flags: a report is wanted, no authentication, no privacy. Security model 3 is USM. */
const REPORTABLE = 4;
const USM = 3;
const MESSAGE_ID = 0x4450;
/** Largest message we say to accept, bytes. */
const MAX_SIZE = 65_507;

const usm = ber(0x30, ber(0x04), ber(0x02, 0), ber(0x02, 0), ber(0x04), ber(0x04), ber(0x04));
const scopedPdu = ber(
  0x30,
  ber(0x04),
  ber(0x04),
  ber(PDU.get, ber(0x02, big(MESSAGE_ID, 2)), ber(0x02, 0), ber(0x02, 0), ber(0x30)),
);
const discovery: Ask = {
  probe: "snmp.engine",
  data: ber(
    0x30,
    ber(0x02, 3),
    ber(
      0x30,
      ber(0x02, big(MESSAGE_ID, 2)),
      ber(0x02, big(MAX_SIZE, 3)),
      ber(0x04, REPORTABLE),
      ber(0x02, USM),
    ),
    ber(0x04, usm),
    scopedPdu,
  ),
  complete: (received) => readBer(received)?.end === received.length,
};

interface SnmpMessage {
  version: number;
  engineId: Uint8Array | null;
  boots: number | null;
  time: number | null;
  values: Map<string, string>;
}

/** Names and values of a PDU's bindings; values as latin1 text, object identifiers dotted. */
function bindings(pdu: Uint8Array): Map<string, string> | null {
  const list = readAll(pdu, 4)?.[3];
  if (list?.tag !== 0x30) return null;
  const values = new Map<string, string>();
  for (const binding of readAll(list.value, 64) ?? []) {
    const [name, value] = readAll(binding.value, 2) ?? [];
    const oid = name?.tag === 0x06 ? readOid(name.value) : null;
    if (oid === null || !value) return null;
    values.set(oid, value.tag === 0x06 ? (readOid(value.value) ?? "") : latin1(value.value));
  }
  return values;
}

/** A v1, v2c or v3 answer. Null when the bytes are something else. */
function parseMessage(data: Uint8Array): SnmpMessage | null {
  const outer = readBer(data);
  const parts = outer?.tag === 0x30 ? readAll(outer.value, 4) : null;
  const [first, second, third, fourth] = parts ?? [];
  const version = first?.tag === 0x02 ? readInteger(first.value) : null;
  if (version === null || !second || !third) return null;
  if (version === 3) {
    const security = third.tag === 0x04 ? readBer(third.value) : null;
    const [engine, boots, time] = (security?.tag === 0x30 && readAll(security.value, 6)) || [];
    if (second.tag !== 0x30 || engine?.tag !== 0x04 || boots?.tag !== 0x02 || time?.tag !== 0x02) return null;
    const pdu = fourth?.tag === 0x30 ? readAll(fourth.value, 3)?.[2] : null;
    const values = pdu && (pdu.tag === PDU.report || pdu.tag === PDU.response) ? bindings(pdu.value) : null;
    return {
      version,
      engineId: engine.value,
      boots: readInteger(boots.value),
      time: readInteger(time.value),
      values: values ?? new Map(),
    };
  }
  if (version > 1 || second.tag !== 0x04 || third.tag !== PDU.response) return null;
  const values = bindings(third.value);
  return values ? { version, engineId: null, boots: null, time: null, values } : null;
}

/** Enterprise number in the first four bytes (highest bit set: RFC 3411 form) of an engine id. */
function enterprise(engineId: Uint8Array): number | null {
  if (engineId.length < 5) return null;
  return (
    (((engineId[0] ?? 0) & 0x7f) << 24) +
    ((engineId[1] ?? 0) << 16) +
    ((engineId[2] ?? 0) << 8) +
    (engineId[3] ?? 0)
  );
}

/** What follows the enterprise number: 1 IPv4, 2 IPv6, 3 MAC, 4 text, 5 octets; above 127 the maker's own. */
function engineFormat(engineId: Uint8Array): string | null {
  if (engineId.length < 6 || !((engineId[0] ?? 0) & 0x80)) return null;
  const format = engineId[4] ?? 0;
  return (
    ["", "ipv4", "ipv6", "mac", "text", "octets"][format] || (format > 127 ? `enterprise-${format}` : null)
  );
}

function recognise({ data }: Response): Recognition | null {
  const message = parseMessage(data);
  if (!message) return null;
  const told = message.values.get(SYSTEM.descr);
  const engine = message.engineId && Buffer.from(message.engineId).toString("hex");
  return {
    service: "snmp",
    weight: 9,
    excerpt: printable(told ?? `SNMPv${message.version + (engine ? 0 : 1)} ${engine ?? ""}`),
  };
}

function read(response: Response): Fact[] {
  const message = parseMessage(response.data);
  if (!message) return [];
  const { engineId, values } = message;
  const number = engineId && enterprise(engineId);
  const descr = values.get(SYSTEM.descr);
  const objectId = values.get(SYSTEM.objectId);
  return named("snmp", familyOf(response), {
    version: message.version === 3 ? "3" : message.version === 1 ? "2c" : "1",
    engineId: engineId && Buffer.from(engineId).toString("hex"),
    enterprise: number || null,
    engineFormat: engineId && engineFormat(engineId),
    engine: engineId && number ? `${number} ${engineFormat(engineId) ?? "other"}` : null,
    engineBoots: message.boots,
    engineTime: message.time,
    sysDescr: descr,
    sysObjectID: objectId,
    // Together they tell more than each alone: Windows describes its servers and its workstations alike.
    system: descr && objectId ? `${objectId} ${descr}` : null,
    sysName: values.get(SYSTEM.name),
  });
}

export const snmp: Protocol = {
  name: "snmp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [discovery],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
