import { expect, test } from "vitest";
import type { Result } from "../../lib/model/fingerprint.ts";
import { keptResult, packResult } from "../../lib/scan/kept-result.ts";

const result = {
  type: "endpoint",
  host: "127.0.0.1",
  product: "vsftpd",
  version: "3.0.3",
  info: null,
  evidence: Array.from({ length: 12 }, (_, i) => ({
    source: `ftp.answer${i}`,
    family: "banner",
    claim: { product: "vsftpd", version: "3.0.3" },
    weight: 5,
    excerpt: "220 (vsFTPd 3.0.3) ünd 漢字",
    signature: "builtin:ftp/vsftpd",
  })),
} as unknown as Result;

test("a result is the same again, in a fraction of its size", () => {
  const packed = packResult(result);
  expect(keptResult(packed)).toEqual(result);
  expect(packed.length).toBeLessThan(JSON.stringify(result).length / 3);
});

test("what an earlier release kept as a map is read, and nothing is null", () => {
  expect(keptResult(result)).toEqual(result);
  expect(keptResult(undefined)).toBeNull();
});
