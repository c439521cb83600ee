/**
 * Answers that name no product, as cases: each line of nameless.yaml in an answer of its protocol, as plain as its place allows. A product
 * that is read in one of them is wrong, whatever it is; so is one that a page only mentions.
 */
import { NO_VERDICT } from "../../lib/model/fingerprint.ts";
import type { Case } from "./corpus.ts";
import lists from "./nameless.yaml";

type Lists = Readonly<Record<"nameless" | "mentions", Readonly<Record<string, string>>>>;

/** How a text stands in an answer: the answer's probe and bytes before and behind, or the name of the fact that the text is. */
interface Place {
  port: number;
  transport?: "tcp" | "udp";
  probe?: string;
  answer?(text: string): string;
  fact?: string;
}

const page = (body: string, fields: readonly string[] = [], status = "200 OK") =>
  [
    `HTTP/1.1 ${status}`,
    "Date: Sat, 21 Nov 2026 10:00:00 GMT",
    ...fields,
    "Content-Type: text/html; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
const titled = (title: string, rest = "") =>
  `<html><head><title>${title}</title></head><body>${rest}</body></html>`;
const PLAIN = "<html><body><p>Hello.</p></body></html>";
const FORM = "<form><input name=user><input name=password type=password></form>";
const greeting = (port: number): Place => ({ port, probe: "NULL", answer: (text) => `${text}\r\n` });
const SIP =
  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS";

const PLACES: Readonly<Record<string, Place>> = {
  title: { port: 80, probe: "http.get", answer: (text) => page(titled(text, `<h1>${text}</h1>${FORM}`)) },
  body: { port: 80, probe: "http.get", answer: (text) => page(titled("", text)) },
  realm: {
    port: 80,
    probe: "http.get",
    answer: (text) => page(PLAIN, [`WWW-Authenticate: Basic realm="${text}"`], "401 Unauthorized"),
  },
  cookie: {
    port: 80,
    probe: "http.get",
    answer: (text) => page(PLAIN, [`Set-Cookie: ${text}=4f1c7a9be0d24; path=/`]),
  },
  server: { port: 80, probe: "http.get", answer: (text) => page(PLAIN, [`Server: ${text}`]) },
  ftp: greeting(21),
  ssh: greeting(22),
  telnet: greeting(23),
  smtp: greeting(25),
  pop3: greeting(110),
  imap: greeting(143),
  sip: {
    port: 5060,
    transport: "udp",
    probe: "sip.options",
    answer: (text) => `SIP/2.0 200 OK\r\n${SIP}\r\nServer: ${text}\r\nContent-Length: 0\r\n\r\n`,
  },
  dns: { port: 53, transport: "udp", fact: "dns.version.bind" },
  snmp: { port: 161, transport: "udp", fact: "snmp.sysDescr" },
};

/** `kind` is the list, a colon, and the place. @throws RangeError for a place that is not known */
export function readNameless(file: Lists = lists as Lists): Case[] {
  return Object.entries(file).flatMap(([list, places]) =>
    Object.entries(places).flatMap(([name, texts]) => {
      const place = PLACES[name];
      if (!place) throw new RangeError(`no place is called ${name}: ${Object.keys(PLACES).join(", ")}`);
      return texts
        .split("\n")
        .filter((text) => text !== "")
        .map((text) => caseOf(`${list}:${name}`, text, place));
    }),
  );
}

function caseOf(kind: string, text: string, { port, transport = "tcp", probe, answer, fact }: Place): Case {
  const id = `${kind} ${text}`;
  const data = Buffer.from(answer?.(text) ?? "", "utf8");
  return {
    id,
    fingerprint: id,
    product: id,
    kind,
    wellKnown: false,
    wire: probe !== undefined,
    transport,
    port,
    responses: probe ? [{ probe, tls: false, data, firstByteMs: null, end: "complete", connection: 0 }] : [],
    facts: fact ? [{ name: fact, value: Buffer.from(text, "utf8").toString("latin1"), family: fact }] : [],
    tls: null,
    judge: ({ product } = NO_VERDICT) => ({
      service: null,
      product: product === null ? null : false,
      version: null,
      asks: { product: false, version: false },
    }),
  };
}
