// The console of dnsdist: both sides send a nonce of 24 bytes, and everything after that is encrypted with the operator's key. The server sends its
// own when it has ours, and no two are alike. Nothing else is said.
// Source: dnsdist's documentation, "Working with the dnsdist console"; NaCl's crypto_secretbox, nonces of 24 bytes; a real dnsdist.
import type { Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const PROBE = "dnsdistConsole.nonce";
const NONCE_BYTES = 24;
/** Of 24 bytes drawn at random some 23 differ; fewer than this are one in a million. */
const LEAST_DISTINCT = 18;
/** And of such bytes so many at least are beyond ASCII, and within it. */
const LEAST_EACH = 3;

const NONCE = bytes("doorplate asks a console");

function read({ probe, data, end }: Response): Reading | null {
  if (probe !== PROBE || data.length !== NONCE_BYTES || end === "eof" || end === "reset") return null;
  const high = data.filter((byte) => byte > 0x7f).length;
  if (new Set(data).size < LEAST_DISTINCT || Math.min(high, NONCE_BYTES - high) < LEAST_EACH) return null;
  return { service: "dnsdist-console", weight: 7, excerpt: "a nonce of 24 bytes", values: { nonce: "24" } };
}

export const dnsdistConsole: Protocol = readingProtocol({
  name: "dnsdistConsole",
  prefix: "dnsdistConsole",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [{ probe: PROBE, data: NONCE, complete: (received) => received.length >= NONCE_BYTES }],
  read,
});
