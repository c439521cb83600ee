// The port on which Elasticsearch and OpenSearch nodes talk to each other: to an HTTP request it says, without any
// framing, that it is no HTTP port. Nothing else is sent there; messages begin with the letters ES.
// Source: Elasticsearch source, org.elasticsearch.transport (TcpTransport, TcpHeader).
import { latin1, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const REFUSAL = /^This is not an? HTTP port\r?\n?$/;

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 64));
  return REFUSAL.test(text)
    ? { service: "elasticsearch", weight: 9, excerpt: text.trim(), values: { refusal: text.trim() } }
    : null;
}

export const elasticsearchTransport: Protocol = readingProtocol({
  name: "elasticsearchTransport",
  prefix: "elasticsearch.transport",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [],
  read,
});
