import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeBytes, serviceFingerprint, unwrapped } from "../../lib/detect/service-fingerprint.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const base = {
  port: 20001,
  transport: "tcp" as const,
  tls: false,
  intensity: 7,
  version: "7.93",
  platform: "x86_64-pc-linux-gnu",
  date: new Date(0x6b00e800 * 1000),
};
const day = `${base.date.getMonth() + 1}/${base.date.getDate()}`;
const print = (data: Uint8Array, more: Partial<Parameters<typeof serviceFingerprint>[0]> = {}) =>
  serviceFingerprint({ ...base, entries: [{ probe: "NULL", data }], ...more }) ?? "";
/** What stands between the quotes of the first entry. */
const shown = (text: string) => /%r\(\w+,[0-9A-F]+,"(.*?)"\)(?=%r|;$)/s.exec(unwrapped(text))?.[1] ?? "";

/** Reads escapes back, by the documented meaning of each. */
function unescapeText(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, code: string | undefined, char: string) => {
    if (code) return String.fromCharCode(Number.parseInt(code, 16));
    return { "0": "\0", r: "\r", n: "\n", t: "\t" }[char] ?? char;
  });
}

describe("the text", () => {
  test("is that of the specification's example", () => {
    const banner = bytes(`\x001\0A\xff\t Q\\?"[]().*+$^|{}<>#\x7f~!\r\nzz`);
    const data = new Uint8Array(0x3d).fill(0x7a);
    data.set(banner);
    const lines = print(data).split("\n");
    expect(lines[0]).toBe(`SF-Port20001-TCP:V=7.93%I=7%D=${day}%Time=6B00E800%P=x86_64-pc-linux-gnu%r(`);
    expect(lines[1]).toBe(
      'SF:NULL,3D,"\\x001\\0A\\xff\\t\\x20Q\\\\\\?\\"\\[\\]\\(\\)\\.\\*\\+\\$\\^\\|{}<>#\\x7f~!\\r\\nzz',
    );
  });

  test("names the tunnel and the transport", () => {
    expect(print(bytes("a"), { tls: true })).toContain("-TCP:V=7.93%T=SSL%I=7%D=");
    expect(print(bytes("a"), { transport: "udp" })).toMatch(/^SF-Port20001-UDP:V=7.93%I=7/);
  });

  test("has lines of 74 characters, escapes split where they fall, and none for the closing semicolon", () => {
    const text = print(new Uint8Array(700).fill(0x20));
    const lines = text.split("\n");
    for (const line of lines.slice(0, -1)) expect(line).toHaveLength(74);
    for (const line of lines.slice(1)) expect(line.startsWith("SF:")).toBe(true);
    expect(lines.some((line) => /\\(?:x2?)?$/.test(line))).toBe(true);
    expect(shown(text)).toBe("\\x20".repeat(700));
    const ends = Array.from({ length: 80 }, (_, n) =>
      print(new Uint8Array(n + 1).fill(0x61))
        .split("\n")
        .at(-1),
    );
    expect(ends.some((line) => line?.length === 75 && line.endsWith('");'))).toBe(true);
  });

  test("is null where nothing answered", () => {
    expect(serviceFingerprint({ ...base, entries: [] })).toBeNull();
  });

  test("shows 900 bytes of a response and counts all", () => {
    for (const length of [900, 901]) {
      const text = print(new Uint8Array(length).fill(0x61));
      expect(unwrapped(text)).toContain(`(NULL,${length.toString(16).toUpperCase()},"`);
      expect(shown(text)).toBe("a".repeat(900));
    }
  });

  test("writes NUL long only before a digit that is shown too", () => {
    const cut = new Uint8Array(901).fill(0x61);
    cut[899] = 0;
    cut[900] = 0x31;
    expect(shown(print(cut))).toMatch(/a\\0$/);
    expect(escapeBytes(bytes("\x009\0a\0"))).toBe("\\x009\\0a\\0");
    expect(escapeBytes(bytes("\x000\0/\0:"))).toBe("\\x000\\0/\\0:");
  });

  test("begins no entry above its limit, and cuts none that it began", () => {
    const full = { probe: "P", data: new Uint8Array(900).fill(0x61) };
    const count = (data: { probe: string; data: Uint8Array }[]) =>
      unwrapped(print(bytes(""), { entries: data })).split("%r(").length - 1;
    expect(count([full, full, full, full, full])).toBe(3);
    // Nmap 7.93 begins one behind 2,200 characters with their line breaks, and none behind 2,201.
    const filled = (characters: number) => {
      for (let spaces = 500; ; spaces++) {
        for (let letters = 0; letters < 4; letters++) {
          const entry = { probe: "P", data: bytes(" ".repeat(spaces) + "a".repeat(letters)) };
          if (print(entry.data, { entries: [entry] }).length - ";".length === characters) return entry;
        }
        if (spaces > 900) throw new Error("no text is so long");
      }
    };
    expect(count([filled(2200), full])).toBe(2);
    expect(count([filled(2201), full])).toBe(1);
    // The first entry alone may be larger than the limit.
    const spaces = { probe: "P", data: new Uint8Array(900).fill(0x20) };
    expect(count([spaces, full])).toBe(1);
    expect(shown(print(spaces.data))).toHaveLength(3600);
  });
});

test("escapes read back to the bytes, whatever they are and wherever the lines break", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 900 }), (data) => {
      const text = print(data);
      expect(text).toMatch(/^[\n\x21-\x7e]*$/);
      for (const line of text.split("\n").slice(0, -1)) expect(line).toHaveLength(74);
      expect(unescapeText(shown(text))).toBe(Buffer.from(data).toString("latin1"));
    }),
  );
});
