import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { EXCLUDED_FLAG, EXCLUDED_TEXT } from "../../lib/model/fingerprint.ts";
import { writerFor } from "../../lib/report/index.ts";
import { confOf } from "../../lib/report/nmap-xml.ts";
import { closed, emptySummary, hostile, NASTY, result, summary, udpGuess, write } from "./sample.ts";

type Results = Parameters<typeof write>[1];

const LISTS = ["host", "hostname", "port", "extraports", "cpe", "script", "scaninfo"];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name, _path, _leaf, isAttribute) => !isAttribute && LISTS.includes(name),
});

function xml(results: Results, ...rest: [Parameters<typeof write>[2]?, Parameters<typeof write>[3]?]) {
  const text = write(writerFor("xml"), results, ...rest);
  expect(XMLValidator.validate(text)).toBe(true);
  return { text, run: parser.parse(text).nmaprun };
}

describe("Nmap XML", () => {
  it("writes a host as Nmap does", () => {
    const { text } = xml([
      result({ port: 443, hostname: "www.example.com", tls: true, info: "Ubuntu", device: "router" }),
    ]);
    expect(text).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE nmaprun>
      <nmaprun scanner="nmap" args="doorplate scan 192.0.2.1 -o a&amp;b.xml" start="1767225600" startstr="Thu Jan  1 00:00:00 2026" version="0.1.0" xmloutputversion="1.05">
      <verbose level="0"/>
      <debugging level="0"/>
      <host starttime="1767225605" endtime="1767225605"><status state="up" reason="syn-ack" reason_ttl="0"/>
      <address addr="192.0.2.1" addrtype="ipv4"/>
      <hostnames><hostname name="www.example.com" type="user"/></hostnames>
      <ports><extraports state="closed" count="989"><extrareasons reason="conn-refused" count="989"/></extraports>
      <extraports state="filtered" count="10"><extrareasons reason="no-response" count="10"/></extraports>
      <port protocol="tcp" portid="443"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" extrainfo="Ubuntu" ostype="Linux" devicetype="router" tunnel="ssl" method="probed" conf="10"><cpe>cpe:/a:f5:nginx:1.22.1</cpe></service></port>
      </ports>
      </host>
      <runstats><finished time="1767225612" timestr="Thu Jan  1 00:00:12 2026" summary="Doorplate 0.1.0 done at Thu Jan  1 00:00:12 2026; 1 address scanned in 12.34 seconds" elapsed="12.34" exit="success"/><hosts up="1" down="0" total="1"/></runstats>
      </nmaprun>
      "
    `);
  });

  it("groups ports by host, sorts them, and tells UDP and IPv6", () => {
    const { run } = xml([result({ port: 8080 }), udpGuess, result()], summary({ addresses: 2 }));
    expect(run.host).toHaveLength(2);
    const [first, second] = run.host;
    expect(first.ports.port.map((port: { portid: string }) => port.portid)).toEqual(["80", "8080"]);
    expect(second.address).toEqual({ addr: "2001:db8::53", addrtype: "ipv6" });
    expect(second.ports.port[0]).toMatchObject({
      protocol: "udp",
      state: { state: "open", reason: "udp-response", reason_ttl: "0" },
      service: { name: "domain", method: "table", conf: "6" },
    });
    expect(second).toMatchObject({ starttime: "1767225607", endtime: "1767225607" });
    expect(run.runstats.hosts).toEqual({ up: "2", down: "0", total: "2" });
  });

  it("makes each name of an address a host, so that no port is in a host twice", () => {
    const { run } = xml([result({ hostname: "a.example" }), result({ hostname: "b.example" }), result()]);
    expect(run.host.map((host: { hostnames: unknown }) => host.hostnames)).toEqual([
      { hostname: [{ name: "a.example", type: "user" }] },
      { hostname: [{ name: "b.example", type: "user" }] },
      "",
    ]);
  });

  it("counts the ports of a single host that are not listed", () => {
    const { run } = xml([result()], summary({ outcomes: { fingerprinted: 1, closed: 989, filtered: 10 } }));
    expect(run.host[0].ports.extraports).toEqual([
      { state: "closed", count: "989", extrareasons: { reason: "conn-refused", count: "989" } },
      { state: "filtered", count: "10", extrareasons: { reason: "no-response", count: "10" } },
    ]);
    const all = xml([result(), closed], summary(), { showAll: true }).run.host[0].ports;
    expect(all.extraports[0].count).toBe("988");
    expect(all.port[1].state).toEqual({ state: "closed", reason: "conn-refused", reason_ttl: "0" });
    expect(all.port[1].service).toBeUndefined();
  });

  it("counts what it was given for each of several hosts", () => {
    const other = { ...closed, host: "192.0.2.2" };
    const { run } = xml([result(), closed, other, { ...other, port: 82 }], summary({ addresses: 2 }));
    expect(
      run.host.map((host: { ports: { extraports: { count: string }[] } }) => host.ports.extraports[0]!.count),
    ).toEqual(["1", "2"]);
  });

  it("says what was scanned when it knows", () => {
    const ports = [
      { transport: "tcp", count: 3, list: "22,80-81" },
      { transport: "udp", count: 1, list: "53" },
    ] as const;
    expect(xml([], summary(), { ports }).run.scaninfo).toEqual([
      { type: "connect", protocol: "tcp", numservices: "3", services: "22,80-81" },
      { type: "udp", protocol: "udp", numservices: "1", services: "53" },
    ]);
  });

  it("is complete when nothing was found", () => {
    const { run } = xml([], emptySummary);
    expect(run.host).toBeUndefined();
    expect(run.runstats.hosts).toEqual({ up: "0", down: "0", total: "0" });
    expect(run.runstats.finished).toMatchObject({ exit: "success", elapsed: "0.00" });
  });

  it("says why a scan is incomplete", () => {
    const { run } = xml([], summary({ status: "incomplete", cause: "deadline" }));
    expect(run.runstats.finished).toMatchObject({ exit: "error", errormsg: "deadline" });
  });

  it("knows the end of a scan that is still running", () => {
    const { run } = xml([], summary({ status: "running", finishedAt: null }));
    expect(run.runstats.finished).toMatchObject({ time: "1767225612", timestr: "Thu Jan  1 00:00:12 2026" });
  });

  it("unwraps service fingerprints and names what has none", () => {
    const servicefp = 'SF-Port1-TCP:V=1%r(\nSF:NULL,1,"a");';
    const { run } = xml([
      result({ service: null, product: null, method: "table", confidence: 0, servicefp }),
    ]);
    expect(run.host[0].ports.port[0].service).toMatchObject({
      name: "unknown",
      servicefp: 'SF-Port1-TCP:V=1%r(NULL,1,"a");',
      conf: "0",
    });
  });

  it("says of a port that nobody knows that it speaks TLS", () => {
    const nobody = { service: null, product: null, method: "table", confidence: 0 } as const;
    const { run } = xml([result({ ...nobody, port: 1, tls: true }), result({ ...nobody, port: 2 })]);
    const [secured, plain] = run.host[0].ports.port;
    expect(secured.service).toMatchObject({ name: "unknown", tunnel: "ssl", method: "table" });
    expect(plain).not.toHaveProperty("service");
  });

  it("says of a port that the signature file excludes that it was not asked, where Nmap says it", () => {
    const { run } = xml([
      result({
        service: "jetdirect",
        product: null,
        version: null,
        os: null,
        cpe: [],
        method: "table",
        confidence: 0,
        info: EXCLUDED_TEXT,
        flags: [EXCLUDED_FLAG],
      }),
    ]);
    expect(run.host[0].ports.port[0].service).toEqual({
      name: "jetdirect",
      product: "Excluded from version scan",
      method: "table",
      conf: "0",
    });
  });

  it("keeps hostile text inside its attribute, and drops what XML cannot carry", () => {
    const { text, run } = xml([hostile], summary({ status: "incomplete", cause: NASTY }));
    const shown = "[2J\r\n]]></service>\"&'\u009b31m";
    const [port] = run.host[0].ports.port;
    for (const name of ["name", "product", "version", "extrainfo", "ostype", "servicefp"]) {
      expect(port.service[name]).toBe(shown);
    }
    expect(port.script).toEqual([{ id: "http-title", output: shown }]);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it("stays well formed whatever the peer says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (product) => {
        expect(XMLValidator.validate(write(writerFor("xml"), [result({ product })]))).toBe(true);
      }),
    );
  });

  it("gives the confidence in tenths", () => {
    expect([0, 0.04, 0.3, 0.949, 0.95, 1].map(confOf)).toEqual([0, 0, 3, 9, 10, 10]);
  });
});
