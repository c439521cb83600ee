// Modbus/TCP: Read Device Identification (function 43, type 14) tells vendor, product code and revision, and
// from many devices a model name. Registers and coils are never touched, not even read.
// Source: MODBUS Application Protocol Specification V1.1b3 sections 6.21 (function 43/14), 7 (exceptions);
// MODBUS Messaging on TCP/IP Implementation Guide V1.0b sections 3.1.3 (header), 4.4.2 (unit 255 for the
// device itself).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

/** Transaction identifier of ours, echoed by the server. */
const TRANSACTION = 0x4450;
const PROTOCOL = 0;
const FUNCTION = 0x2b;
const EXCEPTION = 0x80;
const DEVICE_IDENTIFICATION = 0x0e;
/** Streams of objects: the three mandatory ones, or those and the optional ones. */
const CATEGORY = { basic: 1, regular: 2 };
/** The device at the address itself; gateways have their devices at 1 and up. */
const UNIT = { device: 255, first: 1 };
const OBJECTS = ["vendor", "product", "revision", "url", "productName", "model", "application"];
const EXCEPTIONS: Record<number, string> = {
  1: "illegal function",
  2: "illegal address",
  3: "illegal value",
  4: "device failure",
  6: "device busy",
  10: "gateway path unavailable",
  11: "gateway target silent",
};
const MAX_OBJECTS = 16;
/** Largest message: header and 253 bytes (section 4.1). */
const MAX_MESSAGE = 260;

function identify(probe: string, unit: number, category: number): Ask {
  const request = join(unit, FUNCTION, DEVICE_IDENTIFICATION, category, 0);
  return {
    probe,
    data: join(big(TRANSACTION, 2), big(PROTOCOL, 2), big(request.length, 2), request),
    complete: (received) => received.length >= 6 && received.length >= 6 + reader(received, 4).u16(),
  };
}

export interface Identification {
  unit: number;
  exception: number | null;
  /** By object number; 0 vendor, 1 product code, 2 revision. */
  objects: Map<number, string>;
}

/** An answer to function 43, or its refusal. Null when the bytes are something else. */
function parseIdentification(data: Uint8Array): Identification | null {
  const r = reader(data);
  const [transaction, protocol, length, unit, code] = [r.u16(), r.u16(), r.u16(), r.u8(), r.u8()];
  if (r.failed || transaction !== TRANSACTION || protocol !== PROTOCOL) return null;
  if (length < 3 || length !== data.length - 6 || data.length > MAX_MESSAGE) return null;
  if (code === (FUNCTION | EXCEPTION) && length === 3) return { unit, exception: r.u8(), objects: new Map() };
  if (code !== FUNCTION || r.u8() !== DEVICE_IDENTIFICATION) return null;
  r.take(4); // category, conformity, more follows, next object
  const count = Math.min(r.u8(), MAX_OBJECTS);
  const objects = new Map<number, string>();
  for (let i = 0; i < count; i++) {
    const object = r.u8();
    const value = r.text(r.u8());
    if (r.failed) return null;
    objects.set(object, value.replace(/[\0 ]+$/, ""));
  }
  return r.failed ? null : { unit, exception: null, objects };
}

function recognise({ data }: Response): Recognition | null {
  const told = parseIdentification(data);
  if (!told) return null;
  const words = told.exception === null ? [...told.objects.values()] : [`exception ${told.exception}`];
  return { service: "modbus", weight: 9, excerpt: printable(words.join(" ") || "device identification") };
}

function read(response: Response): Fact[] {
  const told = parseIdentification(response.data);
  if (!told) return [];
  const values = Object.fromEntries(OBJECTS.map((name, object) => [name, told.objects.get(object)]));
  const { vendor, product, revision } = values;
  return named("modbus", familyOf(response), {
    ...values,
    device: vendor && product ? `${vendor} ${product} ${revision ?? ""}`.trim() : null,
    exception: told.exception === null ? null : (EXCEPTIONS[told.exception] ?? told.exception),
  });
}

async function converse(session: Session): Promise<void> {
  const told = session.responses
    .map(({ data }) => parseIdentification(data))
    .find((answer) => answer !== null);
  if (!told) return;
  if (told.objects.size > 0) await session.ask(identify("modbus.regular", told.unit, CATEGORY.regular));
  else if (told.unit !== UNIT.first) await session.ask(identify("modbus.first", UNIT.first, CATEGORY.basic));
}

export const modbus: Protocol = {
  name: "modbus",
  transports: ["tcp", "udp"],
  speaksFirst: "client",
  openers: () => [identify("modbus.basic", UNIT.device, CATEGORY.basic)],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
