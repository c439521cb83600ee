/*
 * The opening of DTLS 1.0 to 1.2: records carry their own sequence numbers, handshake messages may come in fragments, and a server
 * first makes a client repeat its hello with a cookie. What is read here is in clear: hello, certificate, alert.
 *
 * Source: RFC 6347 sections 4.1 (record), 4.2.1 (cookie), 4.2.2 (handshake header and fragments); RFC 5246 section 7.4.
 */
import { big, join, reader } from "./binary.ts";

const RECORD = { alert: 21, handshake: 22 };
const HANDSHAKE = { clientHello: 1, serverHello: 2, helloVerify: 3, certificate: 11 };
/** DTLS versions are one's complements; 0x0100 is the pre-standard one that Cisco's AnyConnect kept. */
const VERSIONS: Record<number, string> = {
  65277: "DTLSv1.2", // 0xfefd
  65279: "DTLSv1.0", // 0xfeff
  256: "DTLSv0.9", // 0x0100
};
const VERSION = { one: 0xfeff, oneTwo: 0xfefd };
/** Bounds while reading. */
const MAX_RECORDS = 64;
const MAX_MESSAGES = 16;
const MAX_MESSAGE = 32_768;

/** IANA cipher suites: ECDHE and RSA with AES, then pre-shared keys and CCM as small devices have them. */
const SUITES = [
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x009c, 0x002f, 0x0035,
  0xc0ae, 0xc0ac, 0xc0a8, 0x00a8, 0x008c, 0x00ff,
];
const GROUPS = [0x001d, 0x0017, 0x0018];
const SIGNATURES = [0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0203, 0x0201];
/** Both hellos must have the same random; nothing is ever derived from it. */
const RANDOM = "doorplate asks who is there     ";

const u16s = (values: readonly number[]) => join(...values.map((value) => big(value, 2)));
const vector = (size: number, body: Uint8Array) => join(big(body.length, size), body);
const extension = (type: number, body: Uint8Array) => join(big(type, 2), vector(2, body));

/** A ClientHello record: the first without cookie, the second repeating it with the server's. */
export function clientHello(servername: string | null, cookie: Uint8Array = new Uint8Array(0)): Uint8Array {
  const name = servername && /^[\x21-\x7e]{1,253}$/.test(servername) ? join(servername) : null;
  const extensions = join(
    name ? extension(0, vector(2, join(0, vector(2, name)))) : "",
    extension(0x000a, vector(2, u16s(GROUPS))),
    extension(0x000b, vector(1, join(0))),
    extension(0x000d, vector(2, u16s(SIGNATURES))),
    extension(0x0017, join()),
  );
  const body = join(
    big(VERSION.oneTwo, 2),
    RANDOM,
    0,
    vector(1, cookie),
    vector(2, u16s(SUITES)),
    vector(1, join(0)),
    vector(2, extensions),
  );
  const sequence = cookie.length > 0 ? 1 : 0;
  const fragment = join(big(sequence, 2), big(0, 3), big(body.length, 3));
  const handshake = join(HANDSHAKE.clientHello, big(body.length, 3), fragment, body);
  return record(RECORD.handshake, sequence, handshake);
}

function record(type: number, sequence: number, body: Uint8Array): Uint8Array {
  return join(type, big(VERSION.one, 2), big(0, 2), big(sequence, 6), big(body.length, 2), body);
}

/** A fatal user_canceled alert: the server need not repeat its flight. */
export const goodbye = record(RECORD.alert, 2, join(2, 90));

export interface DtlsFlight {
  /** Version of the hello, else of the record: `DTLSv1.2`. */
  version: string;
  cookie: Uint8Array | null;
  /** IANA number of the suite that the server chose. */
  cipher: number | null;
  /** DER of the server's own certificate. */
  certificate: Uint8Array | null;
  /** `level/description` */
  alert: string | null;
}

/** Handshake messages from fragments that came in order; others are left out. */
function messagesOf(bodies: readonly Uint8Array[]): Map<number, { type: number; body: Uint8Array }> {
  const parts = new Map<number, { type: number; length: number; got: number; parts: Uint8Array[] }>();
  for (const body of bodies) {
    const r = reader(body);
    while (r.left >= 12 && parts.size <= MAX_MESSAGES) {
      const type = r.u8();
      const length = r.u16() * 256 + r.u8();
      const sequence = r.u16();
      const offset = r.u16() * 256 + r.u8();
      const fragment = r.take(r.u16() * 256 + r.u8());
      if (r.failed || length > MAX_MESSAGE || offset + fragment.length > length) break;
      const message = parts.get(sequence) ?? { type, length, got: 0, parts: [] };
      parts.set(sequence, message);
      if (message.got !== offset || message.type !== type || message.length !== length) continue;
      message.got += fragment.length;
      message.parts.push(fragment);
    }
  }
  const whole = new Map<number, { type: number; body: Uint8Array }>();
  for (const { type, length, got, parts: list } of parts.values())
    if (got === length && !whole.has(type)) whole.set(type, { type, body: join(...list) });
  return whole;
}

/** What a server's datagrams say. Null when they do not begin with a DTLS record of a server. */
export function parseFlight(data: Uint8Array): DtlsFlight | null {
  const r = reader(data);
  const bodies: Uint8Array[] = [];
  let recordVersion: number | null = null;
  let alert: string | null = null;
  for (let n = 0; r.left >= 13 && n < MAX_RECORDS; n++) {
    const type = r.u8();
    const version = r.u16();
    const epoch = r.u16();
    r.take(6);
    const body = r.take(r.u16());
    if (r.failed || VERSIONS[version] === undefined || type < 20 || type > 26) break;
    if (epoch !== 0) continue;
    recordVersion ??= version;
    if (type === RECORD.handshake) bodies.push(body);
    if (type === RECORD.alert && body.length === 2 && (body[0] === 1 || body[0] === 2))
      alert ??= `${body[0]}/${body[1]}`;
  }
  if (recordVersion === null) return null;
  const messages = messagesOf(bodies);
  const verify = reader(messages.get(HANDSHAKE.helloVerify)?.body ?? join());
  verify.u16();
  const cookie = verify.take(verify.u8());
  const hello = reader(messages.get(HANDSHAKE.serverHello)?.body ?? join());
  const helloVersion = hello.u16();
  hello.take(32);
  hello.take(hello.u8());
  const cipher = hello.u16();
  const list = reader(messages.get(HANDSHAKE.certificate)?.body ?? join());
  list.take(3);
  const certificate = list.take(list.u16() * 256 + list.u8());
  if (verify.failed && hello.failed && alert === null) return null;
  const version = hello.failed ? recordVersion : helloVersion;
  return {
    version: VERSIONS[version] ?? `0x${version.toString(16)}`,
    cookie: verify.failed || cookie.length === 0 ? null : cookie,
    cipher: hello.failed ? null : cipher,
    certificate: list.failed || certificate.length === 0 ? null : certificate,
    alert,
  };
}
