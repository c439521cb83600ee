import { expect, test } from "vitest";
import { paceOf } from "../../../lib/detect/probe-file/pace.ts";

test("one long connect does not slow the pace, the shortest is the way there", () => {
  let at = 0;
  const pace = paceOf(() => at, 240);
  pace.launched();
  expect(pace.beforeNext(false)).toBe(580);
  pace.took(2);
  expect(pace.beforeNext(false)).toBe(150);
  pace.took(200);
  at = 50;
  expect(pace.beforeNext(false)).toBe(100);
});

test("a way that is long is waited for, however tolerant the server", () => {
  const pace = paceOf(() => 0, 180);
  pace.launched();
  expect(pace.beforeNext(false)).toBe(460);
  expect(pace.beforeNext(true)).toBe(180);
});

test("time for a reaction follows the newest connect, and time to be served is never short", () => {
  const pace = paceOf(() => 0, 1);
  expect([pace.reactionMs(), pace.graceMs()]).toEqual([300, 600]);
  pace.took(150);
  expect([pace.reactionMs(), pace.graceMs()]).toEqual([800, 800]);
});
