// SMB 2: a negotiate request with the dialects 2.0.2 to 3.1.1. The response names the dialect, the server's
// id, its clock and how long it has been up, and whether it insists on signing. No session is set up.
// Source: MS-SMB2 sections 2.2.1 (header), 2.2.3 and 2.2.4 (negotiate), 2.2.3.1 (contexts); MS-CIFS 2.2.4.52 for old servers.
import { type Fact, latin1, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, little, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const DIALECTS = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311];
const SIGNING = { enabled: 1, required: 2 };
/** The client's capability to encrypt. */
const ENCRYPTION = 0x40;
/** 100 ns between 1601 (Windows time) and 1970, in seconds. */
const WINDOWS_EPOCH_S = 11_644_473_600;

/** 64-byte header: structure size, command 0 (negotiate), one credit; everything else 0. */
const header = join(0xfe, "SMB", little(64, 2), new Uint8Array(8), little(1, 2), new Uint8Array(48));
/** Of the request without its dialects, bytes. */
const FIXED = 36;
/** Dialect 3.1.1 wants to hear which digest guards the negotiation (1: SHA-512) and takes a salt; a list of ciphers (2: AES-128-GCM) is customary. */
const preauthIntegrity = context(1, join(little(1, 2), little(32, 2), little(1, 2), new Uint8Array(32)));
const encryption = context(2, join(little(1, 2), little(2, 2)));
/** Contexts begin on a multiple of eight bytes. */
const contextsAt = aligned(header.length + FIXED + 2 * DIALECTS.length);
const negotiateBody = join(
  little(FIXED, 2),
  little(DIALECTS.length, 2),
  little(SIGNING.enabled, 2),
  little(0, 2),
  little(ENCRYPTION, 4),
  "doorplate-smb\0\0\0",
  little(contextsAt, 4),
  little(2, 2),
  little(0, 2),
  ...DIALECTS.map((dialect) => little(dialect, 2)),
);
const padding = new Uint8Array(contextsAt - header.length - negotiateBody.length);
const message = join(header, negotiateBody, padding, preauthIntegrity, encryption);

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** A negotiate context, filled up to a multiple of eight bytes. */
function context(type: number, data: Uint8Array): Uint8Array {
  const whole = join(little(type, 2), little(data.length, 2), little(0, 4), data);
  return join(whole, new Uint8Array(aligned(whole.length) - whole.length));
}

const negotiate: Ask = {
  probe: "smb.negotiate",
  data: join(0, big(message.length, 3), message),
  complete: (received) => {
    const length = reader(received).u32();
    return received.length >= 4 && received.length >= 4 + length;
  },
};

/** For servers that speak the first version alone: header (flags2: long names, status of NT, Unicode), no words, one dialect. */
const OLD_DIALECT = "\x02NT LM 0.12\0";
const oldMessage = join(
  0xff,
  "SMB",
  0x72,
  little(0, 4),
  0x18,
  little(0xc001, 2),
  new Uint8Array(20),
  0,
  little(OLD_DIALECT.length, 2),
  OLD_DIALECT,
);
const OLD_PORTS = new Set([139, 445]);
const oldNegotiate: Ask = {
  ...negotiate,
  probe: "smb.negotiate1",
  data: join(0, big(oldMessage.length, 3), oldMessage),
};

export interface Negotiated {
  dialect: number;
  signing: string;
  guid: string;
  /** Samba uses its NetBIOS name, filled up with zeros, for its id. */
  serverName: string | null;
  systemTime: string | null;
  startTime: string | null;
}

/** FILETIME in two halves, as ISO text; null for 0 and for what no clock says. */
function timeText(low: number, high: number): string | null {
  const seconds = (high * 2 ** 32 + low) / 1e7 - WINDOWS_EPOCH_S;
  return seconds > 0 && seconds < 2 ** 34 ? new Date(Math.floor(seconds) * 1000).toISOString() : null;
}

/** A negotiate response behind its 4-byte NetBIOS header. Null when the bytes are something else. */
function parseNegotiate(data: Uint8Array): Negotiated | null {
  const r = reader(data);
  if (r.u8() !== 0) return null;
  r.take(3);
  if (r.text(4) !== "\xfeSMB" || r.u16le() !== 64) return null;
  r.take(6); // credit charge, status
  if (r.u16le() !== 0) return null; // another command
  r.take(2);
  const isResponse = r.u32le() & 1;
  r.take(44);
  if (r.failed || !isResponse || r.u16le() !== 65) return null;
  const mode = r.u16le();
  const dialect = r.u16le();
  r.u16le();
  const guid = Buffer.from(r.take(16)).toString("hex");
  r.take(16); // capabilities, three maximum sizes
  const systemTime = timeText(r.u32le(), r.u32le());
  const startTime = timeText(r.u32le(), r.u32le());
  if (r.failed || (dialect < 0x0202 && dialect !== 0)) return null;
  const signing = mode & SIGNING.required ? "required" : mode & SIGNING.enabled ? "enabled" : "disabled";
  return { dialect, signing, guid, serverName: nameInGuid(guid), systemTime, startTime };
}

/** Two to fifteen printable characters and nothing but zeros after them: no random GUID looks like that. */
function nameInGuid(guid: string): string | null {
  const name = /^([\w$.-]{2,15})\0{1,14}$/.exec(Buffer.from(guid, "hex").toString("latin1"))?.[1];
  return name ?? null;
}

/** Negotiated, no error, and 17 words: those of `NT LM 0.12`, its first and only dialect. */
const OLD_ANSWER = /^\0[\s\S]{3}\xffSMB\x72\0{4}[\x80-\xff][\s\S]{22}\x11\0\0/;

function dialectText(dialect: number): string {
  return [dialect >> 8, (dialect >> 4) & 15, dialect & 15].join(".");
}

function recognise({ data }: Response): Recognition | null {
  const answer = parseNegotiate(data);
  if (answer) return { service: "microsoft-ds", weight: 9, excerpt: `SMB ${dialectText(answer.dialect)}` };
  const start = latin1(data.subarray(0, 9));
  return /^\0[\s\S]{3}(?:\xffSMB[\x72\x73]|\xfeSMB\x40)/.test(start)
    ? { service: "microsoft-ds", weight: 8, excerpt: start.charAt(4) === "\xff" ? "SMB 1" : "SMB 2" }
    : null;
}

function read(response: Response): Fact[] {
  const answer = parseNegotiate(response.data);
  if (!answer)
    return OLD_ANSWER.test(latin1(response.data.subarray(0, 40)))
      ? named("smb", familyOf(response), { dialect: "1" })
      : [];
  return named("smb", familyOf(response), {
    dialect: dialectText(answer.dialect),
    signing: answer.signing,
    guid: answer.guid,
    serverName: answer.serverName,
    systemTime: answer.systemTime,
    startTime: answer.startTime,
  });
}

export const smb: Protocol = {
  name: "smb",
  transports: ["tcp"],
  speaksFirst: "client",
  // Elsewhere the old ones are too rare for a connection to every silent door.
  openers: ({ port }) => (OLD_PORTS.has(port) ? [negotiate, oldNegotiate] : [negotiate]),
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
