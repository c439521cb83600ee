import { describe, expect, test } from "vitest";
import { mysql, realVersion } from "../../lib/protocols/mysql.ts";
import { context, recorded } from "./recorded.ts";

recorded(mysql);

describe("mysql", () => {
  test("says nothing: every word before a login counts as an error against our address", () => {
    expect(mysql.openers(context(3306))).toEqual([]);
    expect(mysql.converse).toBeUndefined();
    expect(mysql.speaksFirst).toBe("server");
  });

  test.each([
    ["5.5.5-10.11.6-MariaDB", "10.11.6-MariaDB"],
    ["5.7.8-10.3.13-MariaDB-1", "10.3.13-MariaDB-1"],
    ["5.5.60-MariaDB", "5.5.60-MariaDB"],
    ["5.5.5-m3", "5.5.5-m3"],
    ["8.0.36", "8.0.36"],
  ])("the version behind %s is %s", (told, real) => {
    expect(realVersion(told)).toBe(real);
  });
});
