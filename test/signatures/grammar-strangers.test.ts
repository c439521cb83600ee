import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpe23, makerByName } from "../../lib/registry/products.ts";
import { withGrammar } from "../../lib/signatures/grammar.ts";
import {
  readStrangerCookie,
  readStrangerRealm,
  readStrangerTitle,
} from "../../lib/signatures/grammar-strangers.ts";

const makerOf = (name: string) => (/^(?:Marsupial|Wombat & Sons)$/.test(name) ? name : null);
const title = (text: string) => readStrangerTitle(text, makerOf);

describe("a name that nobody has listed, in a title", () => {
  test.each([
    ["Marsupial Pouch Director", "Marsupial Pouch Director", null],
    ["Login - Marsupial Pouch Director", "Marsupial Pouch Director", null],
    ["Wombat &amp; Sons Burrow Manager 7.2", "Wombat & Sons Burrow", "7.2"],
    ["QuokkaBush 2.4.1", "QuokkaBush", "2.4.1"],
    ["QKA Server v2.4.1", "QKA", "2.4.1"],
    ["Quokka Web Interface", "Quokka", null],
    ["Quokka Control Panel", "Quokka", null],
    ["Potoroo Board Admin Console", "Potoroo Board", null],
    ["QuokkaMail - Login", "QuokkaMail", null],
    ["Sign in to QuokkaMail", "QuokkaMail", null],
    ["Hello! Welcome to Marsupial Pouch Station!", "Marsupial Pouch Station", null],
    ["Marsupial Media Server", "Marsupial Media Server", null],
    ["QuokkaNMS", "QuokkaNMS", null],
    ["QuokkaBush Security Login", "QuokkaBush", null],
  ])("%s", (text, product, version) => expect(title(text)).toMatchObject({ product, version }));

  test("is its maker's where the registry knows the maker", () => {
    expect(title("Marsupial Pouch Director")?.vendor).toBe("Marsupial");
    expect(readStrangerTitle("Cisco Quokka Director", makerByName)).toEqual({
      product: "Cisco Quokka Director",
      version: null,
      vendor: "Cisco",
    });
    expect(makerByName("Nobody's Own")).toBeNull();
    // A maker, too, but first of all a word.
    expect(makerByName("Sky")).toBeNull();
  });

  test.each(["Marsupial Router", "Marsupial Broadband Router", "Marsupial XR-2400"])(
    "%s is a device",
    (text) => expect(title(text)).toMatchObject({ product: text, device: true }),
  );

  test.each([
    "Marsupial",
    "Marsupial Careers",
    "Marsupial Technologies, Inc.",
    "Quokka",
    "Quokka 2.4.1",
    "Payroll 2.0",
    "Warehouse Manager 2.1",
    "QuokkaBush",
    "QuokkaCo Employee Login",
    "Marsupial Server",
    "Quokka - Login",
    "Welcome to QuokkaLand",
    "Customer Login",
    "Members Area",
    "MyQuokka Login",
    "Control Panel",
    "Customer Admin Console",
    "Weather 12.5.2019",
    "Release Notes 2.1.3",
    "Chapter 1.2",
    "How to feed a quokka in your garden - Admin",
    "400 Bad Request",
    "Grand Hotel Quokka - Book your stay",
    "",
  ])("%j names nothing", (text) => expect(title(text)).toBeNull());
});

test("a realm is read for a program's or a maker's name, a cookie for coined words", () => {
  expect(readStrangerRealm('Basic realm="QuokkaMail"', makerOf)).toMatchObject({ product: "QuokkaMail" });
  expect(readStrangerRealm('Basic realm="Marsupial Pouch"', makerOf)).toMatchObject({ vendor: "Marsupial" });
  for (const realm of [
    "null",
    "index.html",
    "Restricted Area",
    "LoginRequired",
    "MembersOnly",
    "Quokka",
    "QuokkaBush",
    "Quokka 2.0",
    "config",
  ])
    expect(readStrangerRealm(`Basic realm="${realm}"`, makerOf), realm).toBeNull();
  expect(readStrangerCookie("QuokkaMailSID=abc; Path=/")).toMatchObject({ product: "QuokkaMail" });
  for (const cookie of [
    "JSESSIONID",
    "PHPSESSID",
    "SessionID",
    "UserSession",
    "MySiteSession",
    "quokka_session",
  ])
    expect(readStrangerCookie(`${cookie}=abc`), cookie).toBeNull();
});

test("such a name counts only where nothing that listens has said who it is", () => {
  const products = (server: string) =>
    withGrammar(
      { name: "none", digest: "sha256:0", evaluate: () => [] },
      { byName: () => null, cpe23, makerOf },
    )
      .evaluate({
        responses: [],
        facts: [
          { name: "http.server", value: server, family: "http.headers" },
          { name: "http.title", value: "Marsupial Pouch Director", family: "http.body" },
        ],
      })
      .map(({ claim }) => claim.product);
  expect(products("Numbat/1.2")).toEqual(["Numbat"]);
  expect(products("web server")).toEqual(["Marsupial Pouch Director"]);
});

test("no text upsets the readers, and names are short", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      for (const found of [title(text), readStrangerRealm(text, makerOf), readStrangerCookie(text)])
        expect(found?.product.length ?? 0).toBeLessThanOrEqual(160);
    }),
  );
});
