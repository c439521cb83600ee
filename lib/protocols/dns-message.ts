/**
 * DNS messages as they come: header, questions, answers, and what EDNS adds. Nothing of it is believed: names point back only, and few records
 * are read.
 * Source: RFC 1035 section 4 (message, compression, TCP length), RFC 6891 section 6.1 (EDNS).
 */
import { latin1 } from "../model/observation.ts";
import { reader } from "./binary.ts";

export const TYPE = { ns: 2, txt: 16, opt: 41 };
/** Bounds while decoding: names have at most 127 labels (RFC 1035 section 3.1), and we read few records. */
const MAX_LABELS = 127;
const MAX_RECORDS = 64;

export interface DnsRecord {
  name: string;
  type: number;
  class: number;
  /** TXT strings joined; empty for other types. */
  text: string;
  /** Seconds. */
  ttl: number;
}
export interface DnsMessage {
  id: number;
  response: boolean;
  opcode: number;
  authoritative: boolean;
  checkingDisabled: boolean;
  truncated: boolean;
  recursionAvailable: boolean;
  rcode: number;
  questions: { name: string; type: number; class: number }[];
  answers: DnsRecord[];
  /** How many records the header announces. */
  authorities: number;
  /** EDNS of the answer: payload size in bytes, and the upper eight bits of the response code. */
  edns: { size: number; rcode: number } | null;
  /** Records of all sections were read to the end. */
  whole: boolean;
}

/** A name at `offset`, following compression pointers that point strictly back. Null when malformed. */
export function readName(data: Uint8Array, offset: number): { name: string; end: number } | null {
  const labels: string[] = [];
  let at = offset;
  let end = -1;
  let limit = data.length;
  for (let steps = 0; steps <= MAX_LABELS; steps++) {
    const length = data[at];
    if (length === undefined || at >= limit) return null;
    if (length === 0) return { name: labels.join(".").toLowerCase(), end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      const low = data[at + 1];
      if (low === undefined) return null;
      if (end < 0) end = at + 2;
      const target = (length & 0x3f) * 256 + low;
      if (target >= at) return null; // each jump goes back, so the walk ends
      limit = at;
      at = target;
      continue;
    }
    if (length > 63 || at + 1 + length > data.length) return null;
    labels.push(latin1(data.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return null;
}

function readText(data: Uint8Array): string {
  const r = reader(data);
  let text = "";
  while (r.left > 0) text += r.text(r.u8());
  return text;
}

/** A DNS message without the TCP length. Null when the header or the questions do not hold. */
export function parseMessage(data: Uint8Array): DnsMessage | null {
  const r = reader(data);
  const id = r.u16();
  const flags = r.u16();
  const counts = [r.u16(), r.u16(), r.u16(), r.u16()] as const;
  if (r.failed || counts[0] > 4 || counts.some((count) => count > 4096) || flags & 0x40) return null;
  const message: DnsMessage = {
    id,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x400) !== 0,
    checkingDisabled: (flags & 0x10) !== 0,
    truncated: (flags & 0x200) !== 0,
    recursionAvailable: (flags & 0x80) !== 0,
    rcode: flags & 15,
    questions: [],
    answers: [],
    authorities: counts[2],
    edns: null,
    whole: false,
  };
  let at = 12;
  for (let i = 0; i < counts[0]; i++) {
    const name = readName(data, at);
    if (!name) return null;
    const q = reader(data, name.end);
    message.questions.push({ name: name.name, type: q.u16(), class: q.u16() });
    if (q.failed) return null;
    at = q.at;
  }
  const records = counts[1] + counts[2] + counts[3];
  for (let i = 0; i < Math.min(records, MAX_RECORDS); i++) {
    const name = readName(data, at);
    if (!name) return message;
    const record = reader(data, name.end);
    const type = record.u16();
    const recordClass = record.u16();
    const ttl = record.u32();
    const value = record.take(record.u16());
    if (record.failed) return message;
    at = record.at;
    // Its class is a size and its time to live begins with the response code (RFC 6891 section 6.1.2).
    if (type === TYPE.opt) message.edns = { size: recordClass, rcode: ttl >>> 24 };
    if (i < counts[1])
      message.answers.push({
        name: name.name,
        type,
        class: recordClass,
        text: type === TYPE.txt ? readText(value) : "",
        ttl,
      });
  }
  message.whole = records <= MAX_RECORDS && at === data.length;
  return message;
}

/** The message in a response; over TCP (told by the length in front) without its two bytes of length. */
export function messageOf(data: Uint8Array): DnsMessage | null {
  const length = data.length >= 14 ? (data[0] ?? 0) * 256 + (data[1] ?? 0) : -1;
  if (length === data.length - 2) {
    const framed = parseMessage(data.subarray(2));
    if (framed?.whole || framed?.truncated) return framed;
  }
  return parseMessage(data);
}
