import fc from "fast-check";
import { expect, test } from "vitest";
import { headerDecoder, huffmanText } from "../../lib/protocols/hpack.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const lines = (fields: { name: string; value: string }[]) =>
  fields.map(({ name, value }) => `${name}: ${value}`);

// RFC 7541, appendix C.6: three responses of one connection, Huffman coded, with a table of 256 bytes.
const RESPONSES = [
  "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
  "4883 640e ffc1 c0bf",
  "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
];

test("the blocks of a connection are read one after the other, each with the table that the others have filled", () => {
  const decode = headerDecoder();
  // The examples take it that the client has asked for this (`SETTINGS_HEADER_TABLE_SIZE` of 256).
  decode(hex("3fe101"));
  const [first, second, third] = RESPONSES.map((block) => lines(decode(hex(block))));
  expect(first).toEqual([
    ":status: 302",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ]);
  expect(second).toEqual([
    ":status: 307",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ]);
  expect(third).toEqual([
    ":status: 200",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:22 GMT",
    "location: https://www.example.com",
    "content-encoding: gzip",
    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  ]);
});

test("strings as they stand, and fields that are not to be remembered", () => {
  const decode = headerDecoder();
  expect(lines(decode(hex("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572")))).toEqual([
    "custom-key: custom-header",
  ]);
  expect(lines(decode(hex("be 1008 7061 7373 776f 7264 0673 6563 7265 74 be")))).toEqual([
    "custom-key: custom-header",
    "password: secret",
    "custom-key: custom-header",
  ]);
});

test("a block ends where it is cut, refers to nothing, or is padded as nobody pads", () => {
  expect(lines(headerDecoder()(hex("88 5f 05 61")))).toEqual([":status: 200"]);
  expect(lines(headerDecoder()(hex("88 be 88")))).toEqual([":status: 200"]);
  expect(lines(headerDecoder()(hex("88 3f e1ff 88")))).toEqual([":status: 200"]);
  expect(huffmanText(hex("ffffffff"))).toBeNull();
  expect(huffmanText(hex("1f"))).toBe("a");
  expect(huffmanText(hex("18"))).toBeNull();
});

test("no bytes upset it", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (blocks) => {
      const decode = headerDecoder();
      for (const block of blocks)
        for (const field of decode(block)) expect(typeof field.value).toBe("string");
    }),
  );
});
