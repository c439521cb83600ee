import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { productKey } from "../../lib/evidence/contests.ts";
import { assignRoles, doubted } from "../../lib/evidence/roles.ts";
import type { Evidence } from "../../lib/model/evidence.ts";

/** What was read from `source`, in the family of the same name unless another is told. */
const piece = (source: string, product: string, more: Partial<Evidence> = {}): Evidence => ({
  source,
  family: source,
  claim: { service: "http", product, version: "1.2" },
  weight: 5,
  excerpt: product,
  signature: `test:${source}`,
  ...more,
});
const refusing = (source: string, product: string) => piece(source, product, { family: "http.refusal" });
const ssh = (source: string, product: string, weight = 6) =>
  piece(source, product, { claim: { service: "ssh", product }, weight });

const read = (...evidence: Evidence[]) => {
  const { listening, behind } = assignRoles(evidence, productKey);
  return [
    [...new Set(listening.map(({ claim }) => claim.product))],
    [...new Set(behind.map(({ claim }) => claim.technology?.name))],
  ];
};

describe("who listens", () => {
  test("a server, before the application that its page shows, with that one's version", () => {
    const evidence = [piece("http.server", "nginx"), piece("http.title", "Grafana")];
    expect(read(...evidence)).toEqual([["nginx"], ["Grafana"]]);
    expect(assignRoles(evidence, productKey).behind[0]?.claim.technology?.version).toBe("1.2");
  });

  test("a program, with the server inside of it and the one inside of that", () => {
    const evidence = [
      piece("http.server", "websockify"),
      piece("http.title", "SimpleHTTPServer", { weight: 7 }),
      refusing("http.errorPage", "BaseHTTPServer"),
    ];
    expect(read(...evidence)).toEqual([["websockify"], ["SimpleHTTPServer", "BaseHTTPServer"]]);
  });

  test("none that is but named beside a server's own pages, unless it is made with that one", () => {
    const listing = piece("http.body", "SimpleHTTPServer", { weight: 7 });
    const refusal = refusing("http.errorPage", "BaseHTTPServer");
    expect(read(piece("http.server", "Apache CouchDB"), listing, refusal)[0]).toContain("SimpleHTTPServer");
    expect(read(piece("http.server", "ZNC"), refusing("http.errorPage", "Apache Tomcat"))[0]).toContain(
      "Apache Tomcat",
    );
    expect(read(piece("http.server", "Unheard-of"), refusal)).toEqual([["Unheard-of"], ["BaseHTTPServer"]]);
  });

  test("not beside a name that stands further in front than who refuses what is no request", () => {
    const own = [refusing("http.errorPage", "HAProxy"), piece("http.errorPage", "nginx")];
    expect(read(piece("http.server", "Amazon Elastic Load Balancer"), ...own)[0]).toEqual([
      "Amazon Elastic Load Balancer",
      "HAProxy",
    ]);
  });

  test("an application, with the server that comes inside of it", () => {
    expect(read(piece("http.server", "Jetty"), piece("http.header", "Jenkins"))).toEqual([
      ["Jenkins"],
      ["Jetty"],
    ]);
    expect(read(refusing("http.errorPage", "Jetty"), piece("http.header", "Jenkins"))).toEqual([
      ["Jenkins"],
      ["Jetty"],
    ]);
    expect(read(piece("http.server", "Jetty"), piece("http.errorPage", "Jetty"))).toEqual([["Jetty"], []]);
  });

  test("a proxy that names itself in Via", () => {
    expect(read(piece("http.server", "nginx"), piece("http.via", "Varnish Cache"))).toEqual([
      ["Varnish Cache"],
      ["nginx"],
    ]);
  });

  test("who refuses what is no request, whatever the Server field says", () => {
    expect(read(refusing("http.errorPage", "HAProxy"), piece("http.server", "nginx"))).toEqual([
      ["HAProxy"],
      ["nginx"],
    ]);
    expect(read(refusing("http.server", "Apache httpd"), piece("http.server", "SimpleHTTPServer"))).toEqual([
      ["Apache httpd"],
      ["SimpleHTTPServer"],
    ]);
  });

  test("what is built on the one that refuses", () => {
    expect(read(refusing("http.errorPage", "nginx"), piece("http.server", "OpenResty"))).toEqual([
      ["OpenResty"],
      [],
    ]);
    expect(read(refusing("http.errorPage", "Golang net/http server"), piece("http.server", "Caddy"))).toEqual(
      [["Caddy"], ["Golang net/http server"]],
    );
  });
});

describe("who lies", () => {
  test("a name whose bearer's page should have come back, and another's did", () => {
    const [page, token] = [piece("http.errorPage", "nginx"), piece("http.server", "Microsoft IIS")];
    expect(read(token, page, piece("http.order", "nginx"))).toEqual([["Microsoft IIS", "nginx"], []]);
    expect(read(refusing("http.errorPage", "HAProxy"), token, page)).toEqual([
      ["HAProxy", "Microsoft IIS"],
      ["nginx"],
    ]);
    expect(
      read(refusing("http.errorPage", "Apache httpd"), piece("http.errorPage", "Apache httpd"), token),
    ).toEqual([["Apache httpd", "Microsoft IIS"], []]);
  });

  test("a front's name where a server refuses that fronts nothing", () => {
    expect(read(refusing("http.errorPage", "Apache Tomcat"), piece("http.server", "nginx"))).toEqual([
      ["Apache Tomcat", "nginx"],
      [],
    ]);
  });

  test("an order of fields contradicts servers whose order is known; a relative's says nothing", () => {
    expect(read(piece("http.server", "Apache httpd"), piece("http.order", "nginx"))).toEqual([
      ["Apache httpd", "nginx"],
      [],
    ]);
    expect(read(piece("http.server", "OpenResty"), piece("http.order", "nginx"))).toEqual([
      ["OpenResty"],
      [],
    ]);
    expect(read(refusing("http.errorPage", "HAProxy"), piece("http.order", "Uvicorn"))).toEqual([
      ["HAProxy"],
      [],
    ]);
  });

  test("a typed name is believed less than another's own doing, but not less than its own", () => {
    const token = piece("http.server", "Microsoft IIS");
    const [after] = doubted([token, piece("http.errorPage", "nginx")], productKey);
    expect(after?.weight).toBeLessThan(token.weight);
    expect(doubted([token, piece("http.errorPage", "Microsoft IIS")], productKey)[0]).toEqual(token);
    const banner = ssh("ssh.banner", "OpenSSH");
    expect(doubted([banner, ssh("ssh.offer", "Dropbear", 8)], productKey)[0]?.weight).toBeLessThan(6);
    expect(doubted([banner, ssh("ssh.offer", "Dropbear", 5)], productKey)[0]?.weight).toBe(6);
  });
});

test("outside of HTTP a library is a part of the program that is named, unless that one has a manner of its own", () => {
  const offer = ssh("ssh.offer", "Twisted Conch", 8);
  expect(read(ssh("ssh.banner", "Quokka SFTP"), offer)).toEqual([["Quokka SFTP"], ["Twisted Conch"]]);
  expect(read(ssh("ssh.banner", "OpenSSH"), offer)).toEqual([["OpenSSH", "Twisted Conch"], []]);
  expect(read(ssh("ssh.banner", "freeSSHd"), offer)).toEqual([["freeSSHd", "Twisted Conch"], []]);
  expect(read(ssh("ssh.banner", "SFTPPlus"), offer)).toEqual([["SFTPPlus"], ["Twisted Conch"]]);
});

test("whatever is claimed: nothing is added, somebody listens, and the order of the evidence does not matter", () => {
  const names = fc.constantFrom(
    "nginx",
    "Jetty",
    "Grafana",
    "Varnish Cache",
    "Quokka",
    "Apache httpd",
    "Caddy",
  );
  const places = fc.constantFrom(
    "http.server",
    "http.title",
    "http.via",
    "http.order",
    "http.etag",
    "http.errorPage",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(places, names, fc.boolean()), { maxLength: 8 }), (list) => {
      const evidence = list.map(([source, name, refused]) =>
        refused ? refusing(source, name) : piece(source, name),
      );
      const { listening, behind, echoes } = assignRoles(evidence, productKey);
      expect(listening.length + behind.length + echoes.size).toBe(evidence.length);
      if (evidence.length > 0) expect(listening.length).toBeGreaterThan(0);
      const products = (pieces: Evidence[]) => [...new Set(pieces.map(({ claim }) => claim.product))].sort();
      expect(products(assignRoles(evidence.toReversed(), productKey).listening)).toEqual(products(listening));
    }),
  );
});
