// Git's own daemon: asked for a repository that cannot exist, it refuses in a pkt-line. The version would show only
// in the references of a repository that does exist, and none is guessed.
// Source: git documentation gitprotocol-pack ("Git Transport") and gitprotocol-common ("pkt-line Format").
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, AskContext, Protocol } from "./types.ts";

/** Largest pkt-line, bytes, its four digits of length included. */
const MAX_PACKET = 65_520;
/** `.invalid` is nobody's (RFC 2606), and so is this repository. */
const REPOSITORY = "/doorplate.invalid";

/** The payload of the first pkt-line, or null when the length is not there or not hexadecimal. */
function packetLine(data: Uint8Array): string | null {
  const r = reader(data);
  const length = r.text(4);
  if (!/^[0-9a-f]{4}$/i.test(length)) return null;
  const size = Number.parseInt(length, 16);
  if (size < 5 || size > MAX_PACKET) return null;
  const payload = r.text(size - 4);
  return r.failed ? null : payload;
}

function request(context: AskContext): Ask {
  const host = (context.hostname ?? context.host).replace(/[^\w.:-]/g, "");
  const payload = `git-upload-pack ${REPOSITORY}\0host=${host}\0`;
  return {
    probe: "git.upload-pack",
    data: bytes((payload.length + 4).toString(16).padStart(4, "0") + payload),
    complete: (received) => packetLine(received) !== null,
  };
}

function read({ data, probe }: Response): Reading | null {
  const payload = packetLine(data);
  if (payload === null) return null;
  const error = /^ERR ([^\0]{1,500})$/.exec(payload)?.[1]?.trim();
  if (error) {
    return {
      service: "git",
      weight: error.includes(REPOSITORY) || probe.startsWith("git.") ? 9 : 8,
      excerpt: printable(payload.trim()),
      values: { error: error.replaceAll(REPOSITORY, "*") },
    };
  }
  // A first reference: object name, space, name, and after a NUL the capabilities.
  const reference = /^[0-9a-f]{40}(?:[0-9a-f]{24})? [^\0\n]{1,300}\0([^\0\n]{0,2000})\n?$/.exec(payload);
  if (!reference) return null;
  const agent = /(?:^| )agent=(\S{1,100})/.exec(reference[1] ?? "")?.[1];
  return { service: "git", weight: 9, excerpt: printable(latin1(data)), values: { agent } };
}

export const gitDaemon: Protocol = readingProtocol({
  name: "gitDaemon",
  prefix: "git",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => [request(context)],
  read,
});
