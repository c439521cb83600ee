// BitTorrent over UDP: nodes of the distributed hash table, trackers, and peers. A node answers a ping with its number, and often with the
// version of its client; a tracker gives a connection number; a peer that speaks only uTP resets a connection that it does not know. No
// torrent is named and nothing is announced.
// Sources: BEP 5 (DHT: ping, errors, "v"), BEP 20 (letters of clients), BEP 15 (UDP tracker: connect, error), BEP 29 (uTP: header, ST_RESET).
import { latin1, printable, type Response } from "../model/observation.ts";
import { big, bytes, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

/** Nobody's number; the transaction comes back. */
const NODE = "doorplate-asks-nodes";
const PING = `d1:ad2:id20:${NODE}e1:q4:ping1:t4:dpld1:v4:DP\0\x011:y1:qe`;

/** Magic, action "connect", transaction (BEP 15). */
const CONNECT = { magic: join(0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80), action: 0, transaction: 0x44504c54 };
const TRACKER_ERROR = 3;
/** An error names its transaction; to a stranger's datagram that is whatever stood there. */
const MAX_ERROR = 200;

function node(text: string): Reading | null {
  const answer =
    /^d(?:2:ip(?:6|18):[\s\S]{6,18}?)?(?:1:rd2:id20:[\s\S]{20}(?:1:pi\d{1,5}e)?e|1:eli20\d[\s\S]{1,100}?ee)/.exec(
      text,
    );
  if (!answer || !/1:y1:[re]e$/.test(text)) return null;
  const client = /1:v4:([\x20-\x7e]{2})([\s\S]{2})1:y1:[re]e$/.exec(text);
  return {
    service: "bittorrent-dht",
    weight: 9,
    excerpt: printable(`DHT ${client?.[1] ?? "node"}`),
    values: { client: client?.[1] },
  };
}

/** uTP's reset for a connection that it does not know, in the form of its first version: number, clocks of nothing, window, extension, flag 3. */
function reset(data: Uint8Array): Reading | null {
  const r = reader(data);
  r.take(4);
  const quiet = r.take(14).every((byte) => byte === 0);
  return quiet && r.u8() === 3 && data.length === 23
    ? { service: "bittorrent", weight: 5, excerpt: "uTP reset", values: { reset: "utp" } }
    : null;
}

function tracker(data: Uint8Array): Reading | null {
  const r = reader(data);
  const [action, transaction] = [r.u32(), r.u32()];
  if (r.failed) return null;
  if (action === CONNECT.action && transaction === CONNECT.transaction && data.length === 16)
    return {
      service: "bittorrent-tracker",
      weight: 9,
      excerpt: "connection number",
      values: { answer: "connect" },
    };
  if (action !== TRACKER_ERROR || data.length > MAX_ERROR) return null;
  const words = latin1(data.subarray(8)).replace(/\0$/, "");
  return /^[\x20-\x7e]{4,}$/.test(words)
    ? { service: "bittorrent-tracker", weight: 7, excerpt: printable(words), values: { error: words } }
    : null;
}

const dhtOpener = { probe: "bittorrent.ping", data: bytes(PING), complete: () => true };
const trackerOpener = {
  probe: "bittorrent.connect",
  data: join(CONNECT.magic, big(CONNECT.action, 4), big(CONNECT.transaction, 4)),
  complete: () => true,
};

export const bittorrentDht: Protocol = readingProtocol({
  name: "bittorrentDht",
  prefix: "dht",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [dhtOpener],
  read: ({ data }: Response) => node(latin1(data.subarray(0, 1024))) ?? reset(data),
});

export const bittorrentTracker: Protocol = readingProtocol({
  name: "bittorrentTracker",
  prefix: "tracker",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [trackerOpener],
  read: ({ data }: Response) => tracker(data),
});
