// svnserve greets with the protocol versions that it speaks and its capabilities, as nested lists. There is no
// version number, but each release line brought capabilities of its own, so the latest one present says how old the
// server is at most. Nothing is sent.
// Source: Subversion, subversion/libsvn_ra_svn/protocol (sections 1, 2.1), and the release notes for who came when.
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const GREETING =
  /^\( success \( (\d{1,3}) (\d{1,3}) \( ((?:[A-Z0-9-]{1,40} ){0,20})\) \( ((?:[a-z0-9-]{1,60} ){0,80})\) \) \) $/;
const FAILURE = /^\( failure \( \( \d{1,6} \d{1,4}:/;

/** Capability and the first release that had it, newest first. */
const INTRODUCED: readonly [string, string][] = [
  ["list", "1.10"],
  ["accepts-svndiff2", "1.10"],
  ["file-revs-reverse", "1.8"],
  ["ephemeral-txnprops", "1.8"],
  ["inherited-props", "1.8"],
  ["atomic-revprops", "1.7"],
  ["partial-replay", "1.5"],
  ["log-revprops", "1.5"],
  ["depth", "1.5"],
  ["svndiff1", "1.4"],
];

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 4096));
  const found = GREETING.exec(`${text.trimEnd()} `);
  if (found) {
    const capabilities = (found[4] ?? "").trim().split(" ");
    return {
      service: "svnserve",
      weight: 9,
      excerpt: printable(text),
      values: {
        protocol: `${found[1]}-${found[2]}`,
        mechanisms: found[3]?.trim(),
        capabilities: capabilities.join(" "),
        since: INTRODUCED.find(([capability]) => capabilities.includes(capability))?.[1],
      },
    };
  }
  return FAILURE.test(text) ? { service: "svnserve", weight: 8, excerpt: printable(text) } : null;
}

export const svnserve: Protocol = readingProtocol({
  name: "svnserve",
  prefix: "svnserve",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  read,
});
