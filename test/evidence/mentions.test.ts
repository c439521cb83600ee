import fc from "fast-check";
import { expect, test } from "vitest";
import { fitted } from "../../lib/evidence/fitted.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import { presented } from "../../lib/evidence/mentions.ts";
import { weigh } from "../../lib/evidence/rates.ts";
import type { Evidence } from "../../lib/model/evidence.ts";
import { builtinEntries } from "../../lib/signatures/builtin/index.ts";
import { evidenceOn, knowing } from "../evaluate/leave-out.ts";
import { readNameless } from "../evaluate/nameless.ts";

const whole = knowing(builtinEntries());

function verdictOn(place: string, text: string) {
  const one = readNameless({ nameless: { [place]: text }, mentions: {} })[0];
  if (!one) throw new Error("no case");
  const evidence = evidenceOn(whole, one).map((piece) => weigh(piece, fitted.rates));
  return fuse({ port: one.port, transport: one.transport, asked: true, evidence });
}

test.each([
  ["http.title", "Zimbra migration service"],
  ["http.title", "FortiGate for sale - used hardware"],
  ["http.title", "Home Assistant blog"],
  ["http.title", "Ricoh Arena Events"],
  ["http.title", "Webmail Login"],
  ["http.server", "No nginx here"],
  ["http.server", "lb1"],
  ["ftp.banner", "This is not ProFTPD"],
  ["ftp.banner", "Canon County Clerk documents"],
  ["smtp.banner", "mail.example.org ESMTP migrated from Lotus Domino"],
  ["pop3.banner", "Not Dovecot"],
])("a %s that mentions a product, or anybody, names none: %s", (place, text) => {
  expect(verdictOn(place, text).product).toBeNull();
});

test.each([
  ["http.title", "Zimbra Web Client Sign In", "Zimbra Collaboration Server"],
  ["http.title", "Home Assistant", "Home Assistant"],
  ["http.title", "My Book Live", "My Book Live"],
  ["http.title", "Xibo Digital Signage", "Xibo"],
  ["http.title", "phpMyAdmin | Nordwind Training", "phpMyAdmin"],
  ["http.title", "Gerrit Code Review", "Gerrit"],
  ["http.title", "Login - OpenStack Dashboard", "OpenStack Horizon"],
  ["http.server", "nginx", "nginx"],
  ["ftp.banner", "ProFTPD Server (Debian) [192.0.2.1]", "ProFTPD"],
])("a %s that presents a program is that program's: %s", (place, text, product) => {
  expect(verdictOn(place, text).product).toBe(product);
});

test("where something unusual goes on from a program's name, it is a guess", () => {
  const { product, info } = verdictOn("http.title", "Horde Roleplaying Circle");
  expect({ product, info }).toEqual({ product: null, info: "perhaps Horde" });
});

test("of what names no product few are taken for one", () => {
  const share = (kind: string) => {
    const cases = readNameless().filter((one) => one.kind.startsWith(`${kind}:`));
    const sure = cases.filter((one) => {
      const evidence = evidenceOn(whole, one).map((piece) => weigh(piece, fitted.rates));
      const verdict = fuse({ port: one.port, transport: one.transport, asked: true, evidence });
      return verdict.product !== null && verdict.confidence >= 0.9;
    });
    return sure.length / cases.length;
  };
  expect(readNameless().length).toBeGreaterThan(1200);
  expect(share("nameless")).toBeLessThan(0.04);
  expect(share("mentions")).toBeLessThan(0.08);
});

test("whatever a title says, an operator's own rule stays, and the rest only loses", () => {
  const claim: Evidence = {
    source: "http.title",
    family: "http.body",
    claim: { service: "http", product: "Grafana" },
    weight: 6,
    excerpt: "Grafana",
    signature: "builtin:http.title/grafana",
  };
  const rule = { ...claim, signature: "rules:grafana" };
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (value) => {
      const left = presented([claim, rule], [{ name: "http.title", value, family: "http.body" }]);
      expect(left).toContainEqual(rule);
      expect(left.every(({ weight }) => weight <= 6)).toBe(true);
    }),
  );
});
