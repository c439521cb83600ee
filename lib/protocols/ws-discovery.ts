// WS-Discovery: computers with Windows and who imitates them, printers, cameras and recorders answer a probe that names no type with what they
// are. One datagram each way; the addresses in the answer are recorded, not asked.
// Source: OASIS WS-Discovery 1.1 and its draft of April 2005, sections "Probe" and "Probe Match" (the draft's namespaces are the ones in use); Devices
// Profile for Web Services 1.0; ONVIF Core Specification, "Discovery".
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const SOAP = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
const DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
/** A number of our own: "doorplate asks it" in hexadecimal. */
const MESSAGE_ID = "urn:uuid:646f6f72-706c-4174-8561-736b73206974";
/** With the prefixes that Windows uses: small servers look for them instead of names. */
const PROBE =
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${SOAP}" xmlns:wsa="${ADDRESSING}" xmlns:wsd="${DISCOVERY}"><soap:Header>` +
  `<wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To><wsa:Action>${DISCOVERY}/Probe</wsa:Action><wsa:MessageID>${MESSAGE_ID}</wsa:MessageID>` +
  "</soap:Header><soap:Body><wsd:Probe/></soap:Body></soap:Envelope>";
/** Bytes of an answer that are read. */
const MAX_TEXT = 8192;

/** Text of the first element of this local name. */
const textOf = (text: string, name: string) =>
  new RegExp(`<(?:[\\w-]{1,20}:)?${name}(?:\\s[^<>]{0,300})?>([^<]{1,1000})<`).exec(text)?.[1]?.trim();

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, MAX_TEXT));
  if (!/^\s{0,8}(?:<\?xml [^<>]{0,100}\?>\s{0,8})?<[\w-]{1,20}:Envelope\s/.test(text)) return null;
  const answer = /<(?:[\w-]{1,20}:)?(ProbeMatches|ResolveMatches|Fault|Hello)[\s/>]/.exec(text)?.[1];
  if (!answer || !/\/discovery[/"<]|:discovery[<"]|ws-dd\/ns\/discovery/.test(text)) return null;
  const types = textOf(text, "Types");
  return {
    service: "ws-discovery",
    weight: 9,
    excerpt: printable(types ?? answer),
    values: {
      // Prefixes are anybody's choice.
      types: types?.replace(/(?:^|(?<=\s))[\w-]{1,20}:/g, ""),
      addresses: textOf(text, "XAddrs"),
      scopes: textOf(text, "Scopes"),
    },
  };
}

export const wsDiscovery: Protocol = readingProtocol({
  name: "wsDiscovery",
  prefix: "wsDiscovery",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [{ probe: "wsDiscovery.probe", data: bytes(PROBE), complete: () => true }],
  read,
});
