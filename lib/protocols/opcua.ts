// OPC UA over TCP: "hello" is answered with the sizes of buffers, or with an error in the same frame. Then the discovery service that servers
// owe to everybody is asked on a channel without security: FindServers, which tells the application's name and its maker's URI. No session is made.
// Source: OPC 10000-6 sections 5.2 (binary encoding), 6.7.2 (message chunks) and 7.1.2 (Hello, Acknowledge, Error); OPC 10000-4 sections 5.4.2
// (FindServers), 5.5.2 (OpenSecureChannel) and 7.2 (ApplicationDescription); identifiers of OPC 10000-6, annex A.
import { latin1, printable, type Response } from "../model/observation.ts";
import { join, little, type Reader, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, AskContext, Protocol } from "./types.ts";

const NO_SECURITY = "http://opcfoundation.org/UA/SecurityPolicy#None";
const ID = { openChannel: 446, findServers: 422, findServersResponse: 425 };
const BUFFER_BYTES = 65_536;
/** A channel that nobody renews, ms. */
const LIFETIME_MS = 10_000;
const HEADER_BYTES = 8;
const NULL_STRING = little(0xffff_ffff, 4);
const MAX_STRING = 4096;

const string = (text: string) => join(little(text.length, 4), text);
const nodeId = (id: number) => join(1, 0, little(id, 2));
/** Request header: no session, no time, a handle, nothing more. */
const requestHeader = (handle: number) =>
  join(0, 0, little(0, 8), little(handle, 4), little(0, 4), NULL_STRING, little(LIFETIME_MS, 4), 0, 0, 0);
const message = (type: string, body: Uint8Array) =>
  join(type, "F", little(HEADER_BYTES + body.length, 4), body);
const urlOf = ({ host, port }: AskContext) => `opc.tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;

const whole = (received: Uint8Array) =>
  received.length >= HEADER_BYTES && received.length >= reader(received, 4).u32le();

const hello = (context: AskContext): Ask => ({
  probe: "opcua.hello",
  data: message(
    "HEL",
    join(
      little(0, 4),
      little(BUFFER_BYTES, 4),
      little(BUFFER_BYTES, 4),
      little(0, 8),
      string(urlOf(context)),
    ),
  ),
  complete: whole,
});

const openChannel: Ask = {
  probe: "opcua.channel",
  data: message(
    "OPN",
    join(
      little(0, 4),
      string(NO_SECURITY),
      NULL_STRING,
      NULL_STRING,
      little(1, 4),
      little(1, 4),
      nodeId(ID.openChannel),
      requestHeader(1),
      little(0, 4),
      little(0, 4),
      little(1, 4),
      NULL_STRING,
      little(LIFETIME_MS, 4),
    ),
  ),
  complete: whole,
};

const findServers = (context: AskContext, channel: number, token: number): Ask => ({
  probe: "opcua.servers",
  data: message(
    "MSG",
    join(
      little(channel, 4),
      little(token, 4),
      little(2, 4),
      little(2, 4),
      nodeId(ID.findServers),
      requestHeader(2),
      string(urlOf(context)),
      little(0, 4),
      little(0, 4),
    ),
  ),
  complete: whole,
});

/** Null strings are empty; longer ones than anybody needs fail the reader. */
function readString(r: Reader): string {
  const length = r.u32le();
  return length === 0xffff_ffff ? "" : r.text(length > MAX_STRING ? Number.POSITIVE_INFINITY : length);
}

function skipResponseHeader(r: Reader): void {
  r.take(17); // time, handle, result, no diagnostics
  const strings = r.u32le();
  for (let i = 0; i < strings && strings < 16 && !r.failed; i++) readString(r);
  r.take(3);
}

/** Channel and token that an OpenSecureChannel response grants, or null. */
function parseChannel(data: Uint8Array): { channel: number; token: number } | null {
  const r = reader(data);
  if (r.text(4) !== "OPNF") return null;
  r.take(8);
  readString(r);
  readString(r);
  readString(r);
  r.take(8 + 4);
  skipResponseHeader(r);
  r.u32le();
  const [channel, token] = [r.u32le(), r.u32le()];
  return r.failed ? null : { channel, token };
}

/** The first server of a FindServers response, or null. */
export function parseServer(data: Uint8Array): { uri: string; product: string; name: string } | null {
  const r = reader(data);
  if (r.text(4) !== "MSGF") return null;
  r.take(20 + 2);
  if (r.u16le() !== ID.findServersResponse) return null;
  skipResponseHeader(r);
  if (r.u32le() === 0) return null;
  const [uri, product] = [readString(r), readString(r)];
  const parts = r.u8();
  if (parts & 1) readString(r);
  const name = parts & 2 ? readString(r) : "";
  return r.failed ? null : { uri, product, name };
}

function read({ data }: Response): Reading | null {
  const type = latin1(data.subarray(0, 4));
  const r = reader(data, 4);
  const size = r.u32le();
  if (type === "ACKF" && size === 28 && data.length >= 28)
    return { service: "opcua", weight: 9, excerpt: "ACKF", values: { protocol: r.u32le() } };
  if (type === "ERRF" && size >= 16 && size <= MAX_STRING) {
    const code = r.u32le();
    const reason = readString(r);
    // All bad status codes begin with these bits (OPC 10000-4, 7.34).
    if (r.failed || code >>> 30 !== 2) return null;
    return { service: "opcua", weight: 9, excerpt: printable(`ERRF ${reason}`), values: { error: reason } };
  }
  if (parseChannel(data)) return { service: "opcua", weight: 9, excerpt: "OPNF" };
  const server = parseServer(data);
  return (
    server && {
      service: "opcua",
      weight: 9,
      excerpt: printable(`${server.name} ${server.product}`),
      values: {
        application: server.name,
        product: server.product,
        uri: server.uri,
        server: [server.name, server.product, server.uri].join(" | "),
      },
    }
  );
}

export const opcua: Protocol = readingProtocol({
  name: "opcua",
  prefix: "opcua",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => [hello(context)],
  read,
  async converse(session) {
    if (!session.responses.some(({ data }) => latin1(data.subarray(0, 4)) === "ACKF")) return;
    const opened = await session.ask(openChannel, { here: true });
    const granted = opened && parseChannel(opened.data);
    if (granted)
      await session.ask(findServers(session.context, granted.channel, granted.token), { here: true });
  },
});
