/** Decoders of binary answers before damage of any kind: they end, throw nothing, and keep no more than they say. */
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { certificateFacts } from "../../lib/protocols/certificate.ts";
import { messageOf, parseMessage, readName } from "../../lib/protocols/dns-message.ts";
import { parsePortmapDump, portmapLines } from "../../lib/protocols/portmapper.ts";
import { helloHash, parseAlert, parseServerHello, startsServerHello } from "../../lib/protocols/tls-hello.ts";
import { dumpResults, words } from "../detect/rpc-server.ts";
import { certified } from "../net/servers.ts";

/** A few bytes changed, then cut, or with something behind it. */
const damaged = (whole: Uint8Array) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(whole.length),
      fc.uint8Array({ maxLength: 40 }),
    )
    .map(([changes, cut, tail]) => {
      const bytes = Buffer.from(whole);
      for (const [at, byte] of changes) bytes[at] = byte;
      return Buffer.concat([bytes.subarray(0, whole.length - cut), tail]);
    });

describe("certificates", () => {
  let der: Buffer;
  beforeAll(() => {
    const pair = certified("doorplate.test");
    der = new X509Certificate(pair.cert).raw;
    pair.remove();
  });

  test("damaged ones give facts of one character a byte, or none", () => {
    expect(certificateFacts(der).length).toBeGreaterThan(4);
    fc.assert(
      fc.property(damaged(der), (bytes) => {
        for (const { value } of certificateFacts(bytes)) expect(value).not.toMatch(/[^\0-\xff]/);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a TLS server's hello", () => {
  /** TLS 1.3 ServerHello (RFC 8446 section 4.1.3) with supported_versions and key_share, in one record. */
  const extensions = Buffer.from(`002b0002030400330024001d0020${"09".repeat(32)}`, "hex");
  const body = Buffer.concat([
    Buffer.from(`0303${"07".repeat(32)}00130100`, "hex"),
    Buffer.from([0, extensions.length]),
    extensions,
  ]);
  const message = Buffer.concat([Buffer.from([2, 0, 0, body.length]), body]);
  const hello = Buffer.concat([Buffer.from([22, 3, 3, 0, message.length]), message]);

  test("is read whole", () => {
    expect(parseServerHello(hello)).toMatchObject({ version: 0x0304 });
  });

  test("damaged, is no hello or one whose hash is 16 digits", () => {
    fc.assert(
      fc.property(fc.oneof(damaged(hello), fc.uint8Array({ maxLength: 200 })), (bytes) => {
        startsServerHello(bytes);
        parseAlert(bytes);
        const read = parseServerHello(bytes);
        if (read) expect(helloHash(read)).toMatch(/^[0-9a-f]{16}$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a port mapper's list", () => {
  const entry = fc.record({
    program: fc.nat(0xffff_ffff),
    version: fc.nat(0xffff_ffff),
    protocol: fc.constantFrom(6, 17, 99),
    port: fc.nat(65_535),
  });

  test("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 50 }), (entries) => {
        expect(parsePortmapDump(words(...dumpResults(entries)))).toEqual(entries);
      }),
    );
  });

  test("damaged or endless, is bounded", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(0, 1), fc.nat(0xffff_ffff)), { maxLength: 60 }),
        (list) => {
          const read = parsePortmapDump(words(...list));
          expect(portmapLines(read ?? []).length).toBeLessThanOrEqual(read?.length ?? 0);
        },
      ),
    );
    const endless = words(...Array.from({ length: 3_000 }, (_, i) => [1, i, 1, 6, 1]).flat());
    expect(parsePortmapDump(endless)).toHaveLength(1_024);
    expect(portmapLines(parsePortmapDump(endless) ?? [])).toHaveLength(256);
  });
});

describe("DNS", () => {
  test("names made of pointers end, and are no longer than names may be", () => {
    const label = fc
      .uint8Array({ minLength: 1, maxLength: 63 })
      .map((bytes) => Buffer.concat([Buffer.from([bytes.length]), bytes]));
    const pointer = fc.nat(0x3fff).map((at) => words((0xc000 | at) * 0x10000).subarray(0, 2));
    const piece = fc.oneof(label, pointer, fc.constant(Buffer.from([0])));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(400), (pieces, offset) => {
        const read = readName(Buffer.concat(pieces), offset);
        // 255 bytes on the wire; what cannot be shown is escaped to four characters a byte at most.
        if (read) expect(read.name.length).toBeLessThanOrEqual(4 * 255);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a message that claims more records than it holds is read as far as it goes, or not at all", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.nat(0xffff),
        fc.nat(0xffff),
        (tail, questions, answers) => {
          const head = Buffer.from([0, 7, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
          head.writeUInt16BE(questions, 4);
          head.writeUInt16BE(answers, 6);
          const bytes = Buffer.concat([head, tail]);
          messageOf(bytes);
          const read = parseMessage(bytes);
          if (read) expect(JSON.stringify(read).length).toBeLessThan(65_536);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
