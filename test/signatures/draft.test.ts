import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Observation, storeResponse } from "../../lib/model/observation.ts";
import { draftSignatures } from "../../lib/signatures/draft.ts";
import { matchResponse } from "../../lib/signatures/evaluate-probes.ts";
import { freshBudget } from "../../lib/signatures/pattern.ts";
import { parseServiceProbes } from "../../lib/signatures/service-probes-read.ts";
import { probeNamed } from "./probe-named.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
type Heard = { probe: string; data: Uint8Array; tls?: boolean };

function observation(
  heard: Heard[],
  transport: "tcp" | "udp" = "tcp",
): Pick<Observation, "endpoint" | "responses"> {
  return {
    endpoint: { host: "198.51.100.7", hostname: "db7.internal", port: 4711, transport },
    responses: heard.map(({ probe, data, tls = false }, connection) =>
      storeResponse({ probe, tls, data, firstByteMs: 1, end: "quiet", connection }),
    ),
  };
}
const request = (probe: string) => (probe === "secret" ? null : bytes(`${probe}\r\n\0|\\`));
const draft = (...heard: Heard[]) => draftSignatures(observation(heard), request);
const banner = (text: string) => draft({ probe: "NULL", data: bytes(text) });
const lineOf = (text: string) => text.split("\n").find((line) => /^(?:soft)?match /.test(line)) ?? "";

/** What the drafted file says to the answer. */
function matched(text: string, { probe, data }: Heard, transport: "tcp" | "udp" = "tcp") {
  const file = parseServiceProbes(text, "draft");
  expect([...file.refused, ...file.warnings]).toEqual([]);
  const owner = probeNamed(file, probe, transport);
  return owner && matchResponse(owner, data, freshBudget());
}

describe("a drafted signature", () => {
  test("captures a version, names the word before it, and fits the next version too", () => {
    const text = banner("220 AcmeDoor/2.14.3 ready\r\n");
    expect(lineOf(text)).toBe("match unknown m|^220 AcmeDoor/(\\d[\\w.+~-]*) ready\\r\\n| p/AcmeDoor/ v/$1/");
    const next = { probe: "NULL", data: bytes("220 AcmeDoor/3.0-beta2 ready\r\n") };
    expect(matched(text, next)?.fields).toMatchObject({ product: "AcmeDoor", version: "3.0-beta2" });
    expect(matched(text, { probe: "NULL", data: bytes("220 Other/3.0 ready\r\n") })).toBeNull();
  });

  test("captures a host name, and generalises addresses, dates, times and ids", () => {
    const text = banner(
      "* mail.corp.example.org acmed v4.2 [10.1.2.3] Sat, 21 Nov 2026 03:04:05 +0000 <8271.1762394885@x> id=9f86d081884c7d65\r\n",
    );
    const other =
      "* mx2.shop.example.com acmed v5.10 [192.168.1.77] Mon, 1 Dec 2025 23:59:59 GMT <12.999999@x> id=00112233aabbccdd\r\n";
    expect(matched(text, { probe: "NULL", data: bytes(other) })?.fields).toMatchObject({
      hostname: "mx2.shop.example.com",
      version: "5.10",
    });
    expect(text).not.toMatch(/example|10\.1|2026|9f86/);
  });

  test("does not tell whom it was drafted from", () => {
    const text = banner("Welcome to db7.internal (198.51.100.7), have fun\r\n");
    expect(text).not.toContain("198.51.100.7");
    expect(text).not.toContain("db7");
    expect(
      matched(text, { probe: "NULL", data: bytes("Welcome to srv9 (::1), have fun\r\n") }),
    ).not.toBeNull();
  });

  test("uses the beginning of what is not text, and keeps status codes", () => {
    const binary = bytes(`\x02\x00|\\\xff\x00\x01${"\x81".repeat(100)}`);
    expect(lineOf(draft({ probe: "NULL", data: binary }))).toMatch(
      /^match unknown m\|\^\\x02\\x00\\x7c\\\\\\xff\\x00\\x01(?:\\x81){25}\|$/,
    );
    expect(lineOf(banner("501 huh?\r\n"))).toContain("^501 huh\\?");
  });

  test("is soft where little is fixed, with an end where the end is known", () => {
    expect(lineOf(banner("OK"))).toBe("softmatch unknown m|^OK$|");
    expect(lineOf(banner("1762394885"))).toBe("softmatch unknown m|^\\d+|");
  });

  test("stands under its probe, with what that sends and its port; NULL first", () => {
    const text = draft(
      { probe: "hello", data: bytes("hello yourself\n"), tls: true },
      { probe: "NULL", data: bytes("greetings\n") },
      { probe: "quiet", data: bytes("") },
    );
    expect(text).toContain("# hello on 4711/tcp inside TLS: 15 bytes");
    expect(text.indexOf("Probe TCP NULL q||")).toBeLessThan(text.indexOf("Probe TCP hello"));
    expect(text).toContain("sslports 4711");
    expect(text).not.toContain("quiet");
    const file = parseServiceProbes(text, "draft");
    expect(Buffer.from(file.probes[0]!.data)).toEqual(Buffer.from(request("hello")!));
  });

  test("is a comment where nobody knows what was sent", () => {
    const text = draft({ probe: "secret", data: bytes("the answer\n") });
    expect(text).toContain("# match unknown m|^the answer\\n|");
    expect(parseServiceProbes(text, "draft")).toMatchObject({ probes: [], refused: [] });
    const udp = draftSignatures(observation([{ probe: "NULL", data: bytes("x") }], "udp"), () => null);
    expect(parseServiceProbes(udp, "draft").refused).toEqual([]);
  });

  test("joins answers to one probe that begin alike", () => {
    const text = draft(
      { probe: "hello", data: bytes("session alpha opened\n") },
      { probe: "hello", data: bytes("session beta opened\n") },
    );
    expect(text.split("\n").filter((line) => line.startsWith("match"))).toEqual([
      "match unknown m|^session |",
    ]);
  });
});

describe("whatever was heard", () => {
  const word = fc.constantFrom(
    ...[
      "Acme",
      "v1.2.3",
      "1.2.3.4",
      "mail.example.org",
      "a.b.c.de",
      "12:30",
      "2026-11-21T03:04:05Z",
      "db7.internal",
    ],
    ...[
      "Sat Nov 21 03:17:36 2026",
      "deadbeef01234567",
      "99999999",
      "|",
      "\\",
      "$1",
      "(x)",
      "-",
      "1.2.3.",
      "..",
      "\0",
    ],
    ...[
      "550e8400-e29b-41d4-a716-446655440000",
      "QWxhZGRpbjpvcGVuIHNlc2FtZQ0=",
      "\r\n",
      "\n",
      "Mon, 1 Jan 2024 1:02",
    ],
  );
  const prose = fc.array(fc.tuple(word, fc.constantFrom(" ", "", "/", ":", "-", ".")), { maxLength: 30 });
  const answer = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    prose.map((words) => bytes(words.flat().join(""))).filter((data) => data.length > 0),
    fc.string({ minLength: 1, maxLength: 200 }).map((text) => new Uint8Array(Buffer.from(text))),
  );

  test("the draft is a file without a fault, and matches what it was drafted from", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ probe: fc.constantFrom("NULL", "hello", "help.2"), data: answer }), {
          minLength: 1,
          maxLength: 4,
        }),
        (heard) => {
          const text = draft(...heard);
          for (const one of heard) expect(matched(text, one)).not.toBeNull();
          expect(text).toMatch(/^[\n\x20-\x7e]*$/);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("over UDP as well", () => {
    fc.assert(
      fc.property(answer, (data) => {
        const text = draftSignatures(observation([{ probe: "ask", data }], "udp"), request);
        expect(matched(text, { probe: "ask", data }, "udp")).not.toBeNull();
      }),
    );
  });
});
