/*
 * Messages of IKE, version 1 and 2: the fixed header, then a chain of payloads, each naming the next one's type. Version 1 in main mode
 * sends its first message in clear and so does version 2 with IKE_SA_INIT: what is built and read here is never encrypted.
 *
 * Source: RFC 7296 sections 3.1 (header), 3.2-3.4 (payloads), 3.10 (notify); RFC 2408 sections 3.1-3.14 and RFC 2409 appendix A (version 1);
 * IANA "Internet Key Exchange Version 2 (IKEv2) Parameters" and "IPSec registry" for the numbers.
 */
import { big, join, reader } from "./binary.ts";

/** Initiator's identifier (SPI, cookie), echoed in every answer. */
const INITIATOR = "Doorplat";
export const VERSION = { one: 0x10, two: 0x20 };
const EXCHANGE = { mainMode: 2, informational: 5, saInit: 34 };
const FLAG_INITIATOR = 0x08;
const HEADER = 28;
/** IKE on the NAT traversal port puts four zero bytes in front (RFC 3948 section 2.2). */
export const NON_ESP_MARKER = new Uint8Array(4);
const MAX_PAYLOADS = 32;

const TWO = { sa: 33, keyExchange: 34, nonce: 40, notify: 41, vendorId: 43 };
const ONE = { sa: 1, notify: 11, vendorId: 13 };

type Payload = [type: number, body: Uint8Array];

function message(version: number, exchange: number, flags: number, payloads: readonly Payload[]): Uint8Array {
  const chain = payloads.map(([, body], index) =>
    join(payloads[index + 1]?.[0] ?? 0, 0, big(body.length + 4, 2), body),
  );
  const body = join(...chain);
  const head = [INITIATOR, big(0, 8), payloads[0]?.[0] ?? 0, version, exchange, flags];
  return join(...head, big(0, 4), big(HEADER + body.length, 4), body);
}

/** An attribute whose value fits into its header: the type's top bit is set. */
const attribute = (type: number, value: number) => join(big(0x8000 | type, 2), big(value, 2));

/** The last of a list of substructures says 0, the others say which kind follows. */
const chained = (kind: number, bodies: readonly Uint8Array[]) =>
  bodies.map((body, i) => join(i === bodies.length - 1 ? 0 : kind, 0, big(body.length + 4, 2), body));

/** Transform types 1 to 4 of version 2: cipher (with key bits), PRF, integrity, group. */
const transform = (type: number, id: number, keyBits = 0) =>
  join(type, 0, big(id, 2), keyBits > 0 ? attribute(14, keyBits) : "");
const GROUPS = [14, 19, 2].map((id) => transform(4, id));
const PRFS = [5, 2].map((id) => transform(2, id));
const CBC = [transform(1, 12, 256), transform(1, 12, 128), transform(1, 3), ...PRFS];
const GCM = [transform(1, 20, 256), transform(1, 20, 128), ...PRFS];
const INTEGRITY = [12, 2].map((id) => transform(3, id));
const proposalTwo = (number: number, transforms: readonly Uint8Array[]) =>
  join(number, 1, 0, transforms.length, ...chained(3, transforms));

/** Any number between 1 and the prime is a public key of group 14: 256 bytes that start low. */
const PUBLIC_KEY = new Uint8Array(256).fill(0x44);

/** IKE_SA_INIT with suites that most gateways take, so that they answer in full. */
export const saInit = message(VERSION.two, EXCHANGE.saInit, FLAG_INITIATOR, [
  [
    TWO.sa,
    join(
      ...chained(2, [proposalTwo(1, [...CBC, ...INTEGRITY, ...GROUPS]), proposalTwo(2, [...GCM, ...GROUPS])]),
    ),
  ],
  [TWO.keyExchange, join(big(14, 2), 0, 0, PUBLIC_KEY)],
  [TWO.nonce, join("doorplate asks once, then forgets")],
]);

/** Version 1: cipher (AES 7 with key bits, 3DES 5), hash, authentication, group, life type and seconds. */
const suites = [
  [7, 256],
  [7, 128],
  [5, 0],
].flatMap(([cipher = 0, bits = 0]) =>
  [4, 2].flatMap((hash) =>
    [1, 3].flatMap((authentication) =>
      [14, 2].map((group) =>
        join(
          attribute(1, cipher),
          bits > 0 ? attribute(14, bits) : "",
          attribute(2, hash),
          attribute(3, authentication),
          attribute(4, group),
          attribute(11, 1),
          attribute(12, 28_800),
        ),
      ),
    ),
  ),
);
const transforms = suites.map((attributes, index) => join(index + 1, 1, 0, 0, attributes));
const proposalOne = join(1, 1, 0, transforms.length, ...chained(3, transforms));

/** Main mode's first message, with the vendor ids that make a responder show its own. */
export const mainMode = message(VERSION.one, EXCHANGE.mainMode, 0, [
  [ONE.sa, join(big(1, 4), big(1, 4), ...chained(2, [proposalOne]))],
  ...["4a131c81070358455c5728f20e95452f", "afcad71368a1f1c96b8696fc77570100", "09002689dfd6b712"].map(
    (id): Payload => [ONE.vendorId, Buffer.from(id, "hex")],
  ),
]);

export interface IkeMessage {
  version: number;
  exchange: number;
  /** The initiator's identifier is ours. */
  echoed: boolean;
  /** Payload types in order. */
  payloads: number[];
  vendorIds: Uint8Array[];
  /** Notify message types. */
  notifies: number[];
}

/** An unencrypted message whose lengths hold. Null when the bytes are something else. */
/** Flag of an answer in version 2 (RFC 7296 section 3.1). */
const RESPONSE = 0x20;

export function parseIke(data: Uint8Array): IkeMessage | null {
  const marked = data.length > HEADER + 4 && reader(data).u32() === 0;
  const all = marked ? data.subarray(4) : data;
  const r = reader(all);
  const echoed = r.text(8) === INITIATOR;
  const responder = r.take(8);
  let next = r.u8();
  const version = r.u8();
  const exchange = r.u8();
  const flags = r.u8();
  r.take(4); // message id
  const length = r.u32();
  if (r.failed || length !== all.length || (version !== VERSION.one && version !== VERSION.two)) return null;
  const known: number[] =
    version === VERSION.two ? [EXCHANGE.saInit] : [EXCHANGE.mainMode, EXCHANGE.informational];
  if (!known.includes(exchange)) return null;
  // Our own request come back: an answer is marked as one, in the first version by a cookie of the answerer's.
  const answers = version === VERSION.two ? (flags & RESPONSE) !== 0 : responder.some((byte) => byte !== 0);
  if (!answers && exchange !== EXCHANGE.informational) return null;
  const told: IkeMessage = { version, exchange, echoed, payloads: [], vendorIds: [], notifies: [] };
  const types = version === VERSION.two ? TWO : ONE;
  while (next !== 0 && told.payloads.length < MAX_PAYLOADS) {
    const type = next;
    next = r.u8();
    r.u8();
    const size = r.u16();
    const body = r.take(size - 4);
    if (r.failed || size < 4) return null;
    told.payloads.push(type);
    if (type === types.vendorId) told.vendorIds.push(body);
    if (type === types.notify) {
      // version 1 has the domain of interpretation first
      const notify = reader(body, version === VERSION.two ? 2 : 6);
      const code = notify.u16();
      if (!notify.failed) told.notifies.push(code);
    }
  }
  return told;
}
