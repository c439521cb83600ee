import { expect, test } from "vitest";
import { matching, rememberedMatching } from "../../../lib/detect/probe-file/matching.ts";
import { packOf } from "./files.ts";

const pack = packOf("Probe TCP Ask q|ask|", "match told m|^told (\\w+)| p/Teller/ v/$1/");
const bytes = (text: string) => Buffer.from(text, "latin1");

test("what was matched once is not matched again, and is the same as without remembering", () => {
  const [probe] = pack.probes;
  if (!probe) throw new Error("the pack has no probe");
  const match = rememberedMatching(() => expect.fail("a limit was reached"));
  for (const text of ["told one", "told two", "nothing", "told one"])
    expect(match(probe, bytes(text))).toEqual(matching(probe, bytes(text)));
  // The very same object: nobody looked again.
  expect(match(probe, bytes("told one"))).toBe(match(probe, bytes("told one")));
});

test("a pattern that takes too many steps is told, and matches nothing", () => {
  const [probe] = packOf(
    "Probe TCP Ask q|ask|",
    "match slow m|^(a+)+(?:b+)*\\1?$|",
    "match told m|^a|",
  ).probes;
  if (!probe) throw new Error("the pack has no probe");
  let told = 0;
  const match = rememberedMatching(() => told++);
  expect(match(probe, bytes(`${"a".repeat(60)}!`))).toMatchObject({ match: { service: "told" } });
  expect(told).toBe(1);
});
