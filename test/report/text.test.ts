import { describe, expect, it } from "vitest";
import { formatFromFile, REPORT_FORMATS, writerFor } from "../../lib/report/index.ts";
import { durationText, percent, usdText } from "../../lib/report/text.ts";

describe("values as people read them", () => {
  it("tells a duration in units of its size", () => {
    expect(
      [0, 49, 12_340, 59_949, 59_950, 245_000, 3_599_499, 7_380_000, 271_195_140_000].map(durationText),
    ).toEqual([
      "0.0 s",
      "0.0 s",
      "12.3 s",
      "59.9 s",
      "1 min 0 s",
      "4 min 5 s",
      "59 min 59 s",
      "2 h 3 min",
      "3,139 days",
    ]);
  });

  it("keeps 100% for certainty", () => {
    expect([0, 0.005, 0.97, 0.9996, 1].map(percent)).toEqual(["0%", "1%", "97%", "99%", "100%"]);
  });

  it("tells small costs and large ones", () => {
    expect([0, 1e-9, 1.234e-6, 0.00213, 0.5, 1.25, 120].map(usdText)).toEqual([
      "$0",
      "less than $0.000001",
      "$0.0000012",
      "$0.0021",
      "$0.50",
      "$1.25",
      "$120.00",
    ]);
  });
});

describe("the formats", () => {
  it("are known by the extension of a file", () => {
    expect(REPORT_FORMATS).toEqual(["table", "json", "jsonl", "xml"]);
    expect(["a.json", "b/c.JSONL", "d.xml", "e.txt", "f.docx", "json"].map(formatFromFile)).toEqual([
      "json",
      "jsonl",
      "xml",
      "table",
      null,
      null,
    ]);
    for (const format of REPORT_FORMATS) expect(writerFor(format).format).toBe(format);
  });
});
