import fc from "fast-check";
import { expect, test } from "vitest";
import { iconFacts, iconHash, isImage, linkedIcon, murmur3 } from "../../lib/protocols/favicon.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

// Published values of MurmurHash3_x86_32.
test.each([
  ["", 0, 0],
  ["", 1, 0x514e28b7],
  ["abc", 0, 0xb3dd93fa],
  ["test", 0, 0xba6bd213],
  ["aaaa", 0x9747b28c, 0x5a97808a],
  ["Hello, world!", 0, 0xc0363e43],
  ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
])("MurmurHash3 of %j with seed %i", (text, seed, expected) => {
  expect(murmur3(bytes(text), seed)).toBe(expected | 0);
});

test("an icon is hashed as base64 in lines of 76 characters, each with its line feed", () => {
  const icon = Buffer.alloc(58, 1);
  const base64 = icon.toString("base64");
  expect(iconHash(icon)).toBe(murmur3(bytes(`${base64.slice(0, 76)}\n${base64.slice(76)}\n`)));
  expect(iconHash(Buffer.alloc(57, 1))).toBe(murmur3(bytes(`${base64.slice(0, 76)}\n`)));
});

test("only images are icons", () => {
  for (const start of [
    "\0\0\x01\0",
    "\x89PNG\r\n\x1a\n",
    "GIF89a",
    "\xff\xd8\xff",
    "<svg xmlns=",
    '<?xml version="1.0"?>\n<svg ',
  ])
    expect(isImage(bytes(start))).toBe(true);
  for (const text of ["", "<html>", "Not found", "GIF"]) expect(isImage(bytes(text))).toBe(false);
  expect(iconFacts(bytes("<html>"))).toEqual([]);
  expect(iconFacts(bytes("GIF89a")).map(({ name }) => name)).toEqual([
    "http.favicon.md5",
    "http.favicon.mmh3",
  ]);
});

test("the icon of a page is its path on the same server", () => {
  expect(linkedIcon('<link rel="icon" type="image/png" href="/a/b.png?v=2">')).toBe("/a/b.png?v=2");
  expect(linkedIcon("<LINK href=favicon.ico REL='Shortcut Icon'>")).toBe("/favicon.ico");
  expect(linkedIcon('<link rel=stylesheet href=x.css><link rel="icon" href="../i.svg">')).toBe("/i.svg");
});

test("icons of other hosts, in the page itself, or with a line break in their path are left alone", () => {
  for (const href of [
    "https://cdn.example.net/i.png",
    "//cdn.example.net/i.png",
    "data:image/png;base64,AA==",
    "/a\r\nHost: x",
  ])
    expect(linkedIcon(`<link rel="icon" href="${href}">`)).toBeNull();
  expect(linkedIcon("<p>no icon</p>")).toBeNull();
  expect(linkedIcon("<link rel=icon")).toBeNull();
});

test("whatever a page holds, its icon's path stays one line of printable text", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const path = linkedIcon(`<link rel="icon" href="${text}">`);
      if (path !== null) expect(path).toMatch(/^\/[\x21-\x7e]*$/);
    }),
  );
});
