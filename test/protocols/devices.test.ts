import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bacnet } from "../../lib/protocols/bacnet.ts";
import { coap } from "../../lib/protocols/coap.ts";
import { dicom } from "../../lib/protocols/dicom.ts";
import { dtls } from "../../lib/protocols/dtls.ts";
import { ike } from "../../lib/protocols/ike.ts";
import { protocols as registered } from "../../lib/protocols/index.ts";
import { ipmi } from "../../lib/protocols/ipmi.ts";
import { isoTsap } from "../../lib/protocols/iso-tsap.ts";
import { kerberos } from "../../lib/protocols/kerberos.ts";
import { l2tp } from "../../lib/protocols/l2tp.ts";
import { mdns } from "../../lib/protocols/mdns.ts";
import { minecraft } from "../../lib/protocols/minecraft.ts";
import { modbus } from "../../lib/protocols/modbus.ts";
import { mumble } from "../../lib/protocols/mumble.ts";
import { netbiosNs } from "../../lib/protocols/netbios-ns.ts";
import { netbiosSsn } from "../../lib/protocols/netbios-ssn.ts";
import { openvpn } from "../../lib/protocols/openvpn.ts";
import { pptp } from "../../lib/protocols/pptp.ts";
import { quic } from "../../lib/protocols/quic.ts";
import { sourceQuery } from "../../lib/protocols/source.ts";
import { ssdp } from "../../lib/protocols/ssdp.ts";
import { stun } from "../../lib/protocols/stun.ts";
import { teamspeak } from "../../lib/protocols/teamspeak.ts";
import { tftp } from "../../lib/protocols/tftp.ts";
import { xdmcp } from "../../lib/protocols/xdmcp.ts";
import { context, respond } from "./recorded.ts";

// Protocols of devices, tunnels and games must keep to themselves: whatever any other protocol's server was
// recorded to say is none of theirs, and what theirs say is nobody else's.

const devices = [
  ...[bacnet, coap, dicom, dtls, ike, ipmi, isoTsap, kerberos, l2tp, mdns, minecraft, modbus, mumble],
  ...[netbiosNs, netbiosSsn, openvpn, pptp, quic, sourceQuery, ssdp, stun, teamspeak, tftp, xdmcp],
];
const names = new Set(devices.map(({ name }) => name));
/** At this weight an answer counts as typical; at the other the search for the protocol ends. */
const TYPICAL = 4;
const SURE = 7;
/** Built on another protocol's messages: the probe and the stronger weight decide there. */
const KIN: Record<string, string> = { ssdp: "http", mdns: "dns" };

const root = new URL("vectors/", import.meta.url);
const vectors = readdirSync(root).flatMap((owner) => {
  const folder = new URL(`${owner}/`, root);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".bin"))
    .map((file) => {
      // one answer with its expectation, or one of several answers `<case>.<n>.bin`
      const expectation = [/\.bin$/, /\.\d+\.bin$/]
        .map((end) => new URL(file.replace(end, ".json"), folder))
        .find((url) => url.pathname.endsWith(".json") && existsSync(url));
      const told: unknown = expectation ? JSON.parse(readFileSync(expectation, "utf8")) : null;
      const probe = typeof told === "object" && told && "probe" in told ? String(told.probe) : "NULL";
      const data = new Uint8Array(readFileSync(new URL(file, folder)));
      return { owner, file, response: respond(data, probe) };
    });
});

describe("protocols of devices", () => {
  test.each(devices)("$name claims no other protocol's answers", (protocol) => {
    const claimed = vectors
      .filter(({ owner }) => owner !== protocol.name)
      .filter(({ response }) => (protocol.recognise(response)?.weight ?? 0) >= TYPICAL)
      .map(({ owner, file }) => `${owner}/${file}`);
    expect(claimed).toEqual([]);
  });

  test("no other protocol is sure of their answers", () => {
    const others = registered.map(({ protocol }) => protocol).filter(({ name }) => !names.has(name));
    const claimed = vectors
      .filter(({ owner, response }) => devices.some((own) => own.name === owner && own.recognise(response)))
      .flatMap(({ owner, file, response }) =>
        others
          .filter(({ name }) => name !== KIN[owner])
          .filter((other) => (other.recognise(response)?.weight ?? 0) >= SURE)
          .map((other) => `${other.name}: ${owner}/${file}`),
      );
    expect(claimed).toEqual([]);
  });

  test("every probe has a name of its own", () => {
    const probes = devices.flatMap((protocol) =>
      protocol.transports.flatMap((transport) =>
        protocol.openers(context(1, { transport })).map(({ probe }) => `${protocol.name} ${probe}`),
      ),
    );
    const owners = new Map<string, Set<string>>();
    for (const line of probes) {
      const [owner = "", probe = ""] = line.split(" ");
      owners.set(probe, (owners.get(probe) ?? new Set()).add(owner));
    }
    expect([...owners].filter(([, list]) => list.size > 1)).toEqual([]);
    expect([...owners.keys()].every((probe) => probe.includes("."))).toBe(true);
  });

  test("no UDP request is larger than what passes unfragmented", () => {
    const large = devices
      .filter(({ transports }) => transports.includes("udp"))
      .flatMap((protocol) => protocol.openers(context(1, { transport: "udp" })))
      .filter(({ data }) => data.length > 1232); // RFC 8200: 1,280 less headers
    expect(large).toEqual([]);
  });
});
