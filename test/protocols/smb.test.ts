import { expect, test } from "vitest";
import { smb } from "../../lib/protocols/smb.ts";
import { context, recorded } from "./recorded.ts";

recorded(smb);

test("the request offers every dialect, and the contexts without which 3.1.1 is refused, where it says they are", () => {
  const [ask] = smb.openers(context(445));
  const message = Buffer.from(ask?.data ?? []).subarray(4);
  const count = message.readUInt16LE(66);
  const dialects = Array.from({ length: count }, (_, i) => message.readUInt16LE(100 + 2 * i));
  expect(dialects).toEqual([0x0202, 0x0210, 0x0300, 0x0302, 0x0311]);
  const contexts: number[] = [];
  let at = message.readUInt32LE(92);
  for (let i = 0; i < message.readUInt16LE(96); i++) {
    expect(at % 8).toBe(0);
    contexts.push(message.readUInt16LE(at));
    at += Math.ceil((8 + message.readUInt16LE(at + 2)) / 8) * 8;
  }
  expect(contexts).toEqual([1, 2]);
  expect(at).toBe(message.length);
});
