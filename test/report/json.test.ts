import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resultSchema } from "../../lib/model/fingerprint.ts";
import { writerFor } from "../../lib/report/index.ts";
import { closed, emptySummary, hostile, result, summary, udpGuess, write } from "./sample.ts";

/** The order of DESIGN section 4. */
const CONTRACT =
  "type host hostname port transport outcome state reason tls service method product vendor version info " +
  "reportedHostname os device cpe confidence confidences technologies conflicts flags scripts findings servicefp " +
  "evidence packs observedAt cached scanId cause";

describe("JSONL", () => {
  it("has one line per open endpoint and the summary at the end", () => {
    const lines = write(writerFor("jsonl"), [result(), closed, udpGuess]).split("\n");
    expect(lines.slice(0, 3).map((line) => JSON.parse(line).type)).toEqual([
      "endpoint",
      "endpoint",
      "summary",
    ]);
    expect(lines.slice(3)).toEqual([""]);
    expect(resultSchema.parse(JSON.parse(lines[1]!))).toEqual(udpGuess);
    expect(lines[2]).toMatch(/^\{"type":"summary","scanId":"scan-0001",/);
    expect(JSON.parse(lines[2]!)).toEqual(summary());
  });

  it("writes the fields in the order of the contract, whatever their order was", () => {
    const shuffled = Object.fromEntries(Object.entries(result()).reverse()) as ReturnType<typeof result>;
    const [line = ""] = write(writerFor("jsonl"), [shuffled]).split("\n");
    expect(Object.keys(JSON.parse(line)).join(" ")).toBe(CONTRACT);
  });

  it("has every endpoint when asked for all", () => {
    const lines = write(writerFor("jsonl"), [result(), closed], summary(), { showAll: true }).split("\n");
    expect(JSON.parse(lines[1]!).outcome).toBe("closed");
  });

  it("is only the summary when nothing was found", () => {
    expect(JSON.parse(write(writerFor("jsonl"), [], emptySummary))).toEqual(emptySummary);
  });

  it("keeps hostile text, without a raw control character", () => {
    const text = write(writerFor("jsonl"), [hostile]);
    expect(text).toMatch(/^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]*$/);
    expect(text.trimEnd().split("\n")).toHaveLength(2);
    expect(JSON.parse(text.split("\n")[0]!)).toEqual(hostile);
  });

  it("gives back what went in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (product) => {
        const [line = ""] = write(writerFor("jsonl"), [result({ product })]).split("\n");
        expect(JSON.parse(line).product).toBe(product);
      }),
    );
  });
});

describe("JSON", () => {
  it("is one document", () => {
    expect(JSON.parse(write(writerFor("json"), [result(), closed, udpGuess, hostile]))).toEqual({
      scanId: "scan-0001",
      version: "0.1.0",
      args: "doorplate scan 192.0.2.1 -o a&b.xml",
      profile: "standard",
      startedAt: "2026-01-01T00:00:00.000Z",
      results: [result(), udpGuess, hostile],
      hosts: [],
      summary: summary(),
    });
  });

  it("is valid when nothing was found", () => {
    const document = JSON.parse(write(writerFor("json"), [], emptySummary));
    expect(document.results).toEqual([]);
    expect(document.summary).toEqual(emptySummary);
  });
});
