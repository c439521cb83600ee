// NTP over UDP: a client packet (mode 3) gets a server packet (mode 4) from any server; `read variables`
// (mode 6) makes ntpd tell version, processor and system, where it is allowed. That request can be abused for
// amplification, so it goes out once, after the first answer.
// Source: RFC 5905 section 7.3 (header), RFC 9327 section 2 (control messages), sections 3-4 (read variables).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const MODE = { client: 3, server: 4, control: 6 };
const VERSION = 4;
const READ_VARIABLES = 2;
/** Header size, bytes, and our transmit timestamp: a server copies it into its origin timestamp. */
const HEADER = 48;
const TRANSMIT = join("Doorplat");
/** Sequence number of our control message. */
const SEQUENCE = 0x4450;

const client: Ask = {
  probe: "ntp.client",
  data: join((VERSION << 3) | MODE.client, new Uint8Array(39), TRANSMIT),
  complete: (received) => received.length >= HEADER,
};
const readvar: Ask = {
  probe: "ntp.readvar",
  data: join((2 << 3) | MODE.control, READ_VARIABLES, big(SEQUENCE, 2), big(0, 8)),
  complete: (received) => parseControl(received)?.more === false,
};

interface ServerPacket {
  version: number;
  leap: number;
  stratum: number;
  refid: Uint8Array;
  /** The origin timestamp is our transmit timestamp. */
  echoed: boolean;
}

/** A mode 4 packet whose fields hold together. */
function parseServer(data: Uint8Array): ServerPacket | null {
  const r = reader(data);
  const first = r.u8();
  const stratum = r.u8();
  const poll = r.u8();
  const precision = r.u8();
  r.take(8);
  const refid = r.take(4);
  r.take(8);
  const origin = latin1(r.take(8));
  r.take(16);
  if (r.failed || (first & 7) !== MODE.server || data.length > HEADER + 72) return null;
  const version = (first >> 3) & 7;
  if (
    version < 1 ||
    version > 4 ||
    stratum > 16 ||
    (poll > 17 && poll < 0xf0) ||
    (precision > 0 && precision < 0xc0)
  )
    return null;
  return { version, leap: first >> 6, stratum, refid, echoed: origin === latin1(TRANSMIT) };
}

/** A mode 6 response: bit 7 response, 6 error, 5 more, then the operation; offset and count of the data. */
function parseControl(data: Uint8Array): { text: string; error: boolean; more: boolean } | null {
  const r = reader(data);
  const first = r.u8();
  const second = r.u8();
  r.u16(); // sequence
  r.u16(); // status
  r.u16(); // association
  const offset = r.u16();
  const count = r.u16();
  if (r.failed || (first & 7) !== MODE.control || first >> 6 !== 0 || !(second & 0x80)) return null;
  if ((second & 0x1f) !== READ_VARIABLES || offset > 4096 || count > r.left) return null;
  return { text: latin1(r.take(count)), error: (second & 0x40) !== 0, more: (second & 0x20) !== 0 };
}

function recognise({ data }: Response): Recognition | null {
  const control = parseControl(data);
  if (control && (control.error || /[a-z]+=/.test(control.text)))
    return {
      service: "ntp",
      weight: control.error ? 7 : 9,
      excerpt: printable(control.text) || "control message",
    };
  const server = parseServer(data);
  if (!server) return null;
  const excerpt = `NTPv${server.version} stratum ${server.stratum}`;
  return { service: "ntp", weight: server.echoed ? 9 : 6, excerpt };
}

/** Value of a variable: `name="…"` or `name=…`. */
function variable(text: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|[,\\s])${name}=(?:"([^"]{0,300})"|([^,\\s"]{1,100}))`).exec(text);
  return found?.[1] ?? found?.[2];
}

function read(response: Response): Fact[] {
  const family = familyOf(response);
  const control = parseControl(response.data);
  if (control) {
    const { text } = control;
    if (control.error || !text) return [];
    return named("ntp", family, {
      readvar: text.replace(/[\0\s]+$/, ""),
      version: variable(text, "version"),
      processor: variable(text, "processor"),
      system: variable(text, "system"),
    });
  }
  const server = parseServer(response.data);
  if (!server) return [];
  const refid = latin1(server.refid).replace(/\0+$/, "");
  return named("ntp", family, {
    protocol: server.version,
    stratum: server.stratum,
    leap: server.leap,
    // below stratum 2 it is a name (GPS, LOCL, or a kiss code such as RATE)
    refid: server.stratum < 2 && /^[A-Z0-9.]{2,4}$/.test(refid) ? refid : null,
  });
}

async function converse(session: Session): Promise<void> {
  if (!session.responses.some((response) => parseControl(response.data))) await session.ask(readvar);
}

export const ntp: Protocol = {
  name: "ntp",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [client],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
