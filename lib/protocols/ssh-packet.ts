import { createHash } from "node:crypto";
import { latin1 } from "../model/observation.ts";

/*
 * The unencrypted beginning of SSH: identification line (RFC 4253 section 4.2), then binary packets (section 6) of which the first is
 * KEXINIT (section 7.1). Only what comes before keys are in use is read.
 */

/** The server's identification line. */
export interface Identification {
  /** `2.0`, `1.99`, `1.5` */
  protocol: string;
  /** All after the protocol version: software version, a space, comments. */
  software: string;
  comments: string | null;
  /** Index of the first byte behind the line; the length of the data when the line is unfinished. */
  end: number;
}

export interface KexInit {
  kex: string;
  hostKey: string;
  cipherServer: string;
  macServer: string;
  compressionServer: string;
}

/** RFC 4253 allows other lines before the identification; how far they are followed, bytes and lines. */
const MAX_PREAMBLE = 8192;
const MAX_PREAMBLE_LINES = 32;
/** RFC 4253 section 6.1: every implementation takes packets up to 35,000 bytes. */
const MAX_PACKET = 35_000;
const SSH_MSG_DISCONNECT = 1;
const SSH_MSG_KEXINIT = 20;
/** RFC 4253 section 11.1 */
const SSH_DISCONNECT_BY_APPLICATION = 11;

export function parseIdentification(data: Uint8Array): Identification | null {
  const text = latin1(data.subarray(0, MAX_PREAMBLE));
  // A page about SSH is not SSH.
  if (text.startsWith("HTTP/")) return null;
  let at = 0;
  for (let line = 0; !text.startsWith("SSH-", at); line++) {
    // Lines before it are text; a binary protocol that happens to hold "SSH-" somewhere is not SSH.
    const next = text.indexOf("\n", at);
    if (next < 0 || line >= MAX_PREAMBLE_LINES || /[^\t\r\x20-\x7e\x80-\xff]/.test(text.slice(at, next)))
      return null;
    at = next + 1;
  }
  const newline = text.indexOf("\n", at);
  const line = text.slice(at, newline < 0 ? text.length : newline).replace(/\r$/, "");
  const match = /^SSH-(\d{1,2}\.\d{1,2})-([\x20-\xff]{0,512})/.exec(line);
  if (!match) return null;
  const software = match[2] ?? "";
  const space = software.indexOf(" ");
  return {
    protocol: match[1] ?? "",
    software,
    comments: space < 0 ? null : software.slice(space + 1),
    end: newline < 0 ? data.length : newline + 1,
  };
}

/** Payload of the first packet at `offset`, or null when it is not whole or not one. */
function firstPayload(data: Uint8Array, offset: number): Uint8Array | null {
  if (data.length < offset + 6) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const length = view.getUint32(offset);
  const padding = view.getUint8(offset + 4);
  if (length < 12 || length > MAX_PACKET || padding < 4 || padding + 1 >= length) return null;
  if (data.length < offset + 4 + length) return null;
  return data.subarray(offset + 5, offset + 4 + length - padding);
}

/** KEXINIT in bytes that begin with it or with the identification line before it; null when it is not there whole. */
export function parseKexInit(data: Uint8Array): KexInit | null {
  const payload = firstPayload(data, parseIdentification(data)?.end ?? 0);
  if (!payload || payload[0] !== SSH_MSG_KEXINIT) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const lists: string[] = [];
  // Type, 16 bytes of cookie, then ten name-lists; the last two are languages.
  let at = 17;
  for (let n = 0; n < 8; n++) {
    if (at + 4 > payload.length) return null;
    const length = view.getUint32(at);
    if (at + 4 + length > payload.length) return null;
    const list = latin1(payload.subarray(at + 4, at + 4 + length));
    // RFC 4251 section 6: names are printable US-ASCII.
    if (/[^\x21-\x7e]/.test(list)) return null;
    lists.push(list);
    at += 4 + length;
  }
  const [kex = "", hostKey = "", , cipherServer = "", , macServer = "", , compressionServer = ""] = lists;
  return { kex, hostKey, cipherServer, macServer, compressionServer };
}

/** HASSH of a server: MD5 over its key exchange and server-to-client lists (method published by Salesforce, BSD-3-Clause). */
export function serverHassh(init: KexInit): string {
  const text = [init.kex, init.cipherServer, init.macServer, init.compressionServer].join(";");
  return createHash("md5").update(text, "latin1").digest("hex");
}

/** An unencrypted SSH_MSG_DISCONNECT, reason 11 (by application): how to leave before keys are exchanged. */
export function disconnectPacket(): Uint8Array {
  const payload = Buffer.alloc(13);
  payload.writeUInt8(SSH_MSG_DISCONNECT, 0);
  payload.writeUInt32BE(SSH_DISCONNECT_BY_APPLICATION, 1);
  // Length field, padding length, payload and padding are a multiple of 8 together (RFC 4253 section 6): 4 + 1 + 13 + 6.
  const padding = 6;
  const packet = Buffer.alloc(5 + payload.length + padding);
  packet.writeUInt32BE(1 + payload.length + padding, 0);
  packet.writeUInt8(padding, 4);
  payload.copy(packet, 5);
  return packet;
}
