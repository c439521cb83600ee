// Servers whose datagrams are text: media gateways and relays, and the clearing house of a spam filter. Each answers what it cannot read in
// words of its own, so that other protocols' questions give it away, too.
// Sources: RFC 3435 (MGCP) sections 2.3.4 (AuditEndpoint) and 3.3 (responses); rtpengine's documentation, "The ng control protocol" (a cookie,
// a space, a bencoded dictionary); Pyzor's protocol description (headers as in mail, "ping"); Slim Devices' server, Slim::Networking::Discovery; real daemons.
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { MEMBERLIST } from "./line-servers.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

interface DatagramLine {
  /** Protocol, prefix of its facts, first part of its probe. */
  name: string;
  service: string;
  /** Other names of the registry behind which it may stand. */
  registered?: readonly string[];
  /** Changes nothing and names nobody. */
  question: string;
  /** Its answers; a first group is kept as the fact `answer`. */
  answers: readonly RegExp[];
}

/** Numbers of our own, which answers repeat. */
const TRANSACTION = 44_500_001;
const COOKIE = "doorplate";

const DATAGRAM_LINES: readonly DatagramLine[] = [
  {
    name: "mgcp",
    service: "mgcp",
    registered: ["mgcp-gateway", "mgcp-callagent"],
    question: `AUEP ${TRANSACTION} *@doorplate MGCP 1.0\r\n\r\n`,
    // What cannot be parsed has no transaction to repeat.
    answers: [new RegExp(`^(\\d{3}) (?:${TRANSACTION}|0{1,9}) [^\\r\\n]{0,200}\\r?\\n`)],
  },
  {
    name: "rtpengine",
    service: "rtpengine",
    question: `${COOKIE} d7:command4:pinge`,
    answers: [
      new RegExp(`^${COOKIE} (d6:result4:ponge)$`),
      /^[\s\S]{1,900} (d6:result5:error12:error-reason\d{1,3}:[\x20-\x7e]{1,200}e)$/,
    ],
  },
  {
    name: "pyzor",
    service: "pyzor",
    question: `Op: ping\nThread: 4450\nPV: 2.1\nUser: anonymous\nTime: 0\nSig: ${"0".repeat(40)}\n\n`,
    answers: [/^Code: \d{3}\nDiag: [^\n]{1,200}\n(?=(?:[^\n]{1,100}\n){0,4}(PV: \d{1,2}\.\d{1,2})\n)/],
  },
  {
    // Slim Devices' discovery, as players ask for their server: tags of four letters, answered with lengths and values.
    name: "slim",
    service: "slim-devices",
    question: "eNAME\0VERS\0JSON\0",
    answers: [/^E(?=(?:[A-Z]{4}[\s\S]{1,80}?)?VERS[\x03-\x20](\d[\d.]{2,20}))NAME/],
  },
  {
    name: "memberlistUdp",
    service: "memberlist",
    registered: MEMBERLIST.registered,
    question: MEMBERLIST.ping,
    answers: [MEMBERLIST.acknowledged],
  },
];

/** Bytes of an answer that are read. */
const MAX_TEXT = 1024;

function datagramLine({ name, service, question, answers }: DatagramLine): Protocol {
  return readingProtocol({
    name,
    prefix: name,
    transports: ["udp"],
    speaksFirst: "client",
    openers: () => [{ probe: `${name}.ask`, data: bytes(question), complete: () => true }],
    read({ data }: Response): Reading | null {
      const text = latin1(data.subarray(0, MAX_TEXT));
      for (const answer of answers) {
        const found = answer.exec(text);
        if (found) return { service, weight: 9, excerpt: printable(found[0]), values: { answer: found[1] } };
      }
      return null;
    },
  });
}

export const datagramLines: readonly { protocol: Protocol; services: readonly string[] }[] =
  DATAGRAM_LINES.map((line) => ({
    protocol: datagramLine(line),
    services: [line.service, ...(line.registered ?? [])],
  }));
