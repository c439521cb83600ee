// Munin's node: it greets with a comment that names the host, and tells its version to whoever asks. No plugin is run.
// Source: Munin documentation, "Network protocol" (list, nodes, config, fetch, version, quit).
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const GREETING = /^# munin node at ([\w.:-]{1,128})\r?\n/;
const VERSION = /^munins? node on [\w.:-]{1,128} version: (\S{1,40})\r?\n/m;

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 1024));
  const host = GREETING.exec(text)?.[1];
  const version = VERSION.exec(text)?.[1];
  if (!host && !version) return null;
  return {
    service: "munin",
    weight: 9,
    excerpt: printable(text.split("\n", 1)[0] ?? ""),
    values: { host, version },
  };
}

export const munin: Protocol = readingProtocol({
  name: "munin",
  prefix: "munin",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "munin.version",
  openers: () => [],
  read,
  async converse(session) {
    await session.ask({
      probe: "munin.version",
      data: bytes("version\nquit\n"),
      complete: (received) => received.includes(0x0a),
    });
  },
});
