import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteRun } from "../../lib/net/bytes.ts";
import { inbox, MAX_READ_BYTES, UNREAD_PAUSE_BYTES } from "../../lib/net/inbox.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const pieces = fc.array(fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)));

/** An inbox whose source writes down what it is told. */
function recorded() {
  const told: string[] = [];
  const box = inbox({ pause: () => told.push("pause"), resume: () => told.push("resume") });
  return { box, told };
}

describe("a run of bytes", () => {
  it("is all its pieces in their order, however it is taken apart", () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(3_000)), (chunks, counts) => {
        const run = byteRun();
        for (const chunk of chunks) run.append(chunk);
        expect(run.view().equals(Buffer.concat(chunks))).toBe(true);
        const taken = counts.map((count) => run.take(count));
        expect(Buffer.concat([...taken, run.view()]).equals(Buffer.concat(chunks))).toBe(true);
        expect(run.length).toBe(run.view().length);
      }),
    );
  });

  it("never changes what it has shown or given away", () => {
    fc.assert(
      fc.property(pieces, pieces, fc.nat(3_000), (before, after, count) => {
        const run = byteRun();
        for (const chunk of before) run.append(chunk);
        const seen = run.view();
        const copy = Buffer.from(seen);
        const taken = run.take(count);
        for (const chunk of after) run.append(chunk);
        expect(seen.equals(copy)).toBe(true);
        expect(taken.equals(copy.subarray(0, count))).toBe(true);
      }),
    );
  });
});

describe("an inbox", () => {
  it("gives every byte to exactly one read, in order", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 1_500 }), async (chunks, maxBytes) => {
        const { box } = recorded();
        const reads: Uint8Array[] = [];
        const half = Math.floor(chunks.length / 2);
        for (const chunk of chunks.slice(0, half)) box.push(chunk);
        const first = box.read({ timeoutMs: 5_000, maxBytes });
        for (const chunk of chunks.slice(half)) box.push(chunk);
        box.finish("eof");
        let result = await first;
        while (result.end === "cap") {
          expect(result.data.length).toBe(maxBytes);
          reads.push(result.data);
          result = await box.read({ timeoutMs: 5_000, maxBytes });
        }
        reads.push(result.data);
        expect(result.end).toBe("eof");
        expect(Buffer.concat(reads).equals(Buffer.concat(chunks))).toBe(true);
      }),
    );
  });

  it("holds its source back while much is unread, and lets it go on when that was read", async () => {
    const { box, told } = recorded();
    box.push(Buffer.alloc(UNREAD_PAUSE_BYTES - 1));
    expect(told).toEqual([]);
    box.push(Buffer.alloc(1));
    expect(told).toEqual(["pause"]);
    const read = box.read({ timeoutMs: 5_000 });
    expect(told).toEqual(["pause", "resume"]);
    box.push(Buffer.alloc(MAX_READ_BYTES));
    expect(await read).toMatchObject({ end: "cap", firstByteMs: 0 });
    expect(box.held).toBe(UNREAD_PAUSE_BYTES);
    expect(told).toEqual(["pause", "resume", "pause"]);
    box.clear();
    expect(box.held).toBe(0);
    expect(told).toEqual(["pause", "resume", "pause", "resume"]);
  });

  it("does not resume for a read that the waiting bytes already fill", async () => {
    const { box, told } = recorded();
    box.push(Buffer.alloc(MAX_READ_BYTES));
    expect(await box.read({ timeoutMs: 5_000, maxBytes: 100 })).toMatchObject({ end: "cap" });
    expect(told).toEqual(["pause"]);
  });

  it("asks `complete` once for all that came in one turn", async () => {
    const { box } = recorded();
    const asked: number[] = [];
    const read = box.read({
      timeoutMs: 5_000,
      complete: (bytes) => {
        asked.push(bytes.length);
        return bytes.length === 10;
      },
    });
    for (let n = 0; n < 5; n++) box.push(Buffer.from("x"));
    await turn();
    for (let n = 0; n < 5; n++) box.push(Buffer.from("y"));
    expect(await read).toMatchObject({ data: Buffer.from("xxxxxyyyyy"), end: "complete" });
    expect(asked).toEqual([5, 10]);
  });

  it("calls a response complete that came together with the FIN", async () => {
    for (const end of ["eof", "reset"] as const) {
      const { box } = recorded();
      const read = box.read({ timeoutMs: 5_000, complete: (bytes) => bytes.length === 3 });
      box.push(Buffer.from("abc"));
      box.finish(end);
      expect((await read).end).toBe("complete");
      expect(await box.read({ timeoutMs: 5_000, complete: () => true })).toEqual({
        data: Buffer.alloc(0),
        end,
        firstByteMs: null,
      });
    }
  });

  it("still notices completeness after very many pieces", async () => {
    const { box } = recorded();
    const read = box.read({ timeoutMs: 10_000, complete: (bytes) => bytes.length === 300 });
    for (let n = 0; n < 300; n++) {
      box.push(Buffer.from("x"));
      await turn();
    }
    expect((await read).end).toBe("complete");
  });

  it("does not look at the bytes again and again when they come one by one", async () => {
    const { box } = recorded();
    const count = 4_096;
    let looked = 0;
    const read = box.read({
      timeoutMs: 15_000,
      complete: (bytes) => {
        looked += bytes.length;
        return false;
      },
    });
    for (let n = 0; n < count; n++) {
      box.push(Buffer.from("x"));
      await turn();
    }
    box.finish("eof");
    expect((await read).data.length).toBe(count);
    expect(looked).toBeLessThan((count * count) / 2 / 8);
  });
});
