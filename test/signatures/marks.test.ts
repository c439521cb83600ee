import { describe, expect, it } from "vitest";
import { productByName } from "../../lib/registry/products.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import marks from "../../lib/signatures/builtin/marks.yaml";
import { entriesSchema } from "../../lib/signatures/entries.ts";
import { entryPack } from "../../lib/signatures/entry-pack.ts";
import { entriesOfMarks, type MarksFile } from "../../lib/signatures/marks.ts";
import { checkEntries } from "./entry-check.ts";

const registry = { byKey: () => null, cpe23: () => null };
const packOf = (file: MarksFile) =>
  entryPack(
    "test",
    entriesOfMarks(file, () => null),
    registry,
  );
const claim = (file: MarksFile, name: string, value: string) =>
  packOf(file).evaluate({ responses: [], facts: [{ name, value, family: name }] })[0]?.claim ?? null;

describe("marks", () => {
  it("know a cookie by its whole name, and by its beginning where the mark says so", () => {
    const file = { cookies: { Acme: ["acme_sid", "acme.v*"] } };
    for (const value of ["acme_sid=1", "acme.v2_token=1", "acme.v=1"])
      expect(claim(file, "http.cookie", value)).toEqual({ service: "http", product: "Acme" });
    for (const value of ["acme_sid2=1", "xacme_sid=1", "acmexv2=1", "other=acme_sid=1"])
      expect(claim(file, "http.cookie", value)).toBeNull();
  });

  it("know a field, a title and a realm, whatever the case of what a person reads", () => {
    expect(claim({ fields: { Acme: ["x-acme-*"] } }, "http.header", "x-acme-node: 7")?.product).toBe("Acme");
    expect(claim({ fields: { Acme: ["x-acme"] } }, "http.header", "x-acme-node: 7")).toBeNull();
    const titles = { titles: { Acme: ["Acme (Console)"] } };
    expect(claim(titles, "http.title", "ACME (console)")?.product).toBe("Acme");
    expect(claim(titles, "http.title", "Acme (Console) 2")).toBeNull();
    const chinese = { titles: { Acme: ["\u5b9d\u5854*"] } };
    expect(claim(chinese, "http.title", "\xe5\xae\x9d\xe5\xa1\x94 7.9")?.product).toBe("Acme");
    const realms = { realms: { Acme: ["Acme Box*"], Bolt: ["Bolt"] } };
    expect(claim(realms, "http.wwwAuthenticate", 'Basic realm="acme box 12"')?.product).toBe("Acme");
    expect(claim(realms, "http.wwwAuthenticate", 'Digest qop="auth", realm="Bolt", nonce="1"')?.product).toBe(
      "Bolt",
    );
    expect(claim(realms, "http.wwwAuthenticate", 'Basic realm="Bolts"')).toBeNull();
  });

  it("take the version that follows a Server token", () => {
    const file = { servers: { Acme: ["AcmeServ"], Bolt: ["Bolt*"] } };
    expect(claim(file, "http.server", "AcmeServ/2.1 (Unix)")).toMatchObject({
      product: "Acme",
      version: "2.1",
    });
    expect(claim(file, "http.server", "AcmeServer/2.1")).toBeNull();
    expect(claim(file, "http.server", "BoltWeb")).toEqual({ service: "http", product: "Bolt" });
  });

  it("know a greeting by its words, behind the host and what the server can do, and by the domain of who sends it", () => {
    const file = { greetings: { Acme: ["Acme Post"] }, hosts: { Bolt: ["bolt.example"] } };
    for (const value of ["mx.example.net ESMTP Acme Post/2.1", "[CAPABILITY IMAP4rev1] Acme Post 2.1 ready"])
      expect(claim(file, "imap.banner", value)).toEqual({
        service: "imap",
        product: "Acme",
        version: "2.1",
      });
    expect(claim(file, "smtp.banner", "mx.example.net ESMTP Acme Poster")).toBeNull();
    expect(claim(file, "smtp.banner", "mx1.bolt.example ESMTP")?.product).toBe("Bolt");
    for (const value of ["mx.notbolt.example ESMTP", "bolt.example.net ESMTP", "mail for bolt.example here"])
      expect(claim(file, "smtp.banner", value)).toBeNull();
  });

  it("know a certificate by one part of its names, wherever it stands", () => {
    const file = { certificates: { Acme: ["O=Acme Generated", "CN=acme-*"] } };
    for (const value of ["CN=localhost,O=Acme Generated", "O=Acme Generated, C=US", "C=US, CN=acme-17"])
      expect(claim(file, "tls.issuer", value)).toEqual({ product: "Acme" });
    for (const value of ["CN=localhost,O=Acme Generated Ltd", "CN=xacme-1", "OU=CN=acme-1"])
      expect(claim(file, "tls.subject", value)).toBeNull();
  });

  it("call a technology what a program is only made with", () => {
    expect(claim({ partCookies: { Frame: ["frame_id"] } }, "http.cookie", "frame_id=1")).toEqual({
      service: "http",
      technology: { name: "Frame", version: null },
    });
  });

  it("are entries like any other, each with an example of its own", () => {
    const entries = entriesOfMarks({ cookies: { Acme: ["a+b[*"] } }, () => null);
    expect(entriesSchema.parse(entries)).toEqual(entries);
    expect(checkEntries(entries, registry)).toEqual([]);
    expect(() => entriesOfMarks({ smells: {} }, () => null)).toThrow(/marks are cookies/);
  });

  it("name products that the registry has, once each", () => {
    for (const [kind, list] of Object.entries(marks as MarksFile)) {
      if (!kind.startsWith("part"))
        expect(Object.keys(list).filter((product) => productByName(product) === null)).toEqual([]);
      const all = Object.values(list).flat();
      expect(all.filter((mark, at) => all.indexOf(mark) !== at)).toEqual([]);
    }
  });
});

describe("what programs of the web show, by the built-in pack", () => {
  const pack = builtinPack();
  it.each([
    ["http.cookie", "hp-iLO-Session=001:::abcdef", /Lights-Out/],
    ["http.cookie", "IPCZQX03a36c6c0a=0100", /Access Manager/],
    ["http.cookie", "BV_SessionID=@@@@1.2@@@@", /BroadVision/],
    ["http.cookie", "EXTRAWEB_STATE=x", /Aventail/],
    ["http.cookie", "mansession_id=0a1b2c3d", /Asterisk/],
    ["http.cookie", "SQ_SYSTEM_SESSION=5f0", /Squiz Matrix/],
    ["http.cookie", "cam_passport=MTsxMDE6", /Cognos/],
    ["http.title", "Riverbed Central Management Console", /^Riverbed/],
    ["http.title", "Infoblox Grid Manager", /Infoblox/],
    ["http.title", "BIG-IQ - Login", /BIG-IQ/],
    ["http.title", "EMC Data Protection Advisor", /Data Protection Advisor/],
    ["http.title", "VTScada Anywhere Client", /VTScada/],
    ["http.title", "Sign in &middot; Jamf Pro", /Jamf Pro/],
    ["http.wwwAuthenticate", 'Basic realm="pCOWeb user"', /PlantVisor|pCOWeb/],
    ["http.header", "x-kace-version: 12.1.168", /KACE/],
  ])("%s %s", (name, value, product) => {
    const said = pack.evaluate({ responses: [], facts: [{ name, value, family: name }] });
    expect(said.map((piece) => piece.claim.product).join()).toMatch(product);
  });
});
