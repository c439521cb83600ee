// X11: a connection setup without credentials. A server that lets us in names its vendor and release, one
// that does not says why; both are the protocol's ordinary start, and we close at once.
// Source: X Window System Protocol, X Version 11, section 8 and appendix B (Connection Setup).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

/** `l`: little-endian; protocol 11.0; no authorisation name or data. */
const setup: Ask = {
  probe: "x11.setup",
  data: join("l", 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  complete: (received) => {
    const r = reader(received, 6);
    const units = r.u16le();
    return !r.failed && received.length >= 8 + units * 4;
  },
};
/** Most bytes of a vendor string or reason. */
const MAX_TEXT = 256;

interface Setup {
  minor: number;
  reason: string | null;
  release: number | null;
  vendor: string | null;
}

/** Failed (0), success (1) or authenticate (2), in little-endian as we asked. */
function parseSetup(data: Uint8Array): Setup | null {
  const r = reader(data);
  const status = r.u8();
  const reasonLength = r.u8();
  const major = r.u16le();
  const minor = r.u16le();
  const units = r.u16le();
  if (r.failed || units > 16_384) return null;
  if (status === 0 && major === 11) {
    const reason = r.text(reasonLength);
    const padded = Math.ceil(reasonLength / 4);
    return r.failed || reasonLength === 0 || units !== padded
      ? null
      : { minor, reason, release: null, vendor: null };
  }
  if (status !== 1 || major !== 11 || units < 8) return null;
  const release = r.u32le();
  r.take(12); // resource id base and mask, motion buffer size
  const length = r.u16le();
  r.take(14);
  const vendor = r.text(length);
  return r.failed || length > MAX_TEXT ? null : { minor, reason: null, release, vendor };
}

function recognise({ data }: Response): Recognition | null {
  const answer = parseSetup(data);
  return answer
    ? { service: "X11", weight: 9, excerpt: printable(answer.vendor ?? answer.reason ?? "") }
    : null;
}

/** X.Org's release number: 7.7 and later give 1·10^7 × major + 10^5 × minor + 1000 × patch. */
function releaseText(release: number): string {
  const [major, minor, patch] = [
    Math.floor(release / 1e7),
    Math.floor(release / 1e5) % 100,
    Math.floor(release / 1e3) % 100,
  ];
  return release >= 1e7 ? `${major}.${minor}.${patch}` : String(release);
}

function read(response: Response): Fact[] {
  const answer = parseSetup(response.data);
  if (!answer) return [];
  return named("x11", familyOf(response), {
    vendor: answer.vendor,
    release: answer.release === null ? null : releaseText(answer.release),
    access: answer.vendor === null ? "denied" : "open",
    error: answer.reason && printable(answer.reason, MAX_TEXT).trim(),
  });
}

export const x11: Protocol = {
  name: "x11",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [setup],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
