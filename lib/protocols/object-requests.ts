// Calls to objects over the network, each with a magic word of its own and a refusal for whoever speaks without it: Pyro of Python, Ruby's DRb,
// CORBA's GIOP. Only GIOP is asked, for an object that nobody has; no method is called.
// Sources: CORBA 3.3, part 2, sections 9.4.1 (header), 9.4.5 (LocateRequest) and 9.4.6 (LocateReply); Pyro4's and Pyro5's documentation ("wire
// protocol": PYRO, version, message type); Ruby's drb.rb (length and marshalled value: 04 08), real daemons.
import { latin1, printable, type Response } from "../model/observation.ts";
import { big, join, startsWith } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const GIOP = { locateRequest: 3, locateReply: 4, messageError: 6 };
const OBJECT = "doorplate";
/** Nothing has to be looked up to say that an object is unknown, ms. */
const LOCATE_MS = 700;
const locateRequest = join(big(1, 4), big(OBJECT.length, 4), OBJECT);

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 1024));
  const pyro = /^PYRO(?:\0([\x2c-\x34])|\x01[\xf4-\xff])\0?[\x01-\x07]/.exec(text);
  if (pyro) {
    const generation = pyro[1] ? "Pyro4" : "Pyro5";
    return { service: "pyro", weight: 9, excerpt: printable(generation), values: { pyro: generation } };
  }
  // "false" as a marshalled value, then the exception as another.
  if (/^\0\0\0\x03\x04\x08F\0\0[\s\S]{2}\x04\x08o:/.test(text))
    return { service: "drb", weight: 9, excerpt: "exception of DRb", values: { drb: "exception" } };
  const reply = startsWith(data, "GIOP\x01") && (data[5] ?? 9) <= 3 ? data[7] : undefined;
  if (reply !== GIOP.locateReply && reply !== GIOP.messageError) return null;
  return { service: "giop", weight: 9, excerpt: `GIOP 1.${data[5]}`, values: { giop: `1.${data[5]}` } };
}

export const objectRequests: Protocol = readingProtocol({
  name: "objectRequests",
  prefix: "objects",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "giop.locate",
      data: join("GIOP", 1, 0, 0, GIOP.locateRequest, big(locateRequest.length, 4), locateRequest),
      complete: (received) => received.length >= 12,
      timeoutMs: LOCATE_MS,
    },
  ],
  read,
});
