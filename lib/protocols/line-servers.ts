// Servers of lines that answer a stranger's request, each in words of its own, and have one harmless command that says who they are.
// Where the port suggests one of them that command goes out first; elsewhere the words in which it refuses HTTP give it away.
// Sources: lircd(8), "Socket broadcast messages format"; LCDproc developer's guide, "hello"; rrdcached(1), "Commands"; PulseAudio's
// pacmd, which begins with "hello"; Liquidsoap's documentation, "Server"; I2P's SAM V3, "HELLO VERSION"; BOINC's GUI RPC, exchange_versions; conserver's protocol; Postfix' SMTPD_POLICY_README and socketmap_table(5); real daemons.
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

/** Message types 0 (ping), 2 (acknowledgement), 9 (compressed), 12 (checksum), 13 (error), and MessagePack maps. */
export const MEMBERLIST = {
  registered: ["consul-serf", "consul-serf-wan", "swarm-gossip"],
  ping: "\0\x82\xa5SeqNo\xcdDP\xa4Node\xa0",
  acknowledged:
    /^(?:\x0c[\s\S]{4})?(?:\x02[\x81-\x83]\xa5SeqNo\xcdDP|\x02[\x81-\x83]\xa7Payload|\x09\x82\xa4Algo\0\xa3Buf|\x0d\x81\xa5Error)/,
} as const;

interface LineServer {
  /** Protocol and prefix of its facts. */
  name: string;
  service: string;
  /** How it refuses what it does not know. */
  refusal?: RegExp;
  /** A command that changes nothing. */
  command?: string;
  /** It answers once the other half of the connection is closed. */
  halfClose?: true;
  /** Further names of the registry behind which it may stand. */
  registered?: readonly string[];
  /** What it does with an HTTP request: see `Reaction` in types.ts. */
  onAlien?: "closes" | "waits" | "either";
  /** The whole answer to that; its groups, joined by dots, are the version. */
  answer?: RegExp;
}

const LINE_SERVERS: readonly LineServer[] = [
  {
    name: "lirc",
    service: "lirc",
    refusal: /^BEGIN\n[^\n]{0,200}\nERROR\nDATA\n1\n(?:unknown directive: "|bad send packet\n)/,
    command: "VERSION\n",
    answer: /^BEGIN\nVERSION\r?\nSUCCESS\nDATA\n1\n(\d[\w.+-]{0,30})\nEND\n/,
  },
  {
    name: "lcdproc",
    service: "lcdproc",
    refusal: /^huh\? Invalid command "/,
    command: "hello\n",
    answer: /^connect LCDproc (\d[\w.+-]{0,30}) protocol \d/,
  },
  {
    name: "rrdcached",
    service: "rrdcached",
    refusal: /^-1 Unknown command: \S{0,40}\n/,
    command: "HELP\n",
    answer: /^\d{1,3} Command overview\n/,
  },
  {
    name: "pulseaudioCli",
    service: "pulseaudio-cli",
    refusal: /^Unknown command: GET \/ HTTP\/1\.[01]\nUnknown command: Host: /,
    command: "hello\n",
    answer: /^Welcome to PulseAudio (\d[\w.+-]{0,30})! Use "help" for usage information\./,
  },
  {
    name: "liquidsoap",
    service: "liquidsoap",
    refusal: /^ERROR: unknown command, type "help" to get a list of commands\.\r?\n/,
    command: "version\r\n",
    answer: /^Liquidsoap (\d[\w.+~-]{0,40})\r?\nEND\r?\n/,
  },
  {
    name: "syncplay",
    service: "syncplay",
    refusal: /^\{"Error": \{"message": "Not a json encoded string /,
  },
  {
    // JSON-RPC 2.0 specification, section 5.1: -32700 is a parse error. Over TCP without HTTP: Snapcast, Bitcoin's kin, editors' servers.
    name: "jsonrpc",
    service: "jsonrpc",
    refusal: /^\{(?=[^\n]{0,400}"jsonrpc": ?"2\.0")[^\n]{0,400}"code": ?-32700\b/,
  },
  { name: "conserver", service: "conserver", refusal: /^ok\r\nunknown command\r\n/ },
  {
    name: "i2pSam",
    service: "i2p-sam",
    command: "HELLO VERSION\n",
    answer: /^HELLO REPLY RESULT=(?:OK|NOVERSION|I2P_ERROR)\b/,
  },
  {
    name: "boinc",
    service: "boinc",
    command: "<boinc_gui_rpc_request>\n<exchange_versions/>\n</boinc_gui_rpc_request>\n\x03",
    answer:
      /^<boinc_gui_rpc_reply>\s{0,8}<server_version>\s{0,8}<major>(\d{1,4})<\/major>\s{0,8}<minor>(\d{1,4})<\/minor>\s{0,8}<release>(\d{1,4})<\/release>/,
  },
  { name: "bzr", service: "bzr", refusal: /^error\x01Generic bzr smart protocol error: bad request '/ },
  {
    name: "cvsPserver",
    service: "cvspserver",
    refusal: /^cvs \[pserver aborted\]: bad auth protocol start: /,
  },
  {
    // Every word that is no expression is an error; a name gives what it stands for.
    name: "festival",
    service: "festival",
    refusal: /^(?:ER\n){0,200}(?:LP\n[^\n]{0,80}\nft_StUfF_key|ER\nER\nER\n)/,
  },
  { name: "fluidsynth", service: "fluidsynth", refusal: /^unknown command: \S{1,60} \(try help\)\n/ },
  { name: "ecasound", service: "ecasound", refusal: /^256 \d{1,5} e\r\nUnknown command!\r\n/ },
  {
    name: "openocdTcl",
    service: "openocd",
    refusal: /^invalid command name "[^"]{1,400}"\x1a/,
    command: "version\x1a",
    answer: /^Open On-Chip Debugger (\d[\w.+-]{0,40})/,
  },
  { name: "tcpTable", service: "tcp-table", refusal: /^500 Invalid request\n$/ },
  { name: "conman", service: "conman", refusal: /^ERROR CODE=\d{1,2} MESSAGE='/ },
  {
    // RFC 7047 section 4.1.1; who is silent is asked for an echo (4.1.11), with this very identifier.
    name: "ovsdb",
    service: "ovsdb",
    onAlien: "closes",
    refusal: /^\{"id":"echo","method":"echo","params":\[\]\}/,
    command: '{"method":"list_dbs","params":[],"id":"doorplate"}',
    answer: /^\{(?=[^{}]{0,300}"id": ?"doorplate")[^{}]{0,300}"result": ?\["[^\]]{1,200}"\]/,
  },
  {
    // INDI's white paper: an XML element that asks for all properties, answered with their definitions.
    name: "indi",
    service: "indi",
    onAlien: "waits",
    command: "<getProperties version='1.7'/>\n",
    answer:
      /^\s{0,8}<(?:def(?:Switch|Text|Number|Light|BLOB)Vector|message|getProperties|delProperty)\b[^>]{0,300}\b(?:device|version)=/,
  },
  {
    // ADC 1.0.1, sections 5.3.4 to 5.3.6: what both sides support, then who the hub is.
    name: "adc",
    service: "adc",
    onAlien: "closes",
    command: "HSUP ADBASE ADTIGR\n",
    answer: /^ISUP [^\n]{0,200}\nISID [A-Z2-7]{4}\n(?:IINF (?:[^\n]{0,300} )?VE(\S{1,60}))?/,
  },
  {
    name: "mon",
    service: "mon",
    refusal: /^(?:520 (?:command could not be executed, unknown command|invalid command)\n)+/,
  },
  { name: "poolcounter", service: "poolcounter", refusal: /^(?:ERROR BAD_COMMAND\n){1,60}$/ },
  {
    // HAProxy's management guide, "Unix Socket commands": who mistypes is shown what there is.
    name: "haproxy",
    service: "haproxy",
    refusal:
      /^Unknown command(?:, but maybe one of the following ones is a better match:|\. Please enter one of the following commands only ?:)\n/,
  },
  {
    // ecFlow: the length in hexadecimal, and what cereal makes of an answer.
    name: "ecflow",
    service: "ecflow",
    refusal: /^ {0,8}[0-9a-f]{1,8}\{\n"\d{1,3}ServerToClientResponse": \{/,
  },
  // MessagePack: {Error: "Handshake required", Seq: …}.
  { name: "serfRpc", service: "serf", refusal: /^\x82\xa5Error\xb2Handshake required\xa3Seq/ },
  {
    // A message of type, length and options; "server error" (5) with one "reply error code" (6).
    name: "qnetd",
    service: "corosync-qnetd",
    refusal: /^\0\x05\0\0\0[\x06-\x40](?:\0\0\0\x04[\s\S]{4})?\0\x06\0\x02\0[\0-\x20]$/,
  },
  {
    name: "doveadm",
    service: "doveadm",
    onAlien: "closes",
    command: "VERSION\tdoveadm-server\t1\t0\n",
    answer: /^(?:VERSION\tdoveadm-(?:server|client)\t\d{1,3}\t\d{1,3}\n)?[+-]\n/,
  },
  {
    // Postfix' SMTPD_POLICY_README: attributes and an empty line, answered with one action. Names nobody, so that nothing is kept of it.
    name: "postfixPolicy",
    service: "postfix-policy",
    onAlien: "waits",
    command: "request=smtpd_access_policy\nprotocol_state=CONNECT\nprotocol_name=SMTP\n\n",
    answer: /^action=[ -~]{1,300}\n\n/,
  },
  {
    // Sendmail's and Postfix' socketmap_table(5): a netstring of map and key, answered by a status.
    name: "socketmap",
    service: "socketmap",
    onAlien: "closes",
    command: "24:doorplate doorplate.test,",
    answer: /^\d{1,5}:(?:OK |NOTFOUND |TEMP |TIMEOUT |PERM )[^,]{0,300},/,
  },
  {
    // QMQP (D. J. Bernstein, 1997): what is said of a message is a netstring of its own. To the netstring above, which is none of its messages, and to
    // who may not ask at all; nothing is queued.
    name: "qmqp",
    service: "qmqp",
    refusal: /^(\d{1,4}:(?:KOk|[DZ][ -~]{3,300}),)/,
  },
  {
    // SPICE's protocol, "RedLinkReply": magic, version 2, length, and here the error of who began otherwise.
    name: "spice",
    service: "spice",
    refusal: /^REDQ\x02\0\0\0[\0-\x0f]\0\0\0[\s\S]{2}\0\0[\0-\x10]\0\0\0/,
  },
  {
    // Niagara's Fox: a hello, answered with one that tells the station's program, its version, machine and brand, before any login.
    name: "fox",
    service: "niagara-fox",
    registered: ["niagara-foxs"],
    command: "fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\n};;\n",
    answer: /^fox a 0 -1 fox hello\n\{\n(?:(?:[^\n}]{1,200}\n){0,12}?app\.version=s:(\d[\w.]{0,30})\n)?/,
  },
  {
    // Carbon's cache (graphite-carbon, "cache query"): a length and a pickled question for a metric, here one of the oldest form and for a name
    // that nobody has; answered by the points that it holds of it.
    name: "carbonCache",
    service: "carbon-cache",
    registered: ["afs3-prserver"],
    onAlien: "either",
    command: "\0\0\0\x42(dp0\nS'type'\np1\nS'cache-query'\np2\nsS'metric'\np3\nS'doorplate'\np4\ns.",
    answer: /^\0\0[\s\S]{2}\x80[\x02-\x05][\s\S]{1,40}?(?:datapoints|Invalid request type)/,
  },
  {
    // HashiCorp's memberlist (net.go): a ping to nobody by name is acknowledged, compressed or not, with or without a checksum; or the
    // name is missed. Serf, Consul, Nomad, Docker's swarm mode and others gossip by it.
    name: "memberlist",
    service: "memberlist",
    registered: MEMBERLIST.registered,
    onAlien: "closes",
    command: MEMBERLIST.ping,
    answer: MEMBERLIST.acknowledged,
  },
  {
    // GDB's manual, "Remote Protocol": what the stub supports. The plus acknowledges what came before.
    name: "gdbRemote",
    service: "gdb",
    onAlien: "waits",
    refusal: /^\+?\$(?:E[0-9a-f]{2})?#[0-9a-f]{2}$/,
    command: "+$qSupported#37",
    answer: /^\+?\$(?=[^#]{0,400}[+;=])[\w;=+:,.-]{4,500}#[0-9a-f]{2}/,
  },
  {
    // Nailgun's protocol: chunks of length, kind and text: a directory, then the command, here one of its own that prints the version.
    name: "nailgun",
    service: "nailgun",
    onAlien: "waits",
    command: "\0\0\0\x01D/\0\0\0\x0aCng-version",
    answer: /^\0\0\0[\x10-\x60]1NailGun server version (\d[\w.-]{0,30})/,
  },
  {
    // SLIME's: six hexadecimal digits of length, then an expression; what it is asked for is who is there.
    name: "swank",
    service: "swank",
    onAlien: "closes",
    command: "00002c(:emacs-rex (swank:connection-info) nil t 1)",
    answer: /^[0-9a-fA-F]{6}\(:return \(:ok \(:pid \d{1,10} /,
  },
  {
    // RPyC: length, no compression, and in its own encoding a ping (1) numbered 0 that lacks what it should send back; the exception names the version.
    name: "rpyc",
    service: "rpyc",
    onAlien: "waits",
    command: "\0\0\0\x09\0\x12\x51\x50\x11\x51\x10\x0bdp\n",
    answer:
      /^\0\0[\s\S]{2}[\0\x01](?:\x12[\x52\x53]\x50(?:[\s\S]{0,400}?_remote_version\x08\x0e[\x03-\x20](\d[\w.]{2,31}))?|x[\x01\x5e\x9c\xda])/,
  },
  {
    // iperf3's control connection: 36 letters of a cookie and a zero; the server asks for parameters (9), or is busy (-1).
    name: "iperf3",
    service: "iperf3",
    refusal: /^[\x09\xff]$/,
    command: `${"doorplate".repeat(4)}\0`,
    answer: /^\x09$/,
  },
  {
    // libvirt's "RPC protocol": length, program, version 1, procedure 66 (which ways to log in there are), call, serial 1; XDR.
    name: "libvirt",
    service: "libvirt",
    onAlien: "closes",
    command: "\0\0\0\x1c\x20\0\x80\x86\0\0\0\x01\0\0\0\x42\0\0\0\0\0\0\0\x01\0\0\0\0",
    answer: /^\0\0[\0-\x10][\s\S]\x20\0\x80\x86\0\0\0\x01\0\0\0\x42\0\0\0\x01/,
  },
  {
    // Wesnoth's "MultiplayerServerWML": a handshake of four zeros is answered by a number; then, packed by gzip, [version].
    name: "wesnoth",
    service: "wesnoth",
    command: "\0\0\0\0",
    answer: /^\0\0[\s\S]{2}\0\0\0[\x10-\x60]\x1f\x8b\x08\0/,
  },
  {
    // xymond(8): one message a connection, which ends with the sender's half of it.
    name: "xymon",
    service: "xymon",
    registered: ["bigbrother"],
    halfClose: true,
    command: "ping",
    answer: /^(?:xymond|hobbitd) (\d[\w.]{0,30})\n/,
  },
];

/** Characters of an answer that are read. */
const MAX_TEXT = 512;

function lineServer({ name, service, refusal, command, answer, halfClose }: LineServer): Protocol {
  const probe = `${name}.who`;
  const ask: Ask | null = command === undefined ? null : { probe, data: bytes(command), halfClose };
  const read = ({ data }: Response): Reading | null => {
    const text = latin1(data.subarray(0, MAX_TEXT));
    const told = answer?.exec(text);
    if (told) {
      const version = told.slice(1).join(".");
      return { service, weight: 9, excerpt: printable(told[0]), values: { answer: service, version } };
    }
    const refused = refusal?.exec(text);
    return refused
      ? { service, weight: 8, excerpt: printable(refused[0]), values: { refusal: service } }
      : null;
  };
  return readingProtocol({
    name,
    prefix: name,
    transports: ["tcp"],
    speaksFirst: "client",
    openers: () => (ask ? [ask] : []),
    read,
  });
}

export const lineServers = LINE_SERVERS.map((server) => ({
  protocol: lineServer(server),
  services: [server.service, ...(server.registered ?? [])],
  ...(server.onAlien ? { onAlien: server.onAlien } : {}),
}));
