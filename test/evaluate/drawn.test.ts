import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { NO_VERDICT } from "../../lib/model/fingerprint.ts";
import type { Compare } from "./corpus.ts";
import { DRAWN, readDrawn } from "./drawn.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function folderWith(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "doorplate-drawn-"));
  folders.push(folder);
  writeFileSync(join(folder, "a.txt"), text);
  return folder;
}
/** Names are the same when they are equal: how the corpus compares them is the corpus' own business. */
const equal: Compare = {
  sameService: (a, b) => a === b,
  squash: (name) => name,
  compareProduct: ({ product }, said) => ({ match: product === said.product }),
  compareVersion: (a, b) => ({ exact: a === b }),
};
const claim = (product: string | null, version: string | null = null) => ({
  ...NO_VERDICT,
  product,
  version,
});

describe("lines drawn from memory", () => {
  test("stand in an answer of their kind, and any of their names is right", () => {
    const [one, ...others] = readDrawn(
      equal,
      folderWith("# ssh.banner\ndropbear_2022.83 => Dropbear ~ Dropbear SSH; Matt Johnston; 2022.83\n"),
    );
    expect(others).toEqual([]);
    expect(Buffer.from(one!.responses[0]!.data).toString()).toBe("SSH-2.0-dropbear_2022.83\r\n");
    expect(one!.judge(claim("Dropbear SSH", "2022.83"))).toMatchObject({ product: true, version: true });
    expect(one!.judge(claim("Dropbear", "2022"))).toMatchObject({ product: true, version: false });
    expect(one!.judge(claim("OpenSSH"))).toMatchObject({ product: false, version: null });
    expect(one!.judge(claim(null)).product).toBeNull();
  });

  test("that name nothing make every name wrong", () => {
    const [one] = readDrawn(equal, folderWith("# http.title\nWelcome =>\n"));
    expect(one!.judge(claim("nginx"))).toMatchObject({ product: false, asks: { product: false } });
  });

  test("have a kind that is known", () => {
    expect(() => readDrawn(equal, folderWith("a => b\n"))).toThrow('a.txt:1: no "# kind" stands above it');
    expect(() => readDrawn(equal, folderWith("# http.titel\na => b\n"))).toThrow(
      "no place is called http.titel",
    );
  });

  test("are thousands, of every kind that is asked for over the wire", () => {
    const all = readDrawn(equal, DRAWN);
    expect(all.length).toBeGreaterThan(5000);
    expect(new Set(all.map(({ kind }) => kind))).toContain("telnet.banner");
  });
});
