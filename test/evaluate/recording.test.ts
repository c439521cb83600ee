import { expect, test } from "vitest";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { shortened } from "../lab/observations.ts";

const knowledge = { protocols, packs: [builtinPack()] };
const endpoint = { host: "127.0.0.1", hostname: null, transport: "tcp", port: 9117 } as const;

/** How many bytes are kept of a page of metrics that is 60 kB long and tells its version behind so many. */
function kept(versionAt: number): number | undefined {
  const before = "# HELP go_goroutines Number of goroutines that currently exist.\n";
  const info = '\nhaproxy_exporter_build_info{branch="",revision="",version="0.14.0"} 1\n';
  const metrics = before.padEnd(versionAt, "x") + info.padEnd(60_000 - versionAt, "y");
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n";
  const data_b64 = Buffer.from(head + metrics).toString("base64");
  const response = { probe: "http.hint.exporter", tls: false, data_b64, firstByteMs: 1, connection: 0 };
  const responses = [{ ...response, end: "eof" as const }];
  return shortened({ endpoint, tls: null, responses }, knowledge)[0]?.data_b64.length;
}
const base64 = (bytes: number) => Math.ceil(bytes / 3) * 4;

test("of an answer so much is recorded as names the door and its version", () => {
  expect(kept(500)).toBe(base64(2048));
  expect(kept(6_000)).toBe(base64(8192));
  expect(kept(50_000)).toBeGreaterThan(base64(50_000));
});
