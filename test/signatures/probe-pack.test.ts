import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { InputError } from "../../lib/model/errors.ts";
import { cpe22 } from "../../lib/registry/cpe.ts";
import { cpe23FromUri } from "../../lib/signatures/cpe-uri.ts";
import { matchResponse } from "../../lib/signatures/evaluate-probes.ts";
import { freshBudget } from "../../lib/signatures/pattern.ts";
import { compileProbePack, loadProbePack, probeByName } from "../../lib/signatures/probe-pack.ts";
import { parseServiceProbes } from "../../lib/signatures/service-probes-read.ts";

const FILE = [
  "Exclude T:9100-9107,U:5",
  "Probe TCP NULL q||",
  "totalwaitms 6000",
  "tcpwrappedms 3000",
  "match ssh m|^SSH-([\\d.]+)-(\\S+)| p/Shell/ v/$2/ i/protocol $1/ cpe:/a:acme:shell:$2/a cpe:/o:acme:os/",
  "softmatch ftp m|^220 |",
  "match high m|^\xff\xfe\\xfd|s p/\xe9/",
  "Probe TCP Get q|GET / HTTP/1.0\\r\\n\\r\\n| no-payload",
  "rarity 1",
  "ports 80,8000-8100",
  "sslports 443",
  "fallback Other",
  "match http m|^HTTP/1.[01] .*server: acme|is p/Acme/ h/$1/ d/box/ o/Thing/",
  "match late m|anywhere|",
  "Probe UDP Other q|\\x00\\xff|",
  "match dns m|^..\\x80|s",
].join("\n");

describe("a compiled pack", () => {
  const compiled = compileProbePack(FILE, "made-up");
  const pack = loadProbePack(compiled.bytes);
  const parsed = parseServiceProbes(FILE, "made-up");

  test("has the probes of the file, with everything but their lines at once", () => {
    expect(compiled.refused).toEqual([]);
    expect(pack.counts).toEqual({ probes: 3, matches: 5, softmatches: 1 });
    expect(pack.exclude).toEqual(parsed.exclude);
    const plain = ({
      data,
      name,
      transport,
      ports,
      sslPorts,
      rarity,
      totalWaitMs,
      tcpWrappedMs,
    }: (typeof parsed.probes)[number]) => ({
      data: [...data],
      name,
      transport,
      ports,
      sslPorts,
      rarity,
      totalWaitMs,
      tcpWrappedMs,
    });
    expect([pack.nullProbe, ...pack.probes].flatMap((probe) => (probe ? plain(probe) : []))).toEqual(
      [parsed.nullProbe, ...parsed.probes].flatMap((probe) => (probe ? plain(probe) : [])),
    );
    expect(probeByName(pack, "Get", "tcp")?.fallback.map(({ name }) => name)).toEqual([
      "Get",
      "Other",
      "NULL",
    ]);
    expect(pack.nullProbe?.services).toEqual(new Set(["ssh", "ftp", "high"]));
  });

  test.each([
    ["NULL", "SSH-2.0-x_1.2\r\n"],
    ["NULL", "220 hi"],
    ["NULL", "\xff\xfe\xfd"],
    ["Get", "HTTP/1.0 200 OK\r\nSERVER: ACME"],
    ["Get", "is it anywhere?"],
    ["Get", "SSH-2.0-late\r\n"],
    ["Get", "nothing"],
  ])("%s answers %j as the file itself does", (name, text) => {
    const from = (probe: Parameters<typeof matchResponse>[0] | null | undefined) => {
      const found = probe && matchResponse(probe, text, freshBudget());
      return found && [found.match.service, found.match.line, found.soft, found.fields, found.text];
    };
    const own = name === "NULL" ? parsed.nullProbe : parsed.probes.find((probe) => probe.name === name);
    expect(from(probeByName(pack, name, "tcp"))).toEqual(from(own));
  });

  test("is named by its own digest, the same for the same file", () => {
    expect(compileProbePack(FILE, "made-up").digest).toBe(compiled.digest);
    expect(pack.digest).toBe(compiled.digest);
    expect(compileProbePack(`${FILE}\n`.replace("Shell", "Shall"), "made-up").digest).not.toBe(
      compiled.digest,
    );
  });

  test("leaves out what was refused, and says where and why", () => {
    const { refused, counts } = compileProbePack("Probe TCP NULL q||\nmatch x m|(|\nmatch y m|y|", "made-up");
    expect(refused).toMatchObject([{ line: 2, column: 11 }]);
    expect(counts.matches).toBe(1);
  });

  test("is not believed when it is something else", () => {
    expect(() => loadProbePack(Buffer.from("no gzip"))).toThrow(InputError);
    expect(() => loadProbePack(gzipSync(Buffer.from([0, 0, 0, 9, 1, 2])))).toThrow(InputError);
    const other = Buffer.from(JSON.stringify({ format: 0 }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(other.length);
    expect(() => loadProbePack(gzipSync(Buffer.concat([length, other])))).toThrow(/another version/);
  });
});

describe("CPE names of a file", () => {
  test.each([
    ["cpe:/a:openbsd:openssh:9.2p1", "cpe:2.3:a:openbsd:openssh:9.2p1:*:*:*:*:*:*:*"],
    ["cpe:/o:linux:linux_kernel", "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*"],
    ["cpe:/h:acme:box%2f2::rev-b", "cpe:2.3:h:acme:box\\/2:*:rev-b:*:*:*:*:*:*"],
    ["cpe:/a:acme:c%2b%2b:1.0", "cpe:2.3:a:acme:c\\+\\+:1.0:*:*:*:*:*:*:*"],
  ])("%s is %s, and the way back is the same name", (uri, formatted) => {
    expect(cpe23FromUri(uri)).toBe(formatted);
    expect(cpe22(formatted)).toBe(uri);
  });
});
