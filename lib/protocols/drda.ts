// DRDA, spoken by IBM Db2 and Apache Derby: EXCSAT (exchange server attributes) comes before any login and is answered by the server's
// class (`QDERBY/JVM`, `QDB2/LINUXX8664`) and release (`CSS10140/10.14.2.0 - (1828579)`, `SQL11055`). Who is sent anything else
// complains with SYNTAXRM, and that gives the protocol away on other ports.
// Source: The Open Group, DRDA Volume 3: Distributed Data Management Architecture, terms DSS, EXCSAT, EXCSATRD, SYNTAXRM, SRVCLSNM, SRVRLSLV.
import { latin1, printable, type Response } from "../model/observation.ts";
import { reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const MAGIC = 0xd0;
const EXCSAT = 0x1041;
const EXCSATRD = 0x1443;
const EXTNAM = 0x115e;
const SRVNAM = 0x116d;
const SRVCLSNM = 0x1147;
const SRVRLSLV = 0x115a;
const MGRLVLLS = 0x1404;
/** Reply messages whose code point is 0x12xx say that something was wrong; this one, that the syntax was. */
const SYNTAXRM = 0x124c;
/** Most parameters read. */
const MAX_PARAMETERS = 16;

/** Printable ASCII and what it is in EBCDIC code page 500, in which the first message is always written: letters, digits, a few signs. */
const EBCDIC = new Map<number, string>(
  [
    [0x40, " "],
    [0x4b, "."],
    [0x4d, "("],
    [0x5d, ")"],
    [0x60, "-"],
    [0x61, "/"],
    [0x6d, "_"],
    ...([...Array(9).keys()].flatMap((i) => [
      [0x81 + i, String.fromCharCode(97 + i)],
      [0x91 + i, String.fromCharCode(106 + i)],
      [0xc1 + i, String.fromCharCode(65 + i)],
      [0xd1 + i, String.fromCharCode(74 + i)],
    ]) as [number, string][]),
    ...([...Array(8).keys()].flatMap((i) => [
      [0xa2 + i, String.fromCharCode(115 + i)],
      [0xe2 + i, String.fromCharCode(83 + i)],
    ]) as [number, string][]),
    ...([...Array(10).keys()].map((i) => [0xf0 + i, String(i)]) as [number, string][]),
  ].map(([code, character]) => [code as number, character as string]),
);
const TO_EBCDIC = new Map([...EBCDIC].map(([code, character]) => [character, code]));
const encode = (text: string) => [...text].map((character) => TO_EBCDIC.get(character) ?? 0x40);

/** Derby answers in UTF-8 where it may; who writes EBCDIC has no letter below 0x80. */
function decode(value: Uint8Array): string {
  const text = latin1(value);
  return /^[\x20-\x7e]+$/.test(text)
    ? text.trim()
    : [...value]
        .map((byte) => EBCDIC.get(byte) ?? " ")
        .join("")
        .trim();
}

const parameter = (code: number, value: readonly number[]) => {
  const length = value.length + 4;
  return [length >> 8, length & 0xff, code >> 8, code & 0xff, ...value];
};

const excsat: Ask = {
  probe: "drda.excsat",
  data: (() => {
    const name = encode("doorplate");
    // Agent level 3: the least that both understand.
    const levels = parameter(MGRLVLLS, [0x14, 0x03, 0x00, 0x03]);
    const command = parameter(EXCSAT, [
      ...parameter(EXTNAM, name),
      ...parameter(SRVNAM, name),
      ...parameter(SRVRLSLV, name),
      ...levels,
      ...parameter(SRVCLSNM, name),
    ]);
    const length = command.length + 6;
    return Uint8Array.from([length >> 8, length & 0xff, MAGIC, 0x01, 0x00, 0x01, ...command]);
  })(),
  complete: (received) =>
    received.length >= 2 && received.length >= (received[0] ?? 0) * 256 + (received[1] ?? 0),
};

function read({ data }: Response): Reading | null {
  const r = reader(data);
  const [size, magic, , , length, code] = [r.u16(), r.u8(), r.u8(), r.u16(), r.u16(), r.u16()];
  if (r.failed || magic !== MAGIC || length + 6 !== size) return null;
  if (code === SYNTAXRM)
    return { service: "drda", weight: 9, excerpt: "DRDA SYNTAXRM", values: { refusal: "SYNTAXRM" } };
  if (code !== EXCSATRD) return null;
  const values: Record<string, string> = {};
  for (let n = 0; n < MAX_PARAMETERS && r.left >= 4; n++) {
    const [size, name] = [r.u16(), r.u16()];
    const value = r.take(size - 4);
    if (r.failed) break;
    if (name === SRVCLSNM) values.class = decode(value);
    if (name === SRVRLSLV) values.release = decode(value);
  }
  const excerpt = printable(`EXCSATRD ${values.class ?? ""} ${values.release ?? ""}`);
  return { service: "drda", weight: 9, excerpt, values };
}

export const drda: Protocol = readingProtocol({
  name: "drda",
  prefix: "drda",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [excsat],
  read,
});
