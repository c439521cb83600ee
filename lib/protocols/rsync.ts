// rsync daemon: it greets with `@RSYNCD:` and its protocol version (and, since protocol 32, its digests).
// The goodbye is `@RSYNCD: EXIT` from the server only; a client may simply close. Modules are not listed:
// that is a script's work, not needed to know who it is.
// Source: rsync source clientserver.c (exchange of protocol versions), "csprotocol.txt" in its distribution.
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { distinct, named } from "./binary.ts";
import type { Protocol, Recognition } from "./types.ts";

const GREETING = /^@RSYNCD: (\d{1,3}(?:\.\d{1,3})?)(?: ([a-z0-9 _-]{1,200}))?\r?\n([\s\S]{0,2000})/;

function recognise({ data }: Response): Recognition | null {
  const text = latin1(data.subarray(0, 256));
  if (GREETING.test(text))
    return { service: "rsync", weight: 9, excerpt: printable(text.split("\n", 1)[0] ?? "") };
  return text.startsWith("@ERROR: protocol startup error")
    ? { service: "rsync", weight: 8, excerpt: text.trim() }
    : null;
}

function read({ data }: Response): Fact[] {
  const found = GREETING.exec(latin1(data.subarray(0, 4096)));
  if (!found) return [];
  return named("rsync", "banner", { protocol: found[1], digests: found[2], motd: found[3]?.trim() });
}

export const rsync: Protocol = {
  name: "rsync",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
