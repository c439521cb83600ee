import { expect, test } from "vitest";
import models from "../../lib/signatures/builtin/models.yaml";
import { withGrammar } from "../../lib/signatures/grammar.ts";
import { type ModelsFile, modelReader } from "../../lib/signatures/models.ts";

const FILE = { Acme: ["AC-*", "Road Runner *", "Trap 9"], Wile: ["*", "COYO*"] };
const nothing = { name: "test", digest: "sha256:0", evaluate: () => [] };
const pack = withGrammar(nothing, { byName: () => null, cpe23: () => null, models: FILE });
const device = (name: string, value: string) =>
  pack.evaluate({ responses: [], facts: [{ name, value, family: name }] }).find((piece) => piece.claim.device)
    ?.claim.device ?? null;
const title = (value: string) => device("http.title", value);

test("a maker's series and a number are a device, with or without the maker's name", () => {
  expect(title("AC-W300")).toBe("Acme AC-W300");
  expect(title("Acme AC-W300 | Login")).toBe("Acme AC-W300");
  expect(title("Welcome to Road Runner X5")).toBe("Acme Road Runner X5");
  expect(title("Trap 9")).toBe("Acme Trap 9");
  expect(title("COYO12 status")).toBe("Wile COYO12");
  expect(device("telnet.banner", "\r\nAC-740N login: ")).toBe("Acme AC-740N");
  expect(device("ftp.banner", "Acme AC-7 FTP server ready")).toBe("Acme AC-7");
});

test.each(["AC-", "XAC-300", "AC-link", "AC-3.2", "AC-300.example.net", "Road Runner", "Trap 91", "COYOTE"])(
  "%j is no model",
  (text) => expect(title(text)).toBeNull(),
);

test("of a challenge only the realm is read", () => {
  expect(device("http.wwwAuthenticate", 'Digest realm="AC-300", nonce="9"')).toBe("Acme AC-300");
  expect(device("http.wwwAuthenticate", 'Digest realm="Home", nonce="AC-300"')).toBeNull();
});

test("where a maker makes nothing but devices, any word with a number behind the name is one", () => {
  expect(title("Wile Network Camera BX-20")).toBe("Wile Network Camera BX-20");
  expect(title("Wile 7960")).toBe("Wile 7960");
  expect(device("http.wwwAuthenticate", 'Basic realm="WILE"')).toBe("Wile");
  expect(title("Acme")).toBeNull();
  for (const text of ["Wile 3.1", "Wile support", "Acme ZX-20", "Wile 7"]) expect(title(text)).toBeNull();
});

test("in a greeting the bare name of such a maker before the service's is a device", () => {
  expect(device("ftp.banner", "WILE FTP server ready.")).toBe("Wile");
  expect(device("telnet.banner", "Wile Terminal Server\r\nlogin:")).toBe("Wile");
  expect(title("Wile login")).toBeNull();
  for (const text of ["Acme FTP server ready", "wile.example.net FTP server", "Wile E. FTP server"])
    expect(device("ftp.banner", text)).toBeNull();
});

test("a description is read where it begins with the series or names its maker", () => {
  expect(device("snmp.sysDescr", "AC-300 Gigabit Switch")).toBe("Acme AC-300");
  expect(device("snmp.sysDescr", "Gigabit Switch AC-300 by Acme")).toBe("Acme AC-300");
  expect(device("snmp.sysDescr", "Other Networks AC-300")).toBeNull();
  expect(device("snmp.sysDescr", "Linux AC-300 5.4.0")).toBeNull();
  expect(device("sip.server", "AC-300 2.1")).toBe("Acme AC-300");
});

test("every series of the built-in file is read as its maker's, unless a longer one is", () => {
  const file = models as ModelsFile;
  const read = modelReader(file);
  for (const [maker, list] of Object.entries(file))
    for (const mark of list) {
      const text = mark === "*" ? `${maker} XB-100` : mark.replace(/\*$/, "100");
      expect(read(text)?.maker, text).toBe(maker);
    }
});
