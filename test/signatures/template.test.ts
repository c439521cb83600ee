import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillTemplate, fillTemplates } from "../../lib/signatures/template.ts";

const fill = (template: string, ...groups: (string | undefined)[]) =>
  fillTemplate(template, ["", ...groups], 80);

describe("templates", () => {
  test("one digit names a capture", () => {
    expect(fill("$1.$2", "5", "7")).toBe("5.7");
    expect(fill("$10", "4")).toBe("40");
  });

  test("insertion stops at the capture's first NUL, the text after it goes on", () => {
    expect(fill("$1!", "W\0K\0")).toBe("W!");
    expect(fill("$1!", "\0K")).toBe("!");
  });

  test("$P keeps printable bytes: UTF-16 becomes plain", () => {
    expect(fill("$P(1)", "W\0K\0")).toBe("WK");
    expect(fill("$P(1)", "a\xe9\x7fb")).toBe("ab");
  });

  test("$SUBST replaces every occurrence, not overlapping", () => {
    expect(fill('$SUBST(1,",",".")', "1,2,3")).toBe("1.2.3");
    expect(fill('$SUBST(1,"aa","b")', "aaa")).toBe("ba");
    expect(fill('$SUBST(1,"\\x2d","")', "1-2")).toBe("12");
  });

  test("$I reads numbers in either byte order", () => {
    expect(fill('$I(1,">")', "\x01\x02")).toBe("258");
    expect(fill('$I(1,"<")', "\x01\x02")).toBe("513");
    expect(fill('$I(1,">")', "\xff".repeat(8))).toBe("18446744073709551615");
    expect(fill('$I(1,">")', "\0".repeat(9))).toBeNull();
  });

  test.each([
    "$0",
    "$",
    "a$ b",
    "$x",
    "$2",
    "$3",
    "$P(1",
    "$P()",
    "$P(0)",
    "$P(9)",
    '$P(1,"x")',
    '$P("1")',
    '$I(1,"=")',
    "$I(1)",
    '$SUBST(1,",")',
    '$SUBST(1,"",".")',
    '$SUBST(1,",",".",1,2,3)',
    '$SUBST(1,"\\q",".")',
    "$NOPE(1)",
    "$P(08)",
    `$SUBST(1,"${"x".repeat(128)}","")`,
  ])("%s empties the whole field", (template) => {
    expect(fill(`text ${template}`, "one", undefined)).toBeNull();
  });

  test("integers may be hexadecimal or octal", () => {
    expect(fill("$P(0x1)$P(01)", "a")).toBe("aa");
  });

  test("trailing blanks and commas go, the rest stays", () => {
    expect(fill(" a, $1, \t,", "b")).toBe(" a, b");
    expect(fill("$1,", "")).toBeNull();
  });

  test("bytes outside 20-7E are shown as dots", () => {
    expect(fill("$1", "a\x07\xe9b")).toBe("a..b");
    // Of blanks and their like at the end nothing is shown; a backspace is none of them.
    expect(fill("$1", "a\x08\x0e\x09\x0a\x0b\x0c\x0d ")).toBe("a..");
  });

  test("a field that does not fit is left out: less room when it ends with a substitution", () => {
    expect(fill("x".repeat(79))).toBe("x".repeat(79));
    expect(fill("x".repeat(80))).toBeNull();
    expect(fill("$1", "x".repeat(78))).toBe("x".repeat(78));
    expect(fill("$1", "x".repeat(79))).toBeNull();
    expect(fill("$1x", "x".repeat(78))).toBe("x".repeat(79));
    const room = { product: 80, version: 80, info: 256, hostname: 80, os: 32, device: 32 } as const;
    for (const field of Object.keys(room) as (keyof typeof room)[]) {
      const fits = "x".repeat(room[field] - 1);
      expect(fillTemplates({ [field]: fits, cpe: [] }, [""])[field]).toBe(fits);
      expect(fillTemplates({ [field]: `${fits}x`, cpe: [] }, [""])[field]).toBeNull();
      expect(fillTemplates({ [field]: "$1", cpe: [] }, ["", fits.slice(1)])[field]).toBe(fits.slice(1));
      expect(fillTemplates({ [field]: "$1", cpe: [] }, ["", fits])[field]).toBeNull();
    }
    const cpe = `cpe:/a:${"x".repeat(72)}`;
    expect(fillTemplates({ cpe: [cpe] }, [""]).cpe).toEqual([cpe]);
    expect(fillTemplates({ cpe: [`${cpe}x`] }, [""]).cpe).toEqual([]);
  });

  test("no template and no capture make it throw or overflow", () => {
    const piece = fc.constantFrom(
      "$",
      "1",
      "2",
      "P(",
      "SUBST(",
      "I(",
      ")",
      '"',
      ",",
      "\\",
      "x",
      "0",
      " ",
      ">",
      "a",
    );
    fc.assert(
      fc.property(
        fc.string({ unit: piece, maxLength: 30 }),
        fc.string({ unit: "binary" }),
        (template, value) => {
          const filled = fill(template, value);
          expect(filled === null || (filled.length > 0 && filled.length < 80)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("CPE templates", () => {
  const cpe = (cpes: string[], ...groups: (string | undefined)[]) =>
    fillTemplates({ cpe: cpes }, ["", ...groups]).cpe;

  test("substituted values are lower-cased and escaped, literal text is not", () => {
    expect(cpe(["cpe:/a:Acme:$1:$2"], "My Web/Server", "1:2")).toEqual(["cpe:/a:Acme:my_web%2Fserver:1%3A2"]);
  });

  test("one slot a part; the later overwrites, and clears when it fails", () => {
    expect(cpe(["cpe:/a:x:one", "cpe:/a:x:two"])).toEqual(["cpe:/a:x:two"]);
    expect(cpe(["cpe:/a:x:one", "cpe:/a:x:$1"], undefined)).toEqual([]);
  });

  test("reported as application, hardware, operating system", () => {
    expect(cpe(["cpe:/o:x:y", "cpe:/h:x:y", "cpe:/a:x:y"])).toEqual([
      "cpe:/a:x:y",
      "cpe:/h:x:y",
      "cpe:/o:x:y",
    ]);
  });
});
