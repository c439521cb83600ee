import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import {
  builtinKnowledge,
  builtinRows,
  isTlsPort,
  registeredPorts,
  serviceName,
  servicesOf,
  topPorts,
  webPorts,
} from "../../lib/registry/ports.ts";
import { parseServices, registryOf } from "../../lib/registry/services.ts";

describe("the registry of ports", () => {
  it.each([
    [22, "tcp", "ssh"],
    [53, "udp", "domain"],
    [80, "tcp", "http"],
    [111, "tcp", "rpcbind"],
    [135, "tcp", "msrpc"],
    [161, "udp", "snmp"],
    [443, "tcp", "https"],
    [445, "tcp", "microsoft-ds"],
    [993, "tcp", "imaps"],
    [1433, "tcp", "ms-sql-s"],
    [1900, "udp", "upnp"],
    [3306, "tcp", "mysql"],
    [3389, "tcp", "ms-wbt-server"],
    [5060, "udp", "sip"],
    [5432, "tcp", "postgresql"],
    [5900, "tcp", "vnc"],
    [6379, "tcp", "redis"],
    [8009, "tcp", "ajp13"],
    [9100, "tcp", "jetdirect"],
    [11211, "tcp", "memcache"],
    [27017, "tcp", "mongodb"],
  ] as const)("calls %i/%s %s", (port, transport, name) => {
    expect(serviceName(port, transport)).toBe(name);
  });

  it("has no name for a port that nobody registered", () => {
    expect(serviceName(65000, "tcp")).toBeNull();
    expect(servicesOf(65000, "tcp")).toEqual([]);
  });

  it("knows at least 1,100 TCP and 150 UDP ports, each with one printable name", () => {
    for (const [transport, least] of [
      ["tcp", 1100],
      ["udp", 150],
    ] as const) {
      const rows = builtinRows.filter((row) => row.transport === transport);
      expect(rows.length).toBeGreaterThanOrEqual(least);
      expect(new Set(rows.map((row) => row.port)).size).toBe(rows.length);
      for (const row of rows) expect(row.service).toMatch(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/);
    }
  });

  it("names the service proper with its probability, the likeliest first", () => {
    expect(servicesOf(443, "tcp")).toEqual([{ service: "http", prior: 0.94 }]);
    expect(servicesOf(9093, "tcp").map(({ service }) => service)).toEqual(["http", "kafka"]);
    expect(servicesOf(50000, "tcp")[0]?.service).toBe("drda");
    expect(servicesOf(179, "tcp")).toEqual([{ service: "bgp", prior: 0.8 }]);
    expect(servicesOf(9, "tcp")).toEqual([{ service: "discard", prior: 0.6 }]);
  });

  it("holds only port numbers, each once in a list", () => {
    const { order, tls, web } = builtinKnowledge;
    for (const ports of [order.tcp, order.udp, tls, web]) {
      expect(ports.filter((port) => !Number.isInteger(port) || port < 1 || port > 65535)).toEqual([]);
      expect(ports.filter((port, i) => ports.indexOf(port) !== i)).toEqual([]);
    }
    expect(builtinRows.filter(({ port }) => !Number.isInteger(port) || port < 0 || port > 65535)).toEqual([]);
    expect(order.tcp.length).toBeGreaterThanOrEqual(1000);
    expect(order.udp.length).toBeGreaterThanOrEqual(100);
  });

  it("holds probabilities that are some, in order, and sum to at most one", () => {
    for (const priors of Object.values(builtinKnowledge.priors))
      for (const [port, services] of priors) {
        const sum = services.reduce((total, { prior }) => total + prior, 0);
        expect(sum, `port ${port}`).toBeGreaterThan(0);
        expect(sum, `port ${port}`).toBeLessThan(1);
        expect(services.map(({ prior }) => prior)).toEqual(
          services.map(({ prior }) => prior).sort((a, b) => b - a),
        );
        for (const { service } of services) expect(service).toMatch(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/);
        expect(new Set(services.map(({ service }) => service)).size, `port ${port}`).toBe(services.length);
      }
  });

  it("knows where TLS comes first", () => {
    const tls = [
      443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 5061, 5671, 6443, 6679, 6697, 8443, 8883,
      9443,
    ];
    expect(tls.filter((port) => !isTlsPort(port))).toEqual([]);
    expect([22, 25, 80, 110, 143, 587, 3389, 8080].filter(isTlsPort)).toEqual([]);
  });

  it("knows where the web is", () => {
    expect(webPorts()).toEqual(expect.arrayContaining([80, 443, 8000, 8080, 8443, 9090, 3000, 5000]));
    expect(webPorts()).not.toEqual(expect.arrayContaining([22]));
    expect(webPorts()).toEqual([...webPorts()].sort((a, b) => a - b));
  });

  it("finds names and globs, whatever their case", () => {
    expect(registeredPorts("ssh", "tcp")).toContain(22);
    expect(registeredPorts("SNMP*", "udp")).toEqual([161, 162]);
    expect(registeredPorts("http?", "tcp")).toContain(443);
    expect(registeredPorts("http?", "tcp")).not.toContain(80);
    expect(registeredPorts("*", "tcp").length).toBeGreaterThan(1100);
    expect(registeredPorts("*s*q*l*", "tcp")).toContain(3306);
    expect(registeredPorts("nothing-like-it", "tcp")).toEqual([]);
    expect(registeredPorts("ss", "tcp")).toEqual([]);
  });

  it("takes a glob of many stars in little time", () => {
    expect(registeredPorts("*a*a*a*a*a*a*a*a*a*a*a*a*z", "tcp")).toEqual([]);
  });

  it("ranks as many ports as asked for, each once, the larger list beginning with the smaller", () => {
    for (const [transport, n] of [
      ["tcp", 10],
      ["tcp", 100],
      ["tcp", 1000],
      ["tcp", 5000],
      ["tcp", 65535],
      ["udp", 20],
      ["udp", 100],
    ] as const) {
      const top = topPorts(transport, n);
      expect(top.length).toBe(n);
      expect(new Set(top).size).toBe(n);
      expect(top.every((port) => port >= 1 && port <= 65535)).toBe(true);
      expect(topPorts(transport, Math.ceil(n / 2))).toEqual(top.slice(0, Math.ceil(n / 2)));
    }
    expect(topPorts("tcp", 0)).toEqual([]);
    expect(topPorts("tcp", 20)).toEqual(expect.arrayContaining([80, 443, 22, 21, 25, 3389]));
    expect(topPorts("tcp", 100)).toEqual(
      expect.arrayContaining([5432, 6379, 27017, 9200, 2049, 5900, 11211]),
    );
    expect(topPorts("udp", 20)).toEqual(expect.arrayContaining([53, 123, 161, 500, 1900, 5353]));
  });
});

describe("a services file of the operator", () => {
  const tableOf = (text: string) => registryOf(parseServices(text));

  it("is read in the form of /etc/services, keeping our order", () => {
    const ports = tableOf("# names\nssh\t22/tcp\nhttp 80/tcp www # web\nfoo 7777/udp\nbar 1/sctp\n\n");
    expect(ports.serviceName(80, "tcp")).toBe("http");
    expect(ports.serviceName(443, "tcp")).toBeNull();
    expect(ports.topPorts("tcp", 2)).toEqual([80, 22]);
    expect(ports.registeredPorts("*", "udp")).toEqual([7777]);
    expect(ports.isTlsPort(443)).toBe(true);
  });

  it("ranks by frequency where it has any, also ports that it has no name for", () => {
    const ports = tableOf(
      "rare 1/tcp 0.001\nunknown 9/tcp .3\nssh 22/tcp 0.2\nhttp 80/tcp 5e-1\nno 2/tcp 0.0",
    );
    expect(ports.topPorts("tcp", 4)).toEqual([80, 9, 22, 1]);
    expect(ports.serviceName(9, "tcp")).toBeNull();
  });

  it("is believed where it says something else of a port, and changes nothing where it does not", () => {
    const ports = tableOf("ssh 22/tcp\nwarehouse 80/tcp\nwarehouse 61234/tcp");
    expect(ports.servicesOf(22, "tcp")).toEqual(servicesOf(22, "tcp"));
    expect(ports.servicesOf(443, "tcp")).toEqual(servicesOf(443, "tcp"));
    expect(ports.servicesOf(61234, "tcp")).toEqual([{ service: "warehouse", prior: 0.6 }]);
    const [first, second] = ports.servicesOf(80, "tcp");
    expect(first).toEqual({ service: "warehouse", prior: 0.6 });
    expect(second?.service).toBe("http");
    expect(ports.servicesOf(80, "tcp").reduce((sum, { prior }) => sum + prior, 0)).toBeLessThan(1);
  });

  it("names the line that is wrong", () => {
    expect(() => parseServices("ssh 22/tcp\nhttp eighty")).toThrow(
      'line 2: "eighty" behind http is not port',
    );
    expect(() => parseServices("x 70000/tcp")).toThrow("line 1");
    expect(() => parseServices("\n\x1b[31m 22/tcp")).toThrow("line 2");
    expect(() => parseServices("# nothing\n")).toThrow("no service in it");
  });

  it("never fails otherwise, whatever it holds", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "1", "/", "tcp", "udp", " ", "\n", "#", ".", "e", "\0") }),
        (text) => {
          try {
            for (const { port, transport } of parseServices(text))
              expect(tableOf(text).servicesOf(port, transport)).toBeDefined();
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
    );
  });
});
