// OpenVPN: a client's hard reset is answered with the server's, which repeats our session id. Servers with
// tls-auth or tls-crypt stay silent (UDP) or close (TCP): that cannot be told from a closed door. No TLS
// follows.
// Source: OpenVPN "Protocol" documentation (doxygen: network protocol, reliability layer): opcode and key id
// in one byte, session id, acknowledgement array, packet id; over TCP two bytes of length in front.
import type { Fact, Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { AskContext, Protocol, Recognition } from "./types.ts";

/** Opcodes, in the upper five bits. */
const RESET = { clientV2: 7, serverV2: 8 };
const SESSION = "Doorplat";
/** Most acknowledgements in one packet. */
const MAX_ACKS = 8;

const reset = join(RESET.clientV2 << 3, SESSION, 0, big(0, 4));

export interface ServerReset {
  keyId: number;
  /** Our session id came back. */
  echoed: boolean;
  session: string;
}

/** The server's hard reset, with or without TCP length. Null when the bytes are something else. */
function parseReset(data: Uint8Array): ServerReset | null {
  const framed = data.length > 2 && reader(data).u16() === data.length - 2;
  const r = reader(data, framed ? 2 : 0);
  const first = r.u8();
  const session = Buffer.from(r.take(8)).toString("hex");
  const acks = r.u8();
  if (r.failed || first >> 3 !== RESET.serverV2 || acks > MAX_ACKS) return null;
  r.take(4 * acks);
  const echoed = acks > 0 && r.text(8) === SESSION;
  const packet = r.u32();
  // the first packet of its session, and nothing behind it
  return r.failed || packet !== 0 || r.left > 0 ? null : { keyId: first & 7, echoed, session };
}

function recognise({ data }: Response): Recognition | null {
  const answer = parseReset(data);
  return answer?.echoed ? { service: "openvpn", weight: 9, excerpt: "hard reset, session id echoed" } : null;
}

function read(response: Response): Fact[] {
  const answer = parseReset(response.data);
  return answer?.echoed
    ? named("openvpn", familyOf(response), { reply: "hard reset v2", keyId: answer.keyId })
    : [];
}

export const openvpn: Protocol = {
  name: "openvpn",
  transports: ["udp", "tcp"],
  speaksFirst: "client",
  openers: ({ transport }: AskContext) => [
    {
      probe: transport === "tcp" ? "openvpn.reset-tcp" : "openvpn.reset",
      data: transport === "tcp" ? join(big(reset.length, 2), reset) : reset,
      complete: (received) => parseReset(received) !== null,
    },
  ],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
