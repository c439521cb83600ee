// 9P, Plan 9's file protocol (v9fs, diod, u9fs, QEMU): Tversion is answered by Rversion with the dialect that is spoken.
// Source: Plan 9 manual, section 5, version(5): size[4] type[1] tag[2] msize[4] version[s], little-endian; a client's tag is NOTAG.
import { printable, type Response } from "../model/observation.ts";
import { bytes, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const T_VERSION = 100;
const R_VERSION = 101;
const NO_TAG = 0xffff;
const DIALECT = "9P2000.L";

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [size, type, tag] = [r.u32le(), r.u8(), r.u16le()];
  r.u32le();
  const length = r.u16le();
  const dialect = r.text(length);
  if (r.failed || type !== R_VERSION || tag !== NO_TAG || size !== data.length) return null;
  if (!/^(?:9P[\w.]{1,16}|unknown)$/.test(dialect)) return null;
  return { service: "9pfs", weight: 9, excerpt: printable(`Rversion ${dialect}`), values: { dialect } };
}

export const nineP: Protocol = readingProtocol({
  name: "nineP",
  prefix: "9p",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => {
    const body = [T_VERSION, 0xff, 0xff, 0, 0x20, 0, 0, DIALECT.length, 0, ...bytes(DIALECT)];
    return [
      {
        probe: "9p.version",
        data: Uint8Array.from([body.length + 4, 0, 0, 0, ...body]),
        complete: (received) => received.length >= 4 && received.length >= (received[0] ?? 0),
      },
    ];
  },
  read,
});
