import { describe, expect, it } from "vitest";
import { clock, type ProgressState, progress, progressLine, timeLeft } from "../../lib/cli/progress.ts";

const CLEAR = "\r\x1b[2K";
const state = (changes: Partial<ProgressState> = {}): ProgressState => ({
  done: 250,
  planned: 1000,
  open: 12,
  elapsedMs: 5_000,
  ...changes,
});

/** A terminal that remembers what was written, and a clock that is set by hand. */
function terminal(isTTY = true, enabled = true) {
  const written: string[] = [];
  const clockMs = { now: 0 };
  const stream = { isTTY, columns: 100, write: (text: string) => written.push(text) };
  return { written, clockMs, bar: progress({ stream, enabled, now: () => clockMs.now }) };
}

describe("the progress line", () => {
  it("says how far, how many open, how long, and how long still", () => {
    expect(progressLine(state({ note: "resumed" }), 15_000, 100)).toBe(
      "[#####---------------]  25%  250/1,000  12 open  0:05  ETA 0:15  resumed",
    );
  });

  it("has no time left at the end, and fits the terminal", () => {
    expect(progressLine(state({ done: 1000 }), 0, 100)).toBe(
      "[####################] 100%  1,000/1,000  12 open  0:05",
    );
    expect(progressLine(state(), null, 30)).toHaveLength(29);
    expect(progressLine(state({ done: 0, planned: 0 }), null, 100)).toContain("  0%  0/0");
  });

  it("counts time left by the rate of this run only", () => {
    const resumed = state({ done: 500, elapsedMs: 0 });
    expect(timeLeft(resumed, resumed)).toBeNull();
    expect(timeLeft(resumed, state({ done: 600, elapsedMs: 2_000 }))).toBe(8_000);
  });

  it("tells times as a clock does", () => {
    expect([0, 7_400, 754_000, 3_723_000].map(clock)).toEqual(["0:00", "0:07", "12:34", "1:02:03"]);
  });
});

describe("progress on a terminal", () => {
  it("steps aside for a row and comes back after it", () => {
    const { written, bar } = terminal();
    bar.update(state());
    const line = written[0]!.slice(CLEAR.length);
    expect(bar.around(() => written.push("a row\n"))).toBe(3);
    expect(written).toEqual([CLEAR + line, CLEAR, "a row\n", line]);
    bar.log("a message");
    expect(written.slice(4)).toEqual([CLEAR, "a message\n", line]);
  });

  it("comes back also when printing fails", () => {
    const { written, bar } = terminal();
    bar.update(state());
    expect(() =>
      bar.around(() => {
        throw new Error("pipe closed");
      }),
    ).toThrow("pipe closed");
    expect(CLEAR + written.at(-1)).toBe(written[0]);
  });

  it("draws at most ten times a second, but always the end", () => {
    const { written, clockMs, bar } = terminal();
    bar.update(state());
    clockMs.now = 99;
    bar.update(state({ done: 300 }));
    expect(written).toHaveLength(1);
    bar.update(state({ done: 1000 }));
    expect(written).toHaveLength(2);
    clockMs.now = 199;
    bar.update(state({ done: 400 }));
    expect(written).toHaveLength(3);
  });

  it("leaves nothing behind", () => {
    const { written, bar } = terminal();
    bar.update(state());
    bar.done();
    bar.around(() => written.push("the summary\n"));
    expect(written.slice(1)).toEqual([CLEAR, "the summary\n"]);
  });

  it("draws no control character of a note", () => {
    const { written, bar } = terminal();
    bar.update(state({ note: "\x1b[2J" }));
    expect(written[0]!.slice(CLEAR.length)).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe.each([
  ["a pipe", terminal(false)],
  ["a terminal where it is switched off", terminal(true, false)],
])("progress on %s", (_name, { written, bar }) => {
  it("draws nothing, and only passes messages on", () => {
    bar.update(state());
    bar.around(() => written.push("a row\n"));
    bar.log("a message");
    bar.done();
    expect(written).toEqual(["a row\n", "a message\n"]);
  });
});
