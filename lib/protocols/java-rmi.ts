// Java RMI: the stream protocol's header is acknowledged with the address that the server sees us come from, in a
// length-checked form of its own. No call follows: a registry's list would need objects to be read.
// Source: "Java Remote Method Invocation Specification", section 10.2 (RMI Transport Protocol).
import { printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const VERSION = 2;
const STREAM_PROTOCOL = 0x4b;
const PROTOCOL_ACK = 0x4e;
const PROTOCOL_NOT_SUPPORTED = 0x4f;

const header: Ask = {
  probe: "javaRmi.header",
  data: join("JRMI", big(VERSION, 2), STREAM_PROTOCOL),
  complete: (received) =>
    received[0] === PROTOCOL_NOT_SUPPORTED ||
    (received.length >= 3 && received.length >= reader(received, 1).u16() + 7),
};

function read({ data, probe }: Response): Reading | null {
  if (probe !== header.probe) return null;
  if (data.length === 1 && data[0] === PROTOCOL_NOT_SUPPORTED)
    return { service: "java-rmi", weight: 6, excerpt: "ProtocolNotSupported", values: { answer: "refused" } };
  const r = reader(data);
  if (r.u8() !== PROTOCOL_ACK) return null;
  const host = r.text(r.u16());
  const port = r.u32();
  if (r.failed || r.left > 0 || port > 65_535 || !/^[\w.:%-]{2,255}$/.test(host)) return null;
  return {
    service: "java-rmi",
    weight: 9,
    excerpt: printable(`ProtocolAck ${host}`),
    values: { answer: "acknowledged" },
  };
}

export const javaRmi: Protocol = readingProtocol({
  name: "javaRmi",
  prefix: "rmi",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [header],
  read,
});
