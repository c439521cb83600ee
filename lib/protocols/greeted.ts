// Servers whose greeting says all that is to be known, each in a form that no other has. Nothing is asked.
// Some greet only with the end of what they have to say (Ganglia's XML, twemproxy's statistics): that is the same.
// Sources: Tarantool manual, "Binary protocol", greeting packet; BZFlag's protocol (version string before all else); Sphinx's and
// Manticore's API (protocol version as four bytes, and the words of its error); OpenWire 2 specification, WireFormatInfo; H2's TCP server; twemproxy's
// notes, "Observability"; RFC 4271 (BGP); ZeroC's "The Ice Protocol"; ZMTP 3.1; OpenVPN's management notes; Ganglia's DTD; VDR's INSTALL, "SVDRP"; QEMU's qmp-spec; Performance Co-Pilot's libpcp; Checkmk's manual, "The Linux agent"; OpenFlow 1.3, section 7.1; Rserve's "QAP1"; babeld(8), "local"; csync2's daemon; real daemons.
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
  // Hamlib's, to whatever was taken for a command with too little behind it; what others asked may have been answered before.
  { service: "rigctl", form: /^(?:[^\n]{0,200}\n){0,20}?[^\n]{0,100}(RPRT) -\d{1,2}\n/ },
  { service: "unison", form: /^(Unison) \d{1,3}\.\d{1,3} with OCaml / },
  { service: "rserve", form: /^Rsrv(\d{4})QAP1[\r\n]/ },
  {
    service: "qmp",
    form: /^\{"QMP": ?\{"version": ?\{"qemu": ?\{("micro": ?\d{1,4}, ?"minor": ?\d{1,4}, ?"major": ?\d{1,4})\}/,
  },
  { service: "qemu-monitor", form: /^(QEMU \d[\w.-]{0,30}) monitor - type 'help' for more information/ },
  { service: "babel", form: /^BABEL \d\.\d\nversion (babeld-\d[\w.-]{0,30})\n/ },
  { service: "telnet", form: /^Welcome to the (O(?:smo|pen)\w{1,30}(?:[ -]\w{1,20})?) VTY interface\r?\n/ },
  // Osmocom's IPA: the server asks who is there ("identity get": tags of one byte each) before anything else.
  { service: "ipa", form: /^\0[\x03-\x30]\xfe\x04(?:\x01[\0-\x08]){1,16}\0?$/ },
  { service: "monopd", form: /^<monopd><server host="[^"]{0,100}" version="(\d[\w.]{0,20})"/ },
  { service: "hedgewars", form: /^CONNECTED\n(Hedgewars server) [^\n]{0,100}\n\d{1,5}\n\n/ },
  // A length, then an announcement: message type 1 holds the protocol's and the game's versions (pokerth.proto).
  { service: "pokerth", weight: 7, form: /^\0\0\0[\x0a-\x40]\x08\x01\x12[\x08-\x3c](\n)[\x04-\x06]\x08/ },
  {
    service: "ncat-chat",
    form: /^(<announce>) \S{1,80} is connected as <user\d{1,6}>\.\n<announce> already connected: /,
  },
  // Reply 0 with its length, two numbers for the protocol's version, and the database's own identifier at the end.
  {
    service: "xapian",
    weight: 8,
    form: /^\0[\x20-\x7e][\x1e-\x40][\0-\x0f][\s\S]{2,40}?([0-9a-f]{8})-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
  },
  // OWFS' own protocol refuses what it cannot read with a header of six numbers, the third an error.
  { service: "owserver", weight: 7, form: /^\0{8}(\xff\xff)\xff[\x80-\xff][\s\S]{4}\0{8}$/ },
  // Frames, their lengths as 64 bits, and the first a MessagePack map of what both sides can do.
  { service: "dask", form: /^(?:[\s\S]\0{7}){2,10}[\x81-\x8f]\xab(compression)[\s\S]/ },
  // HELLO of any version: nothing but the header, or the bitmap of versions behind it.
  {
    service: "openflow",
    weight: 7,
    form: /^[\x01-\x06]\0\0(?:\x08[\s\S]{4}|\x10[\s\S]{4}\0\x01\0\x08[\s\S]{4})$/,
  },
  // RFC 4271 sections 4.1, 4.2, 4.5: sixteen bytes of ones, a length, OPEN of version 4 or a NOTIFICATION of why not.
  { service: "bgp", form: /^\xff{16}[\0-\x10](?:[\x1d-\xff]\x01\x04|[\x15-\xff]\x03[\x01-\x07])/ },
  // Ice protocol, "Validate connection": magic, protocol and encoding 1.x, type 3, a header and nothing more.
  { service: "ice", form: /^(IceP)\x01[\0-\x05]\x01[\0-\x05]\x03[\0-\x02]\x0e\0\0\0/ },
  // ZMTP 3.1, section "Signature", as versions 1 to 3 begin alike: a length that older peers can read, 0x7f.
  { service: "zmtp", form: /^(\xff)(?:\0{7}[\x01-\xff]|\0{8})\x7f/ },
  { service: "partimage", form: /^(PiMgNet\d{3})[ \0]/ },
  { service: "uniconf", form: /^HELLO (\{UniConf Server ready\.\}) \d{1,4}\n/ },
  { service: "gkrellm", form: /^<error>\n(Bad connect string)!/ },
  { service: "telnet", form: /^@@@ Welcome to procServ \((procServ Process Server \d[\w.-]{0,20})\)/ },
  { service: "openvpn-management", form: /^>INFO:(OpenVPN Management Interface Version \d{1,3}) -- / },
  { service: "openvpn-management", weight: 7, form: /^(ENTER PASSWORD:)$/ },
  // OpenSSH's srclimit and MaxStartups: instead of a banner.
  { service: "ssh", form: /^(Exceeded MaxStartups|Not allowed at this time)\r\n$/ },
  // An unasked "no operation": command 0, four bytes, message 0.
  { service: "moosefs", weight: 7, form: /^(?:\0{7}\x04\0{4})+$/ },
  // pmcd's first message: 20 bytes, PDU "error" 0x7000 without one, then the PDUs' version 2 and what it can do.
  { service: "pmcd", form: /^\0\0\0\x14\0\0(p)\0\0{8}\x02[\0-\x03][\s\S]{2}$/ },
  // Checkmk's agent: a section about itself before all others.
  { service: "check_mk", form: /^<<<check_mk>>>\n(Version: \d[\w.]{0,30}(?:\nAgentOS: \w{1,20})?)\n/ },
  // BrlAPI manual, "Protocol": a packet of four bytes, its type "v", the protocol's version.
  { service: "brlapi", weight: 8, form: /^\0\0\0\x04\0\0\0(v)\0\0\0[\x01-\x20]/ },
  // AUTOSAR's Diagnostic Log and Trace: headers of a control message, by whom the protocol says that the daemon itself speaks.
  { service: "dlt", form: /^[\x21-\x3f][\s\S]\0[\s\S][\s\S]{4,12}&\x01(DA1)\0DC1\0/ },
  // To whatever comes first, but for its own two words.
  { service: "csync2", form: /^(Expecting SSL) \(optional\) and CONFIG as first commands\.\n/ },
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
