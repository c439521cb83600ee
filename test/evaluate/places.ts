/**
 * Where a text stands in what a server says: the corpus' kinds (`http.title`, `ssh.banner`, …), and an answer of that protocol, as plain as
 * the place allows, with the text in it. What no answer holds by itself is a fact.
 */
import type { Fact, Response } from "../../lib/model/observation.ts";

/** The answer's probe and bytes before and behind the text, or the name of the fact that the text is. */
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
const web = (answer: (text: string) => string): Place => ({ port: 80, probe: "http.get", answer });
const greeting = (port: number, before = ""): Place => ({
  port,
  probe: "NULL",
  answer: (text) => `${before}${text}\r\n`,
});
const SIP =
  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS";
const udp = (port: number, fact: string): Place => ({ port, transport: "udp", fact });
const tcp = (port: number, fact: string): Place => ({ port, fact });

const PLACES: Readonly<Record<string, Place>> = {
  "http.title": web((text) => page(titled(text, `<h1>${text}</h1>${FORM}`))),
  "http.body": web((text) => page(titled("", text))),
  "http.www_authenticate": web((text) => page(PLAIN, [`WWW-Authenticate: ${text}`], "401 Unauthorized")),
  "http.cookie": web((text) => page(PLAIN, [`Set-Cookie: ${text}`])),
  "http.server": web((text) => page(PLAIN, [`Server: ${text}`])),
  "http.x_powered_by": web((text) => page(PLAIN, [`X-Powered-By: ${text}`])),
  "ftp.banner": greeting(21, "220 "),
  "ssh.banner": greeting(22, "SSH-2.0-"),
  "telnet.banner": greeting(23),
  "smtp.banner": greeting(25, "220 "),
  "smtp.help": tcp(25, "smtp.help"),
  "pop3.banner": greeting(110, "+OK "),
  "nntp.banner": greeting(119, "200 "),
  "imap.banner": greeting(143, "* OK "),
  "sip.server": {
    port: 5060,
    transport: "udp",
    probe: "sip.options",
    answer: (text) => `SIP/2.0 200 OK\r\n${SIP}\r\nServer: ${text}\r\nContent-Length: 0\r\n\r\n`,
  },
  "dns.version_bind": udp(53, "dns.version.bind"),
  "snmp.sysdescr": udp(161, "snmp.sysDescr"),
  "ntp.readvar": udp(123, "ntp.readvar"),
  "upnp.server": udp(1900, "upnp.server"),
  "mysql.banner": tcp(3306, "mysql.version"),
  "mysql.error": tcp(3306, "mysql.error"),
  "rtsp.server": tcp(554, "rtsp.server"),
  "pjl.id": tcp(9100, "pjl.id"),
  "x509.subject": tcp(443, "tls.subject"),
  "x509.issuer": tcp(443, "tls.issuer"),
  "smb.native_os": tcp(445, "smb.nativeOs"),
  "smb.native_lm": tcp(445, "smb.nativeLanManager"),
  "ldap.search_result": tcp(389, "ldap.rootDse"),
};

export interface Placed {
  transport: "tcp" | "udp";
  port: number;
  responses: Response[];
  facts: Fact[];
  tls: null;
  /** It came over the wire: not a fact out of context. */
  wire: boolean;
}

/** @throws RangeError for a kind that is not known */
export function placed(kind: string, text: string): Placed {
  const place = PLACES[kind];
  if (!place) throw new RangeError(`no place is called ${kind}: ${Object.keys(PLACES).join(", ")}`);
  const { port, transport = "tcp", probe, answer, fact } = place;
  const data = Buffer.from(answer?.(text) ?? "", "utf8");
  return {
    transport,
    port,
    responses: probe ? [{ probe, tls: false, data, firstByteMs: null, end: "complete", connection: 0 }] : [],
    facts: fact ? [{ name: fact, value: Buffer.from(text, "utf8").toString("latin1"), family: fact }] : [],
    tls: null,
    wire: probe !== undefined,
  };
}
