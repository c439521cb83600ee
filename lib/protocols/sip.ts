import { randomBytes } from "node:crypto";
import { isIPv6 } from "node:net";
import { printable } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { header, messageComplete, parseMessage } from "./http-message.ts";
import { bytes } from "./reply-lines.ts";
import type { AskContext, Protocol } from "./types.ts";

/** An OPTIONS request about the server (RFC 3261 section 11): it rings no phone and creates no dialog. */
function optionsRequest(context: AskContext): Uint8Array {
  const name = context.hostname ?? (isIPv6(context.host) ? `[${context.host}]` : context.host);
  const transport = context.transport === "udp" ? "UDP" : context.tls ? "TLS" : "TCP";
  const unique = randomBytes(8).toString("hex");
  // z9hG4bK marks branches that are unique (section 8.1.1.7); rport asks for an answer to our real port (RFC 3581).
  const lines = [
    `OPTIONS sip:${name} SIP/2.0`,
    `Via: SIP/2.0/${transport} doorplate.invalid;branch=z9hG4bK${unique};rport`,
    "Max-Forwards: 70",
    `From: <sip:doorplate@doorplate.invalid>;tag=${unique}`,
    `To: <sip:${name}>`,
    `Call-ID: ${unique}@doorplate.invalid`,
    "CSeq: 1 OPTIONS",
    "Contact: <sip:doorplate@doorplate.invalid>",
    "Accept: application/sdp",
    "Content-Length: 0",
  ];
  return bytes(`${lines.join("\r\n")}\r\n\r\n`);
}

/** The tag that a server adds to `To` is as random as its author liked it: how many hexadecimal digits between its dots, `32.8`. */
function shapeOfTag(to: string | null): string | null {
  const tag = /;\s?tag=([0-9a-f]{4,64}(?:\.[0-9a-f]{4,64}){0,3})(?:;|$)/.exec(to ?? "")?.[1];
  return tag
    ? tag
        .split(".")
        .map(({ length }) => length)
        .join(".")
    : null;
}

/** SIP (RFC 3261): OPTIONS, answered without a login. */
export const sip: Protocol = {
  name: "sip",
  transports: ["udp", "tcp"],
  speaksFirst: "client",

  openers: (context) => [
    { probe: "sip.options", data: optionsRequest(context), complete: messageComplete("SIP") },
  ],

  recognise({ data }) {
    const message = parseMessage(data, "SIP");
    return (
      message && {
        service: "sip",
        weight: 9,
        excerpt: printable(`SIP/${message.version} ${message.status} ${message.reason}`),
      }
    );
  },

  facts(responses) {
    const list = factList();
    for (const { data } of responses) {
      const message = parseMessage(data, "SIP");
      if (!message) continue;
      list.add("sip.status", String(message.status), "sip.headers");
      list.add("sip.server", header(message, "server"), "sip.headers");
      list.add("sip.userAgent", header(message, "user-agent"), "sip.headers");
      list.add("sip.allow", header(message, "allow"), "sip.headers");
      list.add("sip.tag", shapeOfTag(header(message, "to") ?? header(message, "t")), "sip.tag");
    }
    return list.facts;
  },
};
