import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { interpret } from "../../lib/detect/interpret.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import type { Response } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { response } from "../protocols/text-peer.ts";

/*
 * Answers of real daemons of Debian 12 on loopback: who listens is the product, what stands behind or in it a technology, and a name that
 * the daemon was told to give is found out. `<name>.0.bin` is the root, `.1.bin` a missing page, `.2.bin` the hint of the name given.
 */

const knowledge = {
  protocols: protocols.filter(({ protocol }) => protocol.name === "http"),
  packs: [builtinPack()],
};

function verdict(name: string, hint?: string) {
  const probes = ["http.get", "http.404", ...(hint ? [`http.hint.${hint}`] : [])];
  const responses = probes.flatMap((probe, index): Response[] => {
    const file = new URL(`./stacks/${name}.${index}.bin`, import.meta.url);
    return existsSync(file) ? [response(probe, readFileSync(file))] : [];
  });
  expect(responses).toHaveLength(probes.length);
  const { evidence } = interpret(knowledge, responses, null);
  const { product, version, technologies, conflicts } = fuse({
    port: 80,
    transport: "tcp",
    evidence,
    asked: true,
  });
  return {
    product,
    version,
    parts: technologies.map((part) => part.name),
    against: conflicts.map(({ against }) => against),
  };
}

describe("who listens", () => {
  test.each([
    ["nginx-nameless", "nginx", null, []],
    ["apache-prod", "Apache httpd", null, []],
    ["lighttpd-nameless", "lighttpd", null, []],
    ["caddy", "Caddy", null, []],
    ["haproxy-without-backend", "HAProxy", null, []],
    ["h2o", "H2O", "2.2.5", []],
    ["php-server", "PHP built-in web server", null, ["PHP"]],
    ["node", "Node.js", null, ["Node.js"]],
    ["tomcat", "Apache Tomcat", "10.1.60", []],
    ["python", "SimpleHTTPServer", "0.6", ["Python"]],
    ["nginx-before-tomcat", "nginx", null, ["Apache Tomcat"]],
    ["varnish-before-nginx", "Varnish Cache", "7.1", ["nginx"]],
  ])("%s", (name, product, version, parts) => {
    expect(verdict(name)).toEqual({ product, version, parts, against: [] });
  });

  test("Prometheus says its version where it was asked for it, and is made with Go", () => {
    expect(verdict("prometheus", "prometheus")).toEqual({
      product: "Prometheus",
      version: "2.42.0",
      parts: ["Go"],
      against: [],
    });
  });
});

describe("who gives another's name", () => {
  test("lighttpd as IIS: order of fields and error page are its own", () => {
    expect(verdict("lighttpd-as-iis")).toMatchObject({ product: "lighttpd", against: ["Microsoft IIS"] });
  });

  test("Python and Node under the names of servers are contradicted", () => {
    const python = verdict("python-as-nginx");
    expect([python.product, ...python.against]).toEqual(expect.arrayContaining(["nginx", "BaseHTTPServer"]));
    const node = verdict("node-as-apache");
    expect([node.product, ...node.against]).toEqual(expect.arrayContaining(["Apache httpd", "Node.js"]));
  });
});
