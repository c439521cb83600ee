// XMPP: we open a stream, the server opens its own and lists what it offers. Servers announce their software by
// the URL in their entity capabilities, and betray it by the words of their stream errors; versions are told only
// to those who log in. Where TLS is offered it is taken, for the certificate; nobody authenticates.
// Source: RFC 6120 sections 4.2 (opening), 4.3.2 (features), 4.9 (errors), 5.4 (STARTTLS); XEP-0115 section 6.3.
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import { takeUpTls } from "./starttls.ts";
import type { Ask, AskContext, Protocol } from "./types.ts";

/** RFC 6120 section 4.8.1. */
const STREAM_NAMESPACE = "http://etherx.jabber.org/streams";
const MAX_TEXT = 16_384;
/** IANA: xmpp-server. There servers talk to servers. */
const SERVER_PORT = 5269;

const attributeText = (text: string): string => text.replace(/[^\w.:-]/g, "");

function opening(context: AskContext, probe: string): Ask {
  const kind = context.port === SERVER_PORT ? "server" : "client";
  const to = attributeText(context.hostname ?? context.host);
  return {
    probe,
    data: bytes(
      `<?xml version='1.0'?><stream:stream to='${to}' xmlns='jabber:${kind}' ` +
        `xmlns:stream='${STREAM_NAMESPACE}' version='1.0'>`,
    ),
    complete: (received) =>
      /<\/stream:(?:features|stream)>|<stream:features ?\/>/.test(latin1(received.subarray(0, MAX_TEXT))),
  };
}

const starttls: Ask = {
  probe: "xmpp.starttls",
  data: bytes("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
  complete: (received) => received.includes(0x3e),
};
const goesAhead = ({ data }: Response) => /^\s*<proceed[\s/>]/.test(latin1(data));

/** Attributes of a start tag, as written. */
function attributes(tag: string): Map<string, string> {
  const found = tag.matchAll(/\s([\w:.-]{1,40})\s{0,4}=\s{0,4}(?:'([^'<]{0,500})'|"([^"<]{0,500})")/g);
  return new Map([...found].map(([, name = "", single, double]) => [name, single ?? double ?? ""]));
}

/** All values of one kind of element's text, joined by spaces. */
function listed(text: string, element: RegExp): string {
  return [...text.matchAll(element)].map(([, value]) => value).join(" ");
}

function read({ data, tls }: Response): Reading | null {
  const text = latin1(data.subarray(0, MAX_TEXT));
  const tag = /<stream:stream(?:\s[^<>]{0,1500})?>/.exec(text)?.[0];
  if (!tag || !/^(?:<\?xml [^<>]{0,80}\?>)?$/.test(text.slice(0, text.indexOf(tag)).trim())) return null;
  // An echo of our own tag has neither id nor from.
  const stream = attributes(tag);
  const error = /<stream:error[^<>]{0,200}>\s{0,20}<([a-z-]{3,40})[\s/>]/.exec(text)?.[1];
  // Who is refused before he has opened a stream is told neither.
  const own = stream.has("id") || stream.has("from") || error !== undefined;
  if (stream.get("xmlns:stream") !== STREAM_NAMESPACE || !own) return null;
  const capabilities = attributes(
    /<c\s[^<>]{0,500}http:\/\/jabber\.org\/protocol\/caps[^<>]{0,500}>/.exec(text)?.[0] ?? "",
  );
  return {
    service: "xmpp",
    weight: 9,
    excerpt: printable(tag),
    values: {
      domain: stream.get("from"),
      node: capabilities.get("node"),
      error,
      errorText: /<text\s[^<>]{0,200}>([^<]{1,500})<\/text>/.exec(text)?.[1],
      mechanisms: listed(text, /<mechanism>([\w-]{1,40})<\/mechanism>/g),
      starttls: tls ? null : /<starttls[\s/>]/.test(text) ? "yes" : null,
      // Who writes the tag shows in the order and quoting of its attributes and in the form of the id.
      tag: tag
        .replace(/(\sid\s{0,4}=\s{0,4}['"])([^'"]*)/, (_, head: string, id: string) => head + idForm(id))
        .replace(/(\s(?:from|to)\s{0,4}=\s{0,4}['"])[^'"]*/g, "$1*"),
      address: /<address xmlns=['"]http:\/\/affinix\.com\/jabber\/address['"]>/.test(text) ? "affinix" : null,
    },
  };
}

function idForm(id: string): string {
  if (/^\d+$/.test(id)) return "{decimal}";
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return "{uuid}";
  return /^[0-9A-Fa-f]+$/.test(id) ? "{hex}" : "{text}";
}

export const xmpp: Protocol = readingProtocol({
  name: "xmpp",
  prefix: "xmpp",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: (context) => [opening(context, "xmpp.stream")],
  read,
  async converse(session) {
    const last = session.responses.at(-1);
    const text = latin1(last?.data.subarray(0, MAX_TEXT) ?? new Uint8Array(0));
    if (!session.context.tls && last?.probe === "xmpp.stream" && /<starttls[\s/>]/.test(text)) {
      if (!(await takeUpTls(session, starttls, goesAhead))) return;
      if (!(await session.ask(opening(session.context, "xmpp.stream-tls"), { here: true }))) return;
    }
    await session.ask({
      probe: "xmpp.close",
      data: bytes("</stream:stream>"),
      complete: (received) => latin1(received).includes("</stream:stream>"),
    });
  },
});
