// KNXnet/IP, the way into a building's bus: a server describes itself to anybody who asks.
// Source: KNX Standard 3/8/2 (core): header of six bytes, 0x0203 description request, 0x0204 description response, device information block (0x01)
// with the friendly name in its last 30 bytes; an address of zero means "answer where this came from".
import { printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const HEADER = join(0x06, 0x10);
const SERVICE = { request: 0x0203, response: 0x0204 };
const ENDPOINT = join(8, 1, big(0, 4), big(0, 2));
const DEVICE = { length: 54, type: 1, friendlyName: 30 };

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [size, version, service, length] = [r.u8(), r.u8(), r.u16(), r.u16()];
  if (r.failed || size !== 6 || version !== 0x10 || service !== SERVICE.response || length !== data.length)
    return null;
  const [block, type] = [r.u8(), r.u8()];
  r.take(DEVICE.length - 2 - DEVICE.friendlyName);
  const name = r.text(DEVICE.friendlyName).replace(/\0[\s\S]*$/, "");
  const known = !r.failed && block === DEVICE.length && type === DEVICE.type;
  return {
    service: "knxnet-ip",
    weight: 9,
    excerpt: printable(known ? name : "description"),
    values: { name: known ? name : null, answer: "description" },
  };
}

export const knxnet: Protocol = readingProtocol({
  name: "knxnet",
  prefix: "knxnet",
  transports: ["udp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "knxnet.describe",
      data: join(HEADER, big(SERVICE.request, 2), big(6 + ENDPOINT.length, 2), ENDPOINT),
      complete: () => true,
    },
  ],
  read,
});
