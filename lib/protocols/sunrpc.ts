// ONC RPC: the NULL procedure of the port mapper (program 100000), which does nothing but answer. Whoever answers
// it in this grammar speaks RPC; only the port mapper itself accepts it, and is then asked for its list. Which
// program sits behind any other port is the RPC grinder's question.
// Source: RFC 5531 sections 9 (messages) and 11 (record marking), RFC 1833 (rpcbind).
import type { Fact, Response } from "../model/observation.ts";
import { distinct, familyOf, named } from "./binary.ts";
import {
  DUMP,
  PORTMAPPER,
  PORTMAPPER_VERSION,
  type PortmapEntry,
  parsePortmapDump,
  portmapLines,
} from "./portmapper.ts";
import {
  answerTo,
  callMessage,
  marked,
  parseReplyMessage,
  type RpcReply,
  readRecord,
} from "./rpc-message.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** Transaction ids of ours ("DPLT" and the next), echoed by the server. */
const XID = 0x44504c54;
const DUMP_XID = XID + 1;
/** Flavours from AUTH_NONE to AUTH_TLS (RFC 9289): another number stands in no reply to a call without credentials. */
const MAX_FLAVOUR = 7;
const DUMP_PROBE = "rpcbind.dump";

const call = (xid: number, procedure: number) =>
  callMessage({ xid, program: PORTMAPPER, version: PORTMAPPER_VERSION, procedure });
const NULL_CALL = call(XID, 0);
const DUMP_CALL = call(DUMP_XID, DUMP);

/** The ids by which our own calls know their answers. */
const XIDS: ReadonlyMap<string, number> = new Map([
  ["sunrpc.null", XID],
  ["sunrpc.null-udp", XID],
  [DUMP_PROBE, DUMP_XID],
]);

/** The reply in a response: to one of our own calls only what has its id, to others whatever is one. Null when there is none. */
export function replyIn({ probe, data }: Pick<Response, "probe" | "data">): RpcReply | null {
  const xid = XIDS.get(probe);
  return xid === undefined ? parseReply(data) : answerIn(xid, data);
}

/** A reply with or without record marks. Null when the bytes are something else. */
export function parseReply(data: Uint8Array): RpcReply | null {
  const record = readRecord(data);
  const framed = record !== null && record !== "more" && record.next === data.length ? record.message : data;
  const reply = parseReplyMessage(framed);
  // A head of nothing but zeros would do (Groonga sends one), but nobody numbers a call 0.
  return reply && reply.flavour <= MAX_FLAVOUR && reply.xid !== 0 ? reply : null;
}

const nullAsk = (stream: boolean): Ask => ({
  probe: stream ? "sunrpc.null" : "sunrpc.null-udp",
  data: stream ? marked(NULL_CALL) : NULL_CALL,
  complete: (received) => answerIn(XID, received) !== null,
});

// Before the list there may be a second answer to a NULL call that was sent twice.
const dumpAsk = (stream: boolean): Ask => ({
  probe: DUMP_PROBE,
  data: stream ? marked(DUMP_CALL) : DUMP_CALL,
  complete: (received) => answerTo(DUMP_XID, received, stream) !== "more",
});

function answerIn(xid: number, data: Uint8Array): RpcReply | null {
  for (const stream of [true, false]) {
    const answer = answerTo(xid, data, stream);
    const reply = answer !== null && answer !== "more" ? parseReplyMessage(answer.message) : null;
    if (reply) return reply;
  }
  return null;
}

function dumpOf(data: Uint8Array): PortmapEntry[] | null {
  const reply = answerIn(DUMP_XID, data);
  return reply && parsePortmapDump(reply.results);
}

/** The port mapper took our call as its own. */
const isPortmapper = ({ xid, status }: RpcReply) =>
  xid === XID && (status === "success" || status === "version mismatch");

function recognise(response: Response): Recognition | null {
  const reply = replyIn(response);
  if (!reply) return null;
  const ours = reply.xid === XID || reply.xid === DUMP_XID;
  return { service: "rpcbind", weight: ours ? 9 : 6, excerpt: `RPC reply: ${reply.status}` };
}

async function converse(session: Session): Promise<void> {
  const accepted = session.responses.some((response) => {
    const reply = replyIn(response);
    return reply !== null && isPortmapper(reply);
  });
  if (accepted) await session.ask(dumpAsk(session.context.transport === "tcp"));
}

function read(response: Response): Fact[] {
  if (response.probe === DUMP_PROBE) {
    const lines = portmapLines(dumpOf(response.data) ?? []);
    return lines.flatMap((program) => named("rpcbind", familyOf(response), { program }));
  }
  const reply = replyIn(response);
  if (!reply) return [];
  return named("sunrpc", familyOf(response), {
    status: reply.status,
    accepted: isPortmapper(reply) ? `program ${PORTMAPPER}` : null,
    versions: reply.versions?.join("-"),
  });
}

export const sunrpc: Protocol = {
  name: "sunrpc",
  transports: ["tcp", "udp"],
  speaksFirst: "client",
  openers: ({ transport }): Ask[] => [nullAsk(transport === "tcp")],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
