// ONC RPC: the NULL procedure of the port mapper (program 100000), which does nothing but answer. Over TCP
// a record mark (last-fragment bit and length) stands in front. Which programs are registered is the RPC
// grinder's question.
// Source: RFC 5531 sections 9 (messages) and 11 (record marking), RFC 1833 (rpcbind).
import type { Fact, Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

/** Transaction id of ours ("DPLT"), echoed by the server. */
const XID = 0x44504c54;
const RPCBIND = 100_000;
const LAST_FRAGMENT = 0x80000000;
const REPLY = 1;
/** accept_stat 0-5. */
const ACCEPT = [
  "success",
  "program unavailable",
  "version mismatch",
  "procedure unavailable",
  "garbage arguments",
  "system error",
];

const call = join(big(XID, 4), big(0, 4), big(2, 4), big(RPCBIND, 4), big(2, 4), big(0, 4), big(0, 16));

export interface RpcReply {
  xid: number;
  status: string;
  /** Lowest and highest version the server has, after a version mismatch. */
  versions: [number, number] | null;
}

/** A reply with or without record mark. Null when the bytes are something else. */
export function parseReply(data: Uint8Array): RpcReply | null {
  const mark = reader(data).u32();
  const framed = data.length >= 16 && mark === LAST_FRAGMENT + data.length - 4;
  const r = reader(data, framed ? 4 : 0);
  const xid = r.u32();
  if (r.u32() !== REPLY || r.failed) return null;
  const denied = r.u32();
  if (denied === 1) {
    const why = r.u32();
    return !r.failed && why <= 1
      ? { xid, status: why === 0 ? "denied: RPC version" : "denied: authentication", versions: null }
      : null;
  }
  if (denied !== 0) return null;
  if (r.u32() > 6) return null; // verifier flavour
  const length = r.u32();
  r.take(Math.min(length, 400) + ((4 - (length % 4)) % 4));
  const accept = r.u32();
  const status = ACCEPT[accept];
  if (r.failed || length > 400 || status === undefined) return null;
  const versions: [number, number] | null = accept === 2 ? [r.u32(), r.u32()] : null;
  return r.failed || (versions && versions[0] > versions[1]) ? null : { xid, status, versions };
}

function recognise({ data }: Response): Recognition | null {
  const reply = parseReply(data);
  if (!reply) return null;
  return { service: "rpcbind", weight: reply.xid === XID ? 9 : 6, excerpt: `RPC reply: ${reply.status}` };
}

function read(response: Response): Fact[] {
  const reply = parseReply(response.data);
  if (!reply) return [];
  const accepted = reply.xid === XID && (reply.status === "success" || reply.status === "version mismatch");
  return named("sunrpc", familyOf(response), {
    status: reply.status,
    accepted: accepted ? `program ${RPCBIND}` : null,
    versions: reply.versions?.join("-"),
  });
}

export const sunrpc: Protocol = {
  name: "sunrpc",
  transports: ["tcp", "udp"],
  speaksFirst: "client",
  openers: (context): Ask[] =>
    context.transport === "udp"
      ? [{ probe: "sunrpc.null-udp", data: call, complete: (received) => parseReply(received) !== null }]
      : [
          {
            probe: "sunrpc.null",
            data: join(big(LAST_FRAGMENT + call.length, 4), call),
            complete: (received) => parseReply(received) !== null,
          },
        ],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
