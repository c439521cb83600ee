// Kerberos 5: a ticket request for a principal of a realm that cannot exist is refused with KRB-ERROR, which
// carries the server's clock and, from most implementations, a text of their own. No account is named, so
// none can be locked. A server that redirects names the realm it thinks right.
// Source: RFC 4120 sections 5.2 (types), 5.4.1 (KRB_KDC_REQ), 5.9.1 (KRB_ERROR), 7.2.2 (TCP length), 7.5.9
// (codes).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { type Ber, ber, readAll, readBer, readInteger } from "./ber.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { AskContext, Protocol, Recognition } from "./types.ts";

/** Reserved by RFC 2606, so nobody's. */
const REALM = "DOORPLATE.INVALID";
/** Application tags and message types. */
const AS_REQ = { tag: 0x6a, type: 10 };
const AS_REP = { tag: 0x6b, type: 11 };
const KRB_ERROR = { tag: 0x7e, type: 30 };
const VERSION = 5;
/** AES-256, AES-128 (RFC 3962), RC4 (RFC 4757). */
const ENCRYPTION = [18, 17, 23];
const NAME_TYPE = { principal: 1, service: 2 };
/** Error codes worth a word; the others show as numbers. */
const CODES: Record<number, string> = {
  3: "bad version",
  6: "client unknown",
  7: "server unknown",
  12: "policy",
  14: "no encryption type",
  18: "client revoked",
  24: "preauthentication failed",
  25: "preauthentication required",
  37: "clock skew",
  52: "too big for UDP",
  60: "generic",
  61: "field too long",
  68: "wrong realm",
};

const integer = (value: number) => ber(2, value);
const text = (value: string) => ber(0x1b, value);
const context = (number: number, ...parts: Uint8Array[]) => ber(0xa0 + number, ...parts);
const principal = (type: number, ...names: string[]) =>
  ber(0x30, context(0, integer(type)), context(1, ber(0x30, ...names.map(text))));

const request = ber(
  AS_REQ.tag,
  ber(
    0x30,
    context(1, integer(VERSION)),
    context(2, integer(AS_REQ.type)),
    context(
      4,
      ber(
        0x30,
        context(0, ber(3, 0, 0, 0, 0, 0)), // no options
        context(1, principal(NAME_TYPE.principal, "doorplate")),
        context(2, text(REALM)),
        context(3, principal(NAME_TYPE.service, "krbtgt", REALM)),
        context(5, ber(0x18, "19700101000000Z")), // no end asked for
        context(7, ber(2, 0x44, 0x50, 0x4c, 0x54)),
        context(8, ber(0x30, ...ENCRYPTION.map(integer))),
      ),
    ),
  ),
);

export interface KerberosError {
  code: number;
  /** ISO 8601, or null. */
  serverTime: string | null;
  realm: string | null;
  /** Where the client should turn to. */
  clientRealm: string | null;
  text: string | null;
}

/** The message without TCP's length in front. */
function unframed(data: Uint8Array): Uint8Array {
  return data.length > 4 && reader(data).u32() === data.length - 4 ? data.subarray(4) : data;
}

function isoTime(value: string | null): string | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(value ?? "");
  return parts ? `${parts.slice(1, 4).join("-")}T${parts.slice(4, 7).join(":")}Z` : null;
}

/**
 * The fields of a message of this tag and type, by context number. Null when the bytes are something else.
 */
function fieldsOf(data: Uint8Array, { tag, type }: { tag: number; type: number }): Map<number, Ber> | null {
  const outer = readBer(unframed(data));
  const sequence = outer?.tag === tag ? readBer(outer.value) : null;
  const fields = sequence?.tag === 0x30 ? readAll(sequence.value, 32) : null;
  if (!fields) return null;
  const values = new Map<number, Ber>();
  for (const field of fields) {
    const inner = readBer(field.value);
    if (field.tag < 0xa0 || field.tag > 0xbe || !inner) return null;
    values.set(field.tag - 0xa0, inner);
  }
  const number = (at: number) => readInteger(values.get(at)?.value ?? new Uint8Array(0));
  return number(0) === VERSION && number(1) === type ? values : null;
}

/** A KRB-ERROR, with or without TCP length. Null when the bytes are something else. */
export function parseError(data: Uint8Array): KerberosError | null {
  const fields = fieldsOf(data, KRB_ERROR);
  const code = fields && readInteger(fields.get(6)?.value ?? new Uint8Array(0));
  if (!fields || code === null) return null;
  const string = (at: number) => {
    const field = fields.get(at);
    return field ? latin1(field.value.subarray(0, 256)) : null;
  };
  return {
    code,
    serverTime: isoTime(string(4)),
    realm: string(9),
    clientRealm: string(7),
    text: string(11)?.replace(/\0+$/, "") ?? null,
  };
}

function recognise({ data }: Response): Recognition | null {
  const error = parseError(data);
  if (error)
    return {
      service: "kerberos-sec",
      weight: 9,
      excerpt: printable(`KRB-ERROR ${error.code} ${error.serverTime ?? ""} ${error.text ?? ""}`.trim()),
    };
  return fieldsOf(data, AS_REP) ? { service: "kerberos-sec", weight: 9, excerpt: "AS-REP" } : null;
}

function read(response: Response): Fact[] {
  const error = parseError(response.data);
  if (!error) return [];
  const others = (realm: string | null) => (realm === REALM ? null : realm);
  return named("kerberos", familyOf(response), {
    error: CODES[error.code] ?? error.code,
    serverTime: error.serverTime,
    realm: others(error.clientRealm) ?? others(error.realm),
    text: error.text,
    // an answer without text is a trait of some implementations: the combination can be matched
    reply: `${error.code} ${error.text || "-"}`,
  });
}

export const kerberos: Protocol = {
  name: "kerberos",
  transports: ["udp", "tcp"],
  speaksFirst: "client",
  openers: ({ transport }: AskContext) => {
    const framed = transport === "tcp";
    return [
      {
        probe: framed ? "kerberos.asReq-tcp" : "kerberos.asReq",
        data: framed ? join(big(request.length, 4), request) : request,
        complete: (received) => fieldsOf(received, KRB_ERROR) !== null,
      },
    ];
  },
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
