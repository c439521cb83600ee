import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stableWords } from "../../lib/detect/recipe.ts";

const words = (text: string) => stableWords(Buffer.from(text, "latin1"));

describe("what a server says each time", () => {
  test.each([
    [
      "dates of a greeting",
      "220 mail.example ESMTP Sendmail 8.15.2; Sat, 21 Nov 2026 11:56:42 +0100",
      "220 mail.example ESMTP Sendmail 8.15.2; Mon, 2 Feb 2027 01:06:02 +0200",
    ],
    [
      "the token of a greeting",
      "+OK POP3 ready <1896.697170952@mail.example>",
      "+OK POP3 ready <77.697999999@mail.example>",
    ],
    [
      "dates, cookies and tokens of a page",
      'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 11:56:42 GMT\r\nETag: "a"\r\n\r\none',
      'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 12:56:42 GMT\r\nETag: "b"\r\n\r\nother',
    ],
  ])("is the same but for %s", (_, one, other) => {
    expect(words(one)).toBe(words(other));
  });

  test.each([
    ["another version", "SSH-2.0-OpenSSH_9.2p1", "SSH-2.0-OpenSSH_9.3p1"],
    [
      "another server",
      "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nServer: nginx/1.24.0\r\n\r\n",
    ],
    ["another status", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "HTTP/1.1 503 No\r\nServer: x\r\n\r\n"],
  ])("differs for %s", (_, one, other) => {
    expect(words(one)).not.toBe(words(other));
  });

  test("can be read from anything", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (data) => stableWords(data).length < 10_000));
  });
});
