// MQTT 3.1.1: an anonymous clean session, asked for and given back. If the broker accepts, we subscribe to
// the few `$SYS` topics in which brokers say what they are, and disconnect. Nothing is published.
// Which broker has which topic: Mosquitto keeps `$SYS/broker/version`; EMQX `$SYS/brokers/<node>/version`
// and `/sysdescr`; aedes tells every new subscription in `$SYS/<id>/new/subscribes`, ours included.
// Source: OASIS MQTT 3.1.1 sections 2.2 (fixed header), 3.1, 3.2, 3.3, 3.8, 3.14; EMQX documentation "System
// Topic"; mosquitto(8) "BROKER STATUS"; aedes handlers/subscribe.js.
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** Packet types (high four bits of the first byte). */
const TYPE = { connack: 2, publish: 3, suback: 9 };
/** Keep alive, s: how long the broker may keep a session whose end it missed. */
const KEEP_ALIVE_S = 10;
/** Longest time that retained `$SYS` messages are waited for, ms. */
const SUBSCRIBE_WAIT_MS = 1500;
const CLIENT_ID = "doorplate";
const TOPICS = [
  "$SYS/broker/version",
  "$SYS/brokers/+/version",
  "$SYS/brokers/+/sysdescr",
  "$SYS/+/new/subscribes",
];
/** Most packets read from one response. */
const MAX_PACKETS = 64;

const utf8 = (text: string): Uint8Array => join(big(text.length, 2), text);
/** Fixed header; our packets are all shorter than 128 × 128 bytes. */
function packet(first: number, ...parts: Uint8Array[]): Uint8Array {
  const body = join(...parts);
  const length =
    body.length < 128 ? [body.length] : [(body.length % 128) + 128, Math.floor(body.length / 128)];
  return join(first, ...length, body);
}

export interface MqttPacket {
  type: number;
  flags: number;
  body: Uint8Array;
}

/** All whole packets from the start of the data; stops at the first that is malformed or cut. */
function parsePackets(data: Uint8Array): MqttPacket[] {
  const packets: MqttPacket[] = [];
  const r = reader(data);
  while (r.left >= 2 && packets.length < MAX_PACKETS) {
    const first = r.u8();
    let length = 0;
    for (let shift = 0; shift < 4; shift++) {
      const byte = r.u8();
      length += (byte & 127) * 128 ** shift;
      if (byte < 128) break;
      if (shift === 3) return packets;
    }
    const body = r.take(length);
    if (r.failed) return packets;
    packets.push({ type: first >> 4, flags: first & 15, body });
  }
  return packets;
}

/** CONNACK: flags with only bit 0 in use, return code 0-5 (3.1.1). */
function connack(packets: MqttPacket[]): number | null {
  const first = packets[0];
  if (first?.type !== TYPE.connack || first.flags !== 0 || first.body.length !== 2) return null;
  const [flags = 255, code = 255] = first.body;
  return flags <= 1 && code <= 5 ? code : null;
}

/** Topic and payload of a PUBLISH. */
function publication({ type, flags, body }: MqttPacket): { topic: string; payload: string } | null {
  if (type !== TYPE.publish) return null;
  const r = reader(body);
  const topic = r.text(r.u16());
  if (flags & 6) r.u16(); // packet identifier, with quality of service above 0
  const payload = latin1(r.take(r.left));
  return r.failed || !/^\$SYS\//.test(topic) ? null : { topic, payload };
}

export const connect: Ask = {
  probe: "mqtt.connect",
  data: packet(0x10, utf8("MQTT"), join(4, 2, big(KEEP_ALIVE_S, 2)), utf8(CLIENT_ID)),
  complete: (received) => parsePackets(received).length > 0,
};
const subscribe: Ask = {
  probe: "mqtt.sys",
  data: packet(0x82, big(1, 2), ...TOPICS.map((topic) => join(utf8(topic), 0))),
  complete: (received) => parsePackets(received).some((one) => publication(one) !== null),
  timeoutMs: SUBSCRIBE_WAIT_MS,
};
const disconnect: Ask = {
  probe: "mqtt.disconnect",
  data: packet(0xe0),
  complete: () => true,
  timeoutMs: 200,
};

function recognise({ data }: Response): Recognition | null {
  const packets = parsePackets(data);
  const code = connack(packets);
  if (code !== null) return { service: "mqtt", weight: 8, excerpt: `CONNACK ${code}` };
  const told = packets.map(publication).find((one) => one !== null);
  return told ? { service: "mqtt", weight: 9, excerpt: printable(`${told.topic} ${told.payload}`) } : null;
}

function read(response: Response): Fact[] {
  const packets = parsePackets(response.data);
  const family = familyOf(response);
  const facts = named("mqtt", family, { connack: connack(packets) });
  const told = packets.map(publication).filter((one) => one !== null);
  if (told.length === 0) return facts;
  const version = told.find(({ topic }) => topic.endsWith("/version"))?.payload;
  const sys = told.map(({ topic, payload }) => `${topic}=${payload.slice(0, 200)}`).join("\n");
  return [...facts, ...named("mqtt", family, { version, sys })];
}

async function converse(session: Session): Promise<void> {
  const accepted = session.responses.at(-1);
  if (!accepted || connack(parsePackets(accepted.data)) !== 0) return;
  await session.ask(subscribe);
  await session.ask(disconnect);
}

export const mqtt: Protocol = {
  name: "mqtt",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [connect],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
