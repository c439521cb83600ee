import { describe, expect, test } from "vitest";
import { matchResponse } from "../../lib/signatures/evaluate-probes.ts";
import { freshBudget } from "../../lib/signatures/pattern.ts";
import { parseServiceProbes } from "../../lib/signatures/service-probes-read.ts";
import { probeNamed } from "./probe-named.ts";

function answer(lines: string[], probe: string, text: string) {
  const file = parseServiceProbes(lines.join("\n"), "test");
  expect(file.refused).toEqual([]);
  const sent = probeNamed(file, probe, "tcp");
  return sent && matchResponse(sent, Buffer.from(text, "latin1"), freshBudget());
}

describe("matching a response", () => {
  test("the worked example of the specification", () => {
    const line =
      'match x m=^A\\0(\\w+) ([\\d,]+)=s p/Foo $1/ v/$SUBST(2,",",".")/ cpe:/a:acme:$1:$SUBST(2,",",".")/a';
    const found = answer(["Probe TCP NULL q||", line], "NULL", "\x41\0\x42\x6f\x62\x20\x31\x2c\x32");
    expect(found?.fields).toMatchObject({ product: "Foo Bob", version: "1.2", cpe: ["cpe:/a:acme:bob:1.2"] });
  });

  test("an unset group empties the fields that name it; the match stands", () => {
    const line = "match x m=^A\\0(\\w+)? ([\\d,]+)= p/Foo $1/ v/$2/ cpe:/a:acme:$1/";
    const found = answer(["Probe TCP NULL q||", line], "NULL", "A\0 1");
    expect(found?.match.service).toBe("x");
    expect(found?.fields).toMatchObject({ product: null, version: "1", cpe: [] });
  });

  test("lines are tried in file order, whatever the prefilter found first", () => {
    const lines = ["Probe TCP NULL q||", "match a m|.|s", "match b m|^220 exact|", "match c m|220|"];
    expect(answer(lines, "NULL", "220 exact")?.match.service).toBe("a");
  });

  test("an earlier softmatch hides a later hard line, and the fallbacks", () => {
    const lines = [
      "Probe TCP NULL q||",
      "match ftp m|^220 .*FTP|",
      "Probe TCP Help q|HELP\\r\\n|",
      "softmatch smtp m|^220 |",
      "match smtp m|^220 .*ESMTP| p/x/",
    ];
    const found = answer(lines, "Help", "220 host ESMTP FTP\r\n");
    expect([found?.soft, found?.match.service, found?.fields.product]).toEqual([true, "smtp", null]);
  });

  test("a banner that comes late still meets the lines of NULL", () => {
    const lines = [
      "Probe TCP NULL q||",
      "match ftp m|^220 |",
      "Probe TCP Help q|HELP\\r\\n|",
      "match x m|^x|",
    ];
    const found = answer(lines, "Help", "220 hi\r\n");
    expect([found?.match.service, found?.match.line]).toEqual(["ftp", 2]);
  });

  test("NULL's banner and the next answer on the same connection are matched together", () => {
    const lines = [
      "Probe TCP NULL q||",
      "Probe TCP Help q|HELP\\r\\n|",
      "match ftp m|^220 (\\S+)\\r\\n214 | h/$1/",
    ];
    expect(answer(lines, "Help", "220 hi\r\n214 ok\r\n")?.fields.hostname).toBe("hi");
  });

  test("a line that runs out of steps does not match, and the search goes on", () => {
    const lines = ["Probe TCP NULL q||", "match slow m|^(?:a+)+[bc]$|", "match a m|^a|"];
    expect(answer(lines, "NULL", "a".repeat(5000))?.match.service).toBe("a");
  });

  test("nothing fits: null", () => {
    expect(answer(["Probe TCP NULL q||", "match a m|x|"], "NULL", "y")).toBeNull();
    expect(answer(["Probe TCP NULL q||", "match a m|x|"], "NULL", "")).toBeNull();
  });
});
