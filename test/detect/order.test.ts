import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { suspects } from "../../lib/detect/order.ts";
import type { Transport } from "../../lib/model/endpoint.ts";
import { latin1 } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import type { Ask, AskContext, Reaction, Registered } from "../../lib/protocols/types.ts";
import { registeredPorts, servicesOf } from "../../lib/registry/ports.ts";
import { type Door, inItsOwnTime, seen } from "./door-in-memory.ts";

// A silent door is asked few questions. Who adds a protocol, or moves one, may push another's question out of reach, and no test of either protocol
// sees it. So each protocol that asks anything stands behind a door which says what was recorded of it, and nothing else.

const ODD_PORT = 40_123;
/** The way there and back to the other side of the world, ms. */
const FAR_MS = 300;
const tcp = (port: number): AskContext => ({
  host: "192.0.2.1",
  hostname: null,
  port,
  transport: "tcp",
  tls: false,
});
const udp = (port: number): AskContext => ({ ...tcp(port), transport: "udp" });

/** Asked on their registered ports only: nothing is known of how their servers take others' questions. */
const REGISTERED_ONLY = [
  ...["boinc", "bolt", "firebird", "fox", "gopher", "gqtp", "http2", "i2pSam", "iperf3", "iso-tsap", "kafka"],
  ...["kpasswd", "minecraft", "mssql", "openocdTcl", "pptp", "rtsp", "xymon"],
];
/** Found by what they say to an HTTP request: IRC's is not among the recorded answers, and MongoDB's is HTTP, of which only signatures know whose. */
const BY_OTHER_MEANS = ["irc", "mongodb"];
/** No answer is recorded, or (TLS) it shows only inside. */
const UNRECORDED = ["connect-proxy", "http2", "proxy-protocol", "tls"];

/** Those of `closes` and `either` that are found where only an HTTP request is hung up on, as coturn does. */
const REACHED_IF_CHOOSY = [
  ...["redis", "postgresql", "ldap", "mqtt", "sunrpc", "netbios-ssn", "rdp", "socks5", "x11", "zookeeper"],
  ...["memcached-binary", "sip", "editorServers", "stun", "javaRmi", "jdwp", "xmpp", "ident", "drda", "icap"],
  ...["objectRequests", "opcua"],
];
/** Those of `closes` and `either` that are asked last. */
const REACHED_LATE = ["apcupsd", "nrpe", "zabbix", "ajp13", "fastcgi", "milter", "carbonCache", "xrootd"];
/** Those of `waits` and `either` that are found where no more than so many connections are served, as Bacula's file daemon does. */
const FEW_CONNECTIONS = 20;
const REACHED_BY_FEW = [
  ...["dns", "sunrpc", "smb", "epmd", "stomp", "editorServers", "iscsi", "sane", "indi", "postfixPolicy"],
  ...["carbonCache", "gdbRemote", "nailgun", "rpyc", "freeciv", "xrootd", "bacula", "opcua"],
];

const vectors = new URL("../protocols/vectors/", import.meta.url);
const folders = new Set(readdirSync(vectors));

interface Recorded {
  data: Uint8Array;
  /** What it answers, where that is written down. */
  probe: string | null;
}

function recordedOf({ name }: { name: string }): Recorded[] {
  if (!folders.has(name)) return [];
  const folder = new URL(`${name}/`, vectors);
  const files = new Set(readdirSync(folder));
  return [...files]
    .filter((file) => file.endsWith(".bin"))
    .map((file) => {
      const told = file.replace(/bin$/, "json");
      const { probe = null } = files.has(told)
        ? (JSON.parse(readFileSync(new URL(told, folder), "utf8")) as { probe?: string })
        : {};
      return {
        data: readFileSync(new URL(file, folder)),
        probe: probe === "GetRequest" ? "http.get" : probe,
      };
    });
}

/** A question by its length and its beginning: further on some hold what is made anew each time. */
const keyOf = (data: Uint8Array) => `${data.length} ${latin1(data.subarray(0, 12))}`;

interface Said {
  question: string;
  data: Uint8Array;
  service: string;
}

/** Everything recorded of a protocol: its best answer to each of its own questions, and what it says to others'. */
function saidBy({ protocol }: Registered, context: AskContext): Said[] {
  const recorded = recordedOf(protocol);
  const own = new Set(protocol.openers(context).map(({ probe }) => probe));
  const best = ({ probe }: Ask) =>
    recorded
      .filter((one) => own.has(probe) || one.probe === probe)
      .flatMap(({ data }) => {
        const seen = protocol.recognise({
          probe,
          tls: false,
          data,
          firstByteMs: 1,
          end: "quiet",
          connection: 1,
        });
        return seen ? [{ data, ...seen }] : [];
      })
      .sort((a, b) => b.weight - a.weight)
      .slice(0, 1);
  return asking(context)
    .flatMap((other) => other.protocol.openers(context))
    .flatMap((ask) => best(ask).map(({ data, service }) => ({ question: keyOf(ask.data), data, service })));
}

const asking = ({ transport, ...context }: AskContext) =>
  protocols.filter(
    ({ protocol }) =>
      protocol.transports.includes(transport) && protocol.openers({ ...context, transport }).length > 0,
  );
const reactionsOf = ({ onAlien }: Registered): Reaction[] =>
  !onAlien || onAlien === "either" ? ["closes", "waits"] : [onAlien];

/** Behind a door that says only what was recorded of it, and takes all other questions as `otherwise` says, it is named. */
async function isNamed(
  entry: Registered,
  context: AskContext,
  otherwise: (question: Uint8Array) => Reaction,
  rest: Pick<Door, "bears" | "rttMs"> & { among?: readonly Registered[] } = {},
): Promise<boolean> {
  const said = saidBy(entry, context);
  const answer = (question: Uint8Array) =>
    said.find((one) => one.question === keyOf(question))?.data ??
    (otherwise(question) === "closes" ? null : undefined);
  const { verdict } = await seen(
    { ...rest, transport: context.transport, port: context.port, answer },
    rest.among,
  );
  return verdict?.method === "probed" && said.some(({ service }) => service === verdict.service);
}

/** The names of those that are not. */
async function unnamed(
  entries: readonly Registered[],
  contextOf: (entry: Registered) => AskContext | null,
): Promise<string[]> {
  const lost = await inItsOwnTime(() =>
    Promise.all(
      entries.flatMap((entry) => {
        const context = contextOf(entry);
        return reactionsOf(entry).map(async (reaction) =>
          context && !(await isNamed(entry, context, () => reaction)) ? [entry.protocol.name] : [],
        );
      }),
    ),
  );
  return [...new Set(lost.flat())].sort();
}

const registered =
  (transport: Transport) =>
  ({ services }: Registered): AskContext | null => {
    const ports = services.flatMap((service) => registeredPorts(service, transport));
    const port = ports.find((one) => services.includes(servicesOf(one, transport)[0]?.service ?? ""));
    return port === undefined ? null : { ...(transport === "tcp" ? tcp(port) : udp(port)) };
  };

test("whoever answers his own question alone is named on his registered port", async () => {
  expect(await unnamed(asking(tcp(ODD_PORT)), registered("tcp"))).toEqual(["tls"]);
  expect(await unnamed(asking(udp(ODD_PORT)), registered("udp"))).toEqual([]);
});

test("and on any other, but for those that are known not to be", async () => {
  const known = new Set([...REGISTERED_ONLY, ...BY_OTHER_MEANS, ...UNRECORDED]);
  expect(await unnamed(asking(tcp(ODD_PORT)), () => tcp(ODD_PORT))).toEqual([...known].sort());
  expect(await unnamed(asking(udp(ODD_PORT)), () => udp(ODD_PORT))).toEqual([]);
});

/** Those of them that are named on an odd port. */
const reached = async (names: readonly string[], ...how: How) => {
  const entries = protocols.filter(({ protocol }) => names.includes(protocol.name));
  const found = await inItsOwnTime(() =>
    Promise.all(
      entries.map(async (one) => ((await isNamed(one, tcp(ODD_PORT), ...how)) ? [one.protocol.name] : [])),
    ),
  );
  return found.flat();
};
type How = Parameters<typeof isNamed> extends [unknown, unknown, ...infer Rest] ? Rest : never;

const isHttp = (question: Uint8Array) => latin1(question).startsWith("GET / ");
const hangsUpOnHttpAlone = (question: Uint8Array): Reaction => (isHttp(question) ? "closes" : "waits");
const alwaysWaits = (): Reaction => "waits";

test("who hangs up on HTTP, and waits for more of all else, is still asked so many", async () => {
  expect(await reached(REACHED_IF_CHOOSY, hangsUpOnHttpAlone)).toEqual(REACHED_IF_CHOOSY);
});

test("and as many of who hangs up on everything, or waits for more of it, where a round trip takes long", async () => {
  const far = { rttMs: FAR_MS };
  expect(await reached(REACHED_LATE, () => "closes", far)).toEqual(expect.arrayContaining(REACHED_LATE));
  expect(await reached(REACHED_BY_FEW, alwaysWaits, far)).toEqual(REACHED_BY_FEW);
});

test("who serves few connections, and waits for more of everything, is still asked so many", async () => {
  expect(await reached(REACHED_BY_FEW, alwaysWaits, { bears: FEW_CONNECTIONS })).toEqual(REACHED_BY_FEW);
});

test("a question that is put further down the list is seen to be out of reach", async () => {
  const last = (name: string) => [
    ...protocols.filter(({ protocol }) => protocol.name !== name),
    ...protocols.filter(({ protocol }) => protocol.name === name),
  ];
  expect(await reached(["stun"], hangsUpOnHttpAlone, { among: last("stun") })).toEqual([]);
  expect(await reached(["bacula"], alwaysWaits, { among: last("bacula"), bears: FEW_CONNECTIONS })).toEqual(
    [],
  );
});

test("a door that is silent to everything costs no more than thirty connections and eight seconds", async () => {
  const silent = { transport: "tcp", port: ODD_PORT, answer: () => undefined, deaf: true } as const;
  const { verdict, connections, ms } = await inItsOwnTime(() => seen(silent));
  expect(verdict).toMatchObject({ service: null });
  expect(connections).toBeLessThanOrEqual(30);
  expect(ms).toBeLessThan(8_000);
});

test("a greeting is waited for where the port's number promises one, but inside of TLS only on ports that are registered for it", () => {
  const favours = (port: number, inside: boolean) =>
    suspects({ protocols }, { ...tcp(port), tls: inside }).favours;
  expect([favours(21, false), favours(993, true)]).toEqual(["greeting", "greeting"]);
  expect([favours(21, true), favours(25, true), favours(3306, true)]).toEqual([
    "nothing",
    "nothing",
    "nothing",
  ]);
  expect([favours(443, true), favours(6379, true)]).toEqual(["request", "request"]);
});

test("an IRC server that does not greet is asked at once, and on one connection", async () => {
  const answer = (question: Uint8Array) =>
    latin1(question) === "VERSION\r\n" ? Buffer.from(":irc.example 451 * :Not registered\r\n") : undefined;
  const door = { transport: "tcp", port: 6667, answer } as const;
  const { verdict, connections, ms } = await inItsOwnTime(() => seen(door));
  expect(verdict).toMatchObject({ service: "irc", method: "probed" });
  expect(connections).toBe(1);
  // Its goodbye is waited for in vain.
  expect(ms).toBeLessThan(1_000);
});

const page = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
const pageAlone = (question: Uint8Array) => (isHttp(question) ? page : undefined);

test("a web server on a port whose number promises a greeting is asked after a second", async () => {
  const door = { transport: "tcp", port: 25, answer: pageAlone } as const;
  const { verdict, ms } = await inItsOwnTime(() => seen({ ...door, answer: () => page }));
  expect(verdict).toMatchObject({ service: "http", method: "probed" });
  expect(ms).toBeLessThan(1_500);
});

test("who answered at once, and is silent to what follows, is not waited for as long as a stranger", async () => {
  const { verdict, ms } = await inItsOwnTime(() =>
    seen({ transport: "tcp", port: ODD_PORT, answer: pageAlone }),
  );
  expect(verdict).toMatchObject({ service: "http", method: "probed" });
  expect(ms).toBeLessThan(2_000);
});

test("but one that takes two seconds for a page is waited for as long for the next", async () => {
  const door = { transport: "tcp", port: 80, answer: () => page, slow: 2_000 } as const;
  const { answers } = await inItsOwnTime(() => seen(door));
  // The page, one that is missing, the icon.
  expect(answers).toBeGreaterThanOrEqual(3);
});

test("a silent server whose queue is full is let go, and asked alone, before half its time is over", async () => {
  const door = { transport: "tcp", port: ODD_PORT, answer: () => undefined, queues: 6 } as const;
  const { ms } = await inItsOwnTime(() => seen({ ...door, deaf: true }));
  expect(ms).toBeLessThan(11_000);
});

test("a silent door that is asked little costs four connections and two seconds, and it shows whether it hears us out", async () => {
  const silent = { transport: "tcp", port: ODD_PORT, answer: () => undefined } as const;
  const [deaf, hears] = await inItsOwnTime(() =>
    Promise.all([
      seen({ ...silent, deaf: true }, protocols, { brief: true }),
      seen(silent, protocols, { brief: true }),
    ]),
  );
  expect([deaf?.silence, hears?.silence]).toEqual(["deaf", "hears"]);
  for (const { connections = 0, ms = 0 } of [deaf ?? {}, hears ?? {}]) {
    expect(connections).toBeLessThanOrEqual(4);
    expect(ms).toBeLessThan(2_000);
  }
});

test("and whoever answers what its number suggests is found by that", async () => {
  const answer = (question: Uint8Array) =>
    latin1(question).startsWith("version\r\n") ? Buffer.from("VERSION 1.6.18\r\n") : undefined;
  const door = { transport: "tcp", port: 11_211, answer } as const;
  const { verdict, silence } = await inItsOwnTime(() => seen(door, protocols, { brief: true }));
  expect(verdict).toMatchObject({ service: "memcached", method: "probed" });
  expect(silence).toBeNull();
});
