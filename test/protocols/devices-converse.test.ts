import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { conversation } from "../../lib/detect/conversation.ts";
import type { Fact } from "../../lib/model/observation.ts";
import { openTcp } from "../../lib/net/tcp.ts";
import { openUdp } from "../../lib/net/udp.ts";
import { bacnet } from "../../lib/protocols/bacnet.ts";
import { dicom } from "../../lib/protocols/dicom.ts";
import { dtls } from "../../lib/protocols/dtls.ts";
import { ike } from "../../lib/protocols/ike.ts";
import { ipmi } from "../../lib/protocols/ipmi.ts";
import { l2tp } from "../../lib/protocols/l2tp.ts";
import { mdns } from "../../lib/protocols/mdns.ts";
import { modbus } from "../../lib/protocols/modbus.ts";
import { netbiosSsn } from "../../lib/protocols/netbios-ssn.ts";
import { pptp } from "../../lib/protocols/pptp.ts";
import { sourceQuery } from "../../lib/protocols/source.ts";
import { teamspeak } from "../../lib/protocols/teamspeak.ts";
import type { Protocol } from "../../lib/protocols/types.ts";
import { context } from "./recorded.ts";

// What each of them asks after the first answer, and that it takes its leave: against a peer on a real socket
// which gives recorded answers in order, and remembers what it heard.

const vector = (name: string): Uint8Array => readFileSync(new URL(`vectors/${name}.bin`, import.meta.url));

interface Peer {
  port: number;
  heard: Buffer[];
}

async function udpPeer(answers: readonly (Uint8Array | null)[]): Promise<Peer> {
  const socket = createSocket("udp4");
  const heard: Buffer[] = [];
  socket.on("message", (message, from) => {
    const answer = answers[heard.push(message) - 1];
    if (answer) socket.send(answer, from.port, from.address);
  });
  onTestFinished(() => {
    socket.close();
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  return { port: socket.address().port, heard };
}

async function tcpPeer(answers: readonly (Uint8Array | null)[], greeting?: Uint8Array): Promise<Peer> {
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    if (greeting) socket.write(greeting);
    socket.on("data", (message) => {
      const answer = answers[heard.push(message) - 1];
      if (answer) socket.write(answer);
    });
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, heard };
}

/** Opens, asks the first opener (or listens), converses; the facts of all that was said. */
async function talk(protocol: Protocol, { port }: Peer, transport: "tcp" | "udp"): Promise<Fact[]> {
  const open = transport === "udp" ? openUdp : openTcp;
  const running = conversation({
    dialer: { open: (bounds) => open({ host: "127.0.0.1", port }, bounds) },
    context: context(port, { transport }),
    timeoutMs: 2_000,
    deadline: performance.now() + 15_000,
    maxConnections: 4,
    now: () => performance.now(),
  });
  const channel = await running.open();
  if (!channel) throw new Error("the peer refused");
  const [opener] = protocol.openers(running.context);
  if (opener) await running.ask(channel, opener);
  else await running.read(channel, "NULL", { quietMs: 40 });
  const session = running.session(protocol, channel);
  await protocol.converse?.(session);
  session.close();
  return protocol.facts(
    running.responses.filter(({ data }) => data.length > 0),
    null,
  );
}

const values = (facts: readonly Fact[]) => Object.fromEntries(facts.map(({ name, value }) => [name, value]));

test("an L2TP tunnel that was begun is stopped, addressed to the server's tunnel id", async () => {
  const peer = await udpPeer([vector("l2tp/xl2tpd")]);
  expect(values(await talk(l2tp, peer, "udp"))).toMatchObject({ "l2tp.vendor": "xelerance.com" });
  await expect.poll(() => peer.heard.length).toBe(2);
  expect(peer.heard[1]?.readUInt16BE(4)).toBe(777);
  expect(peer.heard[1]?.subarray(12, 20).toString("hex")).toBe("8008000000000004");
});

test("a PPTP control connection is stopped as the protocol wants", async () => {
  const reply = Buffer.from("00100001" + "1a2b3c4d" + "00040000" + "01000000", "hex");
  const peer = await tcpPeer([vector("pptp/poptop"), reply]);
  expect(values(await talk(pptp, peer, "tcp"))).toMatchObject({ "pptp.server": "linux 1" });
  expect(peer.heard[1]?.readUInt16BE(8)).toBe(3);
});

test("a DICOM association is released", async () => {
  const peer = await tcpPeer([vector("dicom/pynetdicom-3.0.4"), vector("dicom/release-reply")]);
  expect(values(await talk(dicom, peer, "tcp"))).toMatchObject({ "dicom.version": "PYNETDICOM_304" });
  expect(peer.heard[1]?.toString("hex")).toBe("05000000000400000000");
});

test("a DTLS cookie goes back, and after the server's flight an alert", async () => {
  const peer = await udpPeer([vector("dtls/openssl-verify"), vector("dtls/openssl-flight")]);
  const facts = values(await talk(dtls, peer, "udp"));
  expect(facts).toMatchObject({ "dtls.version": "DTLSv1.2", "tls.subject": "CN=vpn.example.test,O=Example" });
  await expect.poll(() => peer.heard.length).toBe(3);
  const cookie = Buffer.from(vector("dtls/openssl-verify")).subarray(28);
  expect(peer.heard[1]?.includes(cookie)).toBe(true);
  expect(peer.heard[2]?.[0]).toBe(21);
});

test("a BACnet device that does not know the wildcard is asked for its instance, then by it", async () => {
  const peer = await udpPeer(
    ["wildcard-unknown", "bacpypes3-i-am", "bacpypes3-name", "bacpypes3-model", "wildcard-unknown"].map(
      (name) => vector(`bacnet/${name}`),
    ),
  );
  const facts = values(await talk(bacnet, peer, "udp"));
  expect(facts).toMatchObject({ "bacnet.objectName": "Excelsior", "bacnet.model": "B3 model" });
  expect(peer.heard).toHaveLength(5);
  expect((peer.heard[2]?.readUInt32BE(11) ?? 0) & 0x3fffff).toBe(599);
});

test("after IKEv2 the first message of IKEv1 is asked too", async () => {
  const peer = await udpPeer([vector("ike/v2-no-proposal"), vector("ike/v1-strongswan")]);
  expect(values(await talk(ike, peer, "udp"))).toMatchObject({ "ike.vendor": "strongSwan" });
  expect(peer.heard.map((message) => message[17])).toEqual([0x20, 0x10]);
});

test("a challenge goes back with the same question", async () => {
  const peer = await udpPeer([vector("source/challenge"), vector("source/team-fortress-2")]);
  expect(values(await talk(sourceQuery, peer, "udp"))).toMatchObject({ "source.server": "tf 8622567" });
  expect(peer.heard[1]?.subarray(-4)).toEqual(Buffer.from(vector("source/challenge")).subarray(-4));
});

test("service types that tell most are asked for their instances", async () => {
  const instance = vector("mdns/zeroconf-instance");
  const peer = await udpPeer([vector("mdns/zeroconf-services"), instance, instance]);
  expect(values(await talk(mdns, peer, "udp"))).toMatchObject({ "mdns.host": "printer.local" });
  expect(peer.heard.map((message) => message.toString("latin1", 13, 18))).toEqual([
    "_serv",
    "_ipp\x04",
    "_http",
  ]);
});

test("a device that tells its basic identification is asked for the rest, a silent unit for its first", async () => {
  const whole = await tcpPeer([vector("modbus/pymodbus-basic"), vector("modbus/pymodbus-regular")]);
  expect(values(await talk(modbus, whole, "tcp"))).toMatchObject({ "modbus.model": "Pymodbus Server" });
  expect(whole.heard[1]?.subarray(6).toString("hex")).toBe("ff2b0e0200");
  const gateway = await tcpPeer([vector("modbus/gateway"), vector("modbus/schneider")]);
  expect(values(await talk(modbus, gateway, "tcp"))).toMatchObject({ "modbus.vendor": "Schneider Electric" });
  expect(gateway.heard[1]?.subarray(6).toString("hex")).toBe("012b0e0100");
});

test("within a granted NetBIOS session SMB is negotiated", async () => {
  const peer = await tcpPeer([vector("netbios-ssn/granted"), vector("smb/not-smb")]);
  expect(values(await talk(netbiosSsn, peer, "tcp"))).toMatchObject({ "netbios-ssn.session": "granted" });
  expect(peer.heard[1]?.toString("latin1", 4, 8)).toBe("\xfeSMB");
});

test("TeamSpeak's query interface tells its version, and is left", async () => {
  const peer = await tcpPeer([vector("teamspeak/query-version")], vector("teamspeak/query-greeting"));
  expect(values(await talk(teamspeak, peer, "tcp"))).toMatchObject({ "teamspeak.version": "3.13.7" });
  await expect.poll(() => peer.heard.map(String)).toEqual(["version\n", "quit\n"]);
});

test("a management controller is asked for its maker too", async () => {
  const peer = await udpPeer([vector("ipmi/version-2"), vector("ipmi/pong")]);
  expect(values(await talk(ipmi, peer, "udp"))).toMatchObject({
    "ipmi.version": "2.0",
    "ipmi.enterprise": "10876",
  });
});
