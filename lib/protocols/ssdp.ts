// SSDP, the discovery of UPnP: an M-SEARCH sent to one host is answered with an HTTP-like response whose
// SERVER line names operating system, UPnP version and product. Only root devices are asked for: one answer a
// device. The description behind LOCATION is recorded, not fetched.
// Source: UPnP Device Architecture 1.1 section 1.3 (search request and response, unicast M-SEARCH).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { distinct, familyOf, named } from "./binary.ts";
import { type HttpMessage, header, parseMessage } from "./http-message.ts";
import { bytes } from "./reply-lines.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const LINES = [
  "M-SEARCH * HTTP/1.1",
  // The multicast address even in unicast: devices that check the field expect it.
  "HOST: 239.255.255.250:1900",
  'MAN: "ssdp:discover"',
  "MX: 1",
  "ST: upnp:rootdevice",
];

const search: Ask = {
  probe: "ssdp.search",
  data: bytes(`${LINES.join("\r\n")}\r\n\r\n`),
  complete: (received) => parseSearch(received) !== null && received[received.length - 1] === 0x0a,
};

/**
 * A search response: success, with the fields that only discovery has. Null when the bytes are something
 * else.
 */
function parseSearch(data: Uint8Array): HttpMessage | null {
  const message = parseMessage(data, "HTTP");
  if (message?.status !== 200) return null;
  return header(message, "usn") !== null && header(message, "st") !== null ? message : null;
}

function recognise({ data }: Response): Recognition | null {
  const message = parseSearch(data);
  return (
    message && {
      service: "upnp",
      weight: 9,
      excerpt: printable(header(message, "server") ?? header(message, "usn") ?? ""),
    }
  );
}

function read(response: Response): Fact[] {
  const message = parseSearch(response.data);
  if (!message) return [];
  return named("upnp", familyOf(response), {
    server: header(message, "server"),
    location: header(message, "location"),
    usn: header(message, "usn"),
    st: header(message, "st"),
  });
}

export const ssdp: Protocol = {
  name: "ssdp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [search],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
