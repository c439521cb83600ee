import { latin1, type Response } from "../model/observation.ts";
import { readingProtocol } from "./reading.ts";
import { bytes } from "./reply-lines.ts";

/*
 * HTTP/2 without HTTP/1 before it (RFC 9113 section 3.3, "prior knowledge"), as gRPC speaks it. Its servers begin with a SETTINGS frame,
 * most of them before they have read anything, so that they are known whatever was sent; the order and values of the settings are habits
 * of an implementation.
 */

/** Section 3.4: the client's preface, and a SETTINGS frame without settings. */
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/** Bytes of a frame's header (section 4.1). */
const FRAME_HEADER = 9;
/** Bytes of one setting (section 6.5.1). */
const SETTING = 6;
/** Settings that a server may send; defined are fewer than ten. */
const MAX_SETTINGS = 32;
const SETTINGS_TYPE = 4;
/** A SETTINGS frame that acknowledges (section 6.5). */
const ACKNOWLEDGED = "\0\0\0\x04\x01\0\0\0\0";
const WINDOW_UPDATE_TYPE = 8;

/** Length of the SETTINGS frame that `data` begins with, null when it does not. An acknowledgement is none. */
function settingsLength(data: Buffer): number | null {
  if (data.length < FRAME_HEADER) return null;
  const length = data.readUIntBE(0, 3);
  const isSettings = data[3] === SETTINGS_TYPE && data[4] === 0 && data.readUInt32BE(5) === 0;
  return isSettings && length % SETTING === 0 && length <= MAX_SETTINGS * SETTING ? length : null;
}

function read({ data }: Response) {
  const frame = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const length = settingsLength(frame);
  if (length === null || frame.length < FRAME_HEADER + length) return null;
  const settings: string[] = [];
  for (let at = FRAME_HEADER; at < FRAME_HEADER + length; at += SETTING)
    settings.push(`${frame.readUInt16BE(at)}=${frame.readUInt32BE(at + 2)}`);
  // No setting has the identifier 0; zero bytes with a 4 among them are no proof.
  if (settings.some((setting) => setting.startsWith("0="))) return null;
  const next = frame.subarray(FRAME_HEADER + length);
  const window =
    next.length >= FRAME_HEADER + 4 && next[3] === WINDOW_UPDATE_TYPE
      ? next.readUInt32BE(FRAME_HEADER)
      : null;
  return {
    service: "http",
    weight: settings.length > 0 || next.length > 0 ? 9 : 7,
    excerpt: `HTTP/2 SETTINGS ${settings.join(",")}`,
    values: { settings: settings.join(",") || "none", windowUpdate: window },
  };
}

export const http2 = readingProtocol({
  name: "http2",
  prefix: "http2",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "http2.preface",
      data: bytes(PREFACE),
      complete: (received) => {
        const frame = Buffer.from(latin1(received), "latin1");
        const length = settingsLength(frame);
        // The acknowledgement of our own settings ends what a server says unasked; one that has greeted with its own sends no more.
        const unasked = length === null ? 0 : FRAME_HEADER + length;
        return frame.includes(ACKNOWLEDGED, unasked, "latin1");
      },
    },
  ],
  read,
});
