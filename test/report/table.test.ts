import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASKED_LESS_FLAG } from "../../lib/model/fingerprint.ts";
import { writerFor } from "../../lib/report/index.ts";
import { columnsFor, serviceText } from "../../lib/report/table.ts";
import { closed, emptySummary, hostile, NASTY, result, summary, udpGuess, write } from "./sample.ts";

const table = (...args: Parameters<typeof write> extends [unknown, ...infer Rest] ? Rest : never) =>
  write(writerFor("table"), ...args);

describe("the table", () => {
  it("shows one aligned row per open port, and the summary", () => {
    const text = table([
      result(),
      result({ port: 443, tls: true, info: "Ubuntu", confidence: 0.9996 }),
      udpGuess,
      closed,
    ]);
    expect(text).toMatchInlineSnapshot(`
      "HOST                   PORT       SERVICE         PRODUCT             VERSION            CONFIDENCE
      192.0.2.1              80/tcp     http            nginx               1.22.1             97%
      192.0.2.1              443/tcp    ssl/http        nginx               1.22.1 (Ubuntu)    99%
      2001:db8::53           53/udp     domain?                                                60%

      scan scan-0001 done
      1,000 endpoints on 1 address: 1 fingerprinted, 989 closed, 10 filtered
      12.3 s, cost $0.0021
      "
    `);
  });

  it("says of a host that is silent on many ports how many of them were asked less", () => {
    const flags = [ASKED_LESS_FLAG];
    const text = table([result({ flags }), result({ port: 81, flags }), result({ port: 82 })]);
    expect(text).toContain("192.0.2.1 accepts and says nothing on many ports: 2 were asked only for");
  });

  it("shows conflicts, flags and script output below the row that they are about", () => {
    const text = table([
      result({
        conflicts: [
          {
            field: "product",
            claimed: "nginx",
            against: "Microsoft IIS",
            signatures: ["builtin:http.server/iis"],
          },
        ],
        flags: ["tarpit", "serial"],
        scripts: [{ id: "http-title", output: "Welcome\nto nginx\n" }, { unknown: true }, null],
      }),
    ]);
    expect(text.split("\n").slice(2, 6)).toMatchInlineSnapshot(`
      [
        "  → conflict: product nginx, but builtin:http.server/iis says Microsoft IIS",
        "  → flags: tarpit, serial (one client at a time)",
        "  → http-title: Welcome",
        "  → http-title: to nginx",
      ]
    `);
  });

  it("shows the service fingerprint of what an operator's file does not know, nine of a host at most", () => {
    const unknown = (port: number, product: string | null = null) =>
      result({ port, product, servicefp: `SF-Port${port}-TCP:V=1%r(\nSF:NULL,1,"a");` });
    const text = table([
      unknown(1),
      unknown(2, "nginx"),
      ...Array.from({ length: 12 }, (_, i) => unknown(i + 3)),
    ]);
    expect(text.split("\n").slice(2, 5)).toEqual([
      "  → not in the file; its service fingerprint:",
      "SF-Port1-TCP:V=1%r(",
      'SF:NULL,1,"a");',
    ]);
    const shown = [...text.matchAll(/SF-Port(\d+)/g)].map(([, port]) => Number(port));
    expect(shown).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("shows the evidence when asked for it", () => {
    const text = table([result({ device: "router", reportedHostname: "gate" })], summary(), {
      showEvidence: true,
    });
    expect(text.split("\n").slice(2, 4)).toMatchInlineSnapshot(`
      [
        "  → os Linux, device router, calls itself gate, with PHP 8.2.7, cpe:2.3:a:f5:nginx:1.22.1:*:*:*:*:*:*:*",
        "  +3.1  http.server  "nginx/1.22.1"  builtin:http.server/nginx",
      ]
    `);
    expect(table([result()])).not.toContain("builtin:");
  });

  it("shows every endpoint with its outcome when asked for all", () => {
    const rows = table([result(), closed], summary(), { showAll: true }).split("\n");
    expect(rows[2]).toMatch(/^192\.0\.2\.1 +81\/tcp +unknown +closed$/);
  });

  it("tells the address of a name once, and again when it changes", () => {
    const named = (host: string, port: number) => result({ hostname: "www.example.com", host, port });
    const rows = table([named("192.0.2.1", 80), named("192.0.2.1", 443), named("192.0.2.2", 80)]).split("\n");
    expect(
      rows.slice(1, 6).map((row) =>
        row
          .replace(/ {2}http .*/, "")
          .trimEnd()
          .replace(/(?<=\S) {2,}/, "  "),
      ),
    ).toEqual([
      "www.example.com  80/tcp",
      "  → at 192.0.2.1",
      "www.example.com  443/tcp",
      "www.example.com  80/tcp",
      "  → at 192.0.2.2",
    ]);
  });

  it("gives a host that is too long for its column a line of its own", () => {
    const host = "2001:db8:1111:2222:3333:4444:5555:6666";
    const narrow = table([result({ host })], summary(), { width: 80 }).split("\n");
    expect(narrow[1]).toBe(host);
    expect(narrow[2]).toMatch(/^ {17}80\/tcp {5}http/);
    expect(table([result({ host })], summary(), { width: 200 })).toMatch(new RegExp(`^${host} +80/tcp`, "m"));
  });

  it("says so when nothing was found", () => {
    expect(table([], emptySummary)).toBe(
      "No open ports.\n\nscan scan-0001 done\n0 endpoints on 0 addresses: nothing ended yet\n0.0 s, cost $0\n",
    );
    expect(table([closed], emptySummary)).toMatch(/^No open ports\.\n/);
  });

  it("does not say so when all was shown before: a scan that is resumed at its end", () => {
    expect(table([])).toMatch(
      /^No open port that was not shown before; all of them: doorplate report scan-0001\.\n/,
    );
  });

  it("says why a scan is incomplete", () => {
    const text = table([], summary({ status: "incomplete", cause: "deadline", outcomes: { expired: 1000 } }));
    expect(text).toContain("scan scan-0001 incomplete: deadline\n");
    expect(text).toContain(": 1,000 expired\n");
  });

  it("colours only when asked to", () => {
    expect(table([result({ flags: ["tarpit"] })])).not.toContain("\x1b");
    expect(table([result({ flags: ["tarpit"] })], summary(), { color: true })).toContain(
      "\x1b[33m  → flags: tarpit",
    );
  });

  it("sends no control character of the peer to the terminal", () => {
    const text = table([hostile], summary({ cause: NASTY }), { showEvidence: true, showAll: true });
    expect(text).toMatch(/^[\x20-\x7e\n→…]*$/);
    expect(text.split("\n")).toHaveLength(13);
    expect(text).toContain(".[2J..");
  });

  it("keeps every column in its place whatever the peer says", () => {
    const anything = fc.string({ unit: "binary", maxLength: 80 });
    fc.assert(
      fc.property(
        anything,
        anything,
        anything,
        fc.integer({ min: 20, max: 250 }),
        (service, product, version, width) => {
          const text = table([result({ service, product, version })], summary(), { width });
          const columns = columnsFor(width);
          const [head = "", row = ""] = text.split("\n");
          const start = head.indexOf("CONFIDENCE");
          expect(row.slice(start)).toBe("97%");
          expect(row.slice(columns.host, columns.host + 8)).toBe("  80/tcp");
        },
      ),
    );
  });
});

describe("the columns", () => {
  it("fill a terminal of 80 and grow with it, but not without end", () => {
    const total = (width: number) => Object.values(columnsFor(width)).reduce((a, b) => a + b) + 5 * 2 + 10;
    expect(total(80)).toBe(80);
    for (let width = 80; width < 160; width++) expect(total(width)).toBeLessThanOrEqual(width);
    expect(columnsFor(10_000).host).toBe(39);
    expect(columnsFor(10)).toEqual(columnsFor(80));
  });
});

describe("the service column", () => {
  const base = { tls: false, service: "domain", method: "table", state: "open" } as const;
  it("marks what only the port number says with `?`, as Nmap does", () => {
    expect(serviceText(base)).toBe("domain?");
    expect(serviceText({ ...base, method: "probed" })).toBe("domain");
    expect(serviceText({ ...base, tls: true })).toBe("ssl/domain?");
    expect(serviceText({ ...base, state: "open|filtered" })).toBe("domain");
    expect(serviceText({ ...base, service: null })).toBe("unknown");
    expect(serviceText({ ...base, service: "unknown", tls: true })).toBe("ssl/unknown");
  });
});
