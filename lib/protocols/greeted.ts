// Servers whose greeting says all that is to be known, each in a form that no other has. Nothing is asked.
// Some greet only with the end of what they have to say (Ganglia's XML, twemproxy's statistics): that is the same.
// Sources: Tarantool manual, "Binary protocol", greeting packet; BZFlag's protocol (version string before all else); Sphinx's and
// Manticore's API (protocol version as four bytes, and the words of its error); OpenWire 2 specification, WireFormatInfo; H2's TCP server; twemproxy's
// notes, "Observability"; Ganglia's DTD; VDR's INSTALL, "SVDRP"; real daemons.
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

interface Greeter {
  service: string;
  /** Of the recognition; 9 without it. */
  weight?: number;
  /** Its first group, where it has one, is kept as the fact `greeted.<service>`. */
  form: RegExp;
}

const GREETERS: readonly Greeter[] = [
  { service: "tarantool", form: /^(Tarantool \d[\w.+-]{0,40} \((?:Binary|Lua console)\))/ },
  { service: "bzflag", form: /^(BZFS\d{4})\r\n\r\n/ },
  {
    service: "sphinx-search",
    form: /^\0\0\0\x01\0[\x01-\x03]\0\0\0\0\0[\s\S]\0\0\0[\s\S](invalid command) \(code=\d{1,6}, len=\d{1,12}\)/,
  },
  {
    // Length, WireFormatInfo (1), magic; the properties that follow in any order may hold the provider's version.
    service: "openwire",
    form: /^\0\0[\s\S]{2}\x01ActiveMQ\0\0\0(?:[\s\S]{0,400}?ProviderVersion\t\0[\x03-\x28](\d[\w.-]{2,39}))?/,
  },
  {
    service: "ganglia",
    form: /^<\?xml [^>]{0,100}\?>\s{0,4}<!DOCTYPE GANGLIA_XML [\s\S]{0,6000}?<GANGLIA_XML (VERSION="[\w.-]{1,30}" SOURCE="\w{1,20}")/,
  },
  {
    service: "nutcracker-stats",
    form: /^\{"service":"nutcracker", ?"source":"[^"]{0,80}", ?"version":"(\d[\w.-]{0,30})"/,
  },
  { service: "quagga", form: /^\r\nHello, this is ((?:FRRouting|Quagga|zebra) \(version \d[\w.-]{0,30}\))/i },
  { service: "guile-repl", form: /^(GNU Guile \d[\w.-]{0,30})\nCopyright \(C\) / },
  { service: "vtun", form: /^VTUN server ver (\S{1,20}) / },
  { service: "crossfire", form: /^\0[\x10-\xff]version \d{1,5} \d{1,5} (Crossfire Server)\n/ },
  {
    // STATUS_ERROR and an SQL state of five characters in UTF-16, to whom it does not understand.
    service: "h2",
    form: /^\0\0\0\0\0\0\0\x05(?:\0[0-9A-Z]){5}\0\0[\s\S]{2}(?:\0[\x20-\x7e]){8}/,
  },
  { service: "pioneers", form: /^version report\n/ },
  // The scheduler's own protocol: nothing but its version, four bytes.
  { service: "icecc", weight: 4, form: /^[\x1e-\x3c]\0\0\0$/ },
  { service: "icecc", form: /^200-ICECC (\d[\w.]{0,20}): / },
  { service: "hylafax", form: /^220 \S{1,100} server \((HylaFAX \(tm\) Version \d[\w.]{0,20})\) ready/ },
  { service: "svdrp", form: /^220 \S{1,100} SVDRP (VideoDiskRecorder \d[\w.]{0,20});/ },
];

/** Characters of a greeting that are read. */
const MAX_TEXT = 8192;

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, MAX_TEXT));
  for (const { service, form, weight = 9 } of GREETERS) {
    const found = form.exec(text);
    if (found)
      return {
        service,
        weight,
        excerpt: printable(found[1] ?? found[0]),
        values: { [service]: found[1] },
      };
  }
  return null;
}

export const greeted: Protocol = readingProtocol({
  name: "greeted",
  prefix: "greeted",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  read,
});
