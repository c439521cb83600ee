// USB/IP, by which a machine lends its USB devices over the network: OP_REQ_DEVLIST asks for the list, and takes none of them.
// Source: Linux kernel documentation, usb/usbip_protocol: version 0x0111, code, status, number of devices; big-endian.
import type { Response } from "../model/observation.ts";
import { reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const VERSION = 0x0111;
const REQ_DEVLIST = 0x8005;
const REP_DEVLIST = 0x0005;
const HEAD = 12;
/** More devices than this hang on no machine. */
const MAX_DEVICES = 1024;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [version, code, status, devices] = [r.u16(), r.u16(), r.u32(), r.u32()];
  if (r.failed || version >> 8 !== 1 || code !== REP_DEVLIST || status > 1 || devices > MAX_DEVICES)
    return null;
  const excerpt = `OP_REP_DEVLIST version ${version.toString(16)}, ${devices} devices`;
  return { service: "usbip", weight: 8, excerpt, values: { devices: String(devices) } };
}

export const usbip: Protocol = readingProtocol({
  name: "usbip",
  prefix: "usbip",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "usbip.devlist",
      data: Uint8Array.of(VERSION >> 8, VERSION & 0xff, REQ_DEVLIST >> 8, REQ_DEVLIST & 0xff, 0, 0, 0, 0),
      complete: (received) => received.length >= HEAD,
    },
  ],
  read,
});
