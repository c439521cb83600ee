// NAT-PMP and its successor PCP, by which hosts ask their router for a port: the question for the external address changes nothing.
// Source: RFC 6886 sections 3.2 (public address), 3.5 (result codes); RFC 6887 section 9 (PCP servers answer version 0 in version 0, or refuse it).
import type { Response } from "../model/observation.ts";
import { join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

/** Added to the operation in an answer. */
const ANSWER = 128;
const ADDRESS_ANSWER = 12;
const SHORT_ANSWER = 8;
const MAX_RESULT = 5;

function read({ data, probe }: Response): Reading | null {
  const r = reader(data);
  const [version, operation, result] = [r.u8(), r.u8(), r.u16()];
  if (r.failed || probe !== "natpmp.address" || operation !== ANSWER) return null;
  if (version > 2 || result > MAX_RESULT) return null;
  if (data.length !== ADDRESS_ANSWER && data.length !== SHORT_ANSWER && data.length < 24) return null;
  r.take(4);
  const address = data.length === ADDRESS_ANSWER && result === 0 ? [...r.take(4)].join(".") : null;
  return {
    service: "nat-pmp",
    weight: 8,
    excerpt: `version ${version}, result ${result}`,
    values: { version, result, address },
  };
}

export const natpmp: Protocol = readingProtocol({
  name: "natpmp",
  prefix: "natpmp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [{ probe: "natpmp.address", data: join(0, 0), complete: () => true }],
  read,
});
