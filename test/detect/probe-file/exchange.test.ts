import { describe, expect, test } from "vitest";
import {
  eventsOf,
  type RunOptions,
  readEndOf,
  runExchange,
} from "../../../lib/detect/probe-file/exchange.ts";
import { matching } from "../../../lib/detect/probe-file/matching.ts";
import { resetConnection } from "../../../lib/net/connection.ts";
import type { Connection, ReadBounds, ReadResult } from "../../../lib/net/types.ts";
import { packOf, smallPack } from "./files.ts";

// One probe's time and its end, on a connection that says what it is told to, by a clock that stands where it is put.

const pack = packOf(
  "Probe TCP Ask q|ask|",
  "totalwaitms 700",
  "softmatch half m|^half|",
  "match whole m|whole|",
);
const [probe] = pack.probes;

/** Runs Ask over reads that end as given, by which the connection has `agedMs`; with what it read and wrote. */
async function ran(
  reads: ([string, ReadResult["end"]] | ["quiet"])[],
  { agedMs = 0, ...over }: Partial<RunOptions> & { agedMs?: number } = {},
) {
  const asked: ReadBounds[] = [];
  const written: string[] = [];
  const age = () => (asked.length === 0 ? 50 : 50 + agedMs);
  const connection = {
    transport: "tcp",
    connectMs: 1,
    get ageMs() {
      return age();
    },
    get leastAgeMs() {
      return age();
    },
    ended: false,
    tls: null,
    write: (data: Uint8Array) => void written.push(Buffer.from(data).toString()),
    async read(bounds: ReadBounds) {
      const [text = "", end = "quiet"] = reads[asked.push(bounds) - 1] ?? [];
      const data = Buffer.from(end === "quiet" ? "" : text);
      const complete = data.length > 0 && bounds.complete?.(data) === true;
      return { data, end: complete ? "complete" : end, firstByteMs: null };
    },
  } as unknown as Connection;
  const exchange = await runExchange({
    probe: probe!,
    match: matching,
    connection,
    ordinal: 3,
    tls: false,
    before: new Uint8Array(0),
    connectedAt: 100,
    windowFrom: 150,
    deadline: 60_000,
    now: () => 350,
    ...over,
  });
  return { exchange, written, waits: asked.map(({ timeoutMs }) => timeoutMs), asked };
}

describe("a probe", () => {
  test("is said once, and has its window from where that began; silence until then is its end", async () => {
    const { exchange, written, waits } = await ran([["", "timeout"]]);
    expect([written, waits, exchange.end]).toEqual([["ask"], [500], "window"]);
    expect(exchange).toMatchObject({ connection: 3, elapsedMs: 250, softAt: null, firstByteMs: null });
    expect((await ran([["", "timeout"]], { mute: true })).written).toEqual([]);
  });

  test("has no more time than the endpoint, and is cancelled when that is over", async () => {
    const { exchange, waits } = await ran([["", "timeout"]], { deadline: 500 });
    expect([waits, exchange.end]).toEqual([[150], "cancelled"]);
    expect((await ran([["", "timeout"]], { deadline: 850 })).exchange.end).toBe("cancelled");
    expect((await ran([["", "timeout"]], { deadline: 851 })).exchange.end).toBe("window");
  });

  test("waits on in silence as long as it is told to, and not behind an answer", async () => {
    const more = [50, 20, 0];
    const patient = { extend: () => more.shift() ?? 0 };
    expect(
      (
        await ran(
          [
            ["", "timeout"],
            ["", "timeout"],
            ["", "timeout"],
          ],
          patient,
        )
      ).waits,
    ).toEqual([500, 50, 20]);
    expect((await ran([["word", "timeout"]], { extend: () => 50 })).waits).toEqual([500]);
  });

  test("ends at a hard match, or with 4096 bytes and those before them; a soft match is marked in its place", async () => {
    expect((await ran([["a whole one", "eof"]])).exchange.end).toBe("hard");
    expect((await ran([["half", "timeout"]])).exchange).toMatchObject({
      end: "window",
      softAt: 4,
      softService: "half",
    });
    expect((await ran([["x".repeat(4_096), "timeout"]])).exchange.end).toBe("full");
    expect((await ran([["x".repeat(4_095), "timeout"]])).exchange.end).toBe("window");
    const before = Buffer.from("y");
    expect((await ran([["x".repeat(4_095), "timeout"]], { before })).exchange.end).toBe("full");
  });

  test("is ended by a close or a reset, unless the connection had been silent for the window by then", async () => {
    const closed = async (text: string, agedMs: number) =>
      (await ran([[text, "reset"]], { agedMs })).exchange.end;
    expect(await closed("", 699)).toBe("reset");
    expect(await closed("", 700)).toBe("window");
    expect(await closed("word", 700)).toBe("reset");
  });

  test("tells what has come as if it ended there, and of a whole answer that it is one", async () => {
    const told: [string, string][] = [];
    const onData: RunOptions["onData"] = ({ data, end }) =>
      void told.push([Buffer.from(data).toString(), end]);
    await ran([["half", "timeout"]], { onData });
    await ran([["a whole one", "timeout"]], { onData });
    expect(told).toEqual([
      ["half", "window"],
      ["a whole one", "hard"],
    ]);
  });

  test("whose answer fell silent may be cut short, or has the rest of its window", async () => {
    const cut = await ran([["quiet"]], { mayCut: () => true });
    expect([cut.exchange.end, cut.asked.map(({ quietMs }) => quietMs)]).toEqual(["window", [1_000]]);
    const kept = await ran([["quiet"], ["", "timeout"]], { mayCut: () => false });
    expect([kept.exchange.end, kept.asked.map(({ quietMs }) => quietMs)]).toEqual([
      "window",
      [1_000, undefined],
    ]);
  });
});

test("a response is stored as complete, capped, ended, or timed out", () => {
  const stored = (end: Parameters<typeof readEndOf>[0]["end"]) =>
    readEndOf({ end } as Parameters<typeof readEndOf>[0]);
  expect((["hard", "full", "eof", "reset", "window", "cancelled"] as const).map(stored)).toEqual([
    "complete",
    "cap",
    "eof",
    "reset",
    "timeout",
    "timeout",
  ]);
});

test("an exchange is told in events: what came before the soft match, what came after it, and the end", () => {
  const common = {
    probe: probe!,
    tls: false,
    connection: 0,
    firstByteMs: 0,
    elapsedMs: 7,
    softService: null,
  };
  const told = (text: string, softAt: number | null, end: Parameters<typeof eventsOf>[0]["end"]) =>
    eventsOf({ ...common, data: Buffer.from(text), softAt, end }).map((event) =>
      event.type === "data" ? Buffer.from(event.data).toString() : { ...event },
    );
  expect(told("half more", 4, "full")).toEqual(["half", " more", { type: "window" }]);
  expect(told("half", 4, "eof")).toEqual(["half", { type: "eof", elapsedMs: 7 }]);
  expect(told("", null, "reset")).toEqual([{ type: "reset", elapsedMs: 7 }]);
  expect(told("", null, "cancelled")).toEqual([{ type: "cancelled" }]);
  expect(told("x", null, "hard")).toEqual(["x", { type: "window" }]);
});

/** Said to a connection that ended somewhere between these two ages, ms, while nobody looked. */
async function heard(leastAgeMs: number, ageMs: number) {
  const connection = Object.create(resetConnection(), {
    leastAgeMs: { value: leastAgeMs },
    ageMs: { value: ageMs },
  });
  const probe = smallPack().nullProbe;
  if (!probe) throw new Error("the pack has no NULL probe");
  const clock = { now: () => 0, connectedAt: 0, windowFrom: 0, deadline: 60_000 };
  const told = { connection, probe, match: matching, ordinal: 0, tls: false, before: new Uint8Array(0) };
  return runExchange({ ...clock, ...told });
}

test("an end whose moment nobody saw may have come late: it does not look like one before `tcpwrappedms`", async () => {
  // In the pack that is 1,000 ms.
  expect(await heard(800, 1_200)).toMatchObject({ elapsedMs: 1_200 });
});

test("an end whose moment nobody saw is that of a silent one only if the window was surely over", async () => {
  // In the pack that is 2,000 ms.
  expect(await heard(1_800, 2_200)).toMatchObject({ end: "reset" });
  expect(await heard(2_100, 2_200)).toMatchObject({ end: "window" });
});
