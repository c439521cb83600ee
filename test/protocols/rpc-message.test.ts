import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePortmapDump, portmapLines, versionRange } from "../../lib/protocols/portmapper.ts";
import {
  ACCEPT_STATES,
  answerTo,
  callMessage,
  MAX_FRAGMENTS,
  marked,
  parseReplyMessage,
  readRecord,
} from "../../lib/protocols/rpc-message.ts";
import { parseReply, sunrpc } from "../../lib/protocols/sunrpc.ts";
import { dumpResults, mark, reply, words } from "../detect/rpc-server.ts";
import { respond } from "./recorded.ts";

const word = fc.nat(0xffffffff);
const bytes = fc.uint8Array({ maxLength: 200 });
const plain = (data: Uint8Array) => new Uint8Array(data);

describe("a call", () => {
  test("is the specification's, byte for byte", () => {
    const call = { xid: 0x03da307d, program: 100003, version: 0x0196c9af, procedure: 0 };
    expect(Buffer.from(marked(callMessage(call))).toString("hex")).toBe(
      "8000002803da307d0000000000000002000186a30196c9af0000000000000000000000000000000000000000",
    );
  });
});

describe("a record", () => {
  test("comes back whole, however it was cut into fragments", () => {
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), bytes, (parts, behind) => {
        const wire = Buffer.concat([...parts.map((part, n) => mark(part, n === parts.length - 1)), behind]);
        const message = plain(Buffer.concat(parts));
        expect(readRecord(plain(wire))).toEqual({ message, next: wire.length - behind.length });
        for (let cut = 0; cut < wire.length - behind.length; cut += 1 + (cut >> 3)) {
          expect(readRecord(plain(wire.subarray(0, cut)))).toBe("more");
        }
      }),
    );
  });

  test("has at most 64 KiB and 400 fragments", () => {
    expect(readRecord(words(0x80000000 + 65_536))).toBe("more");
    expect(readRecord(words(0x80000000 + 65_537))).toBeNull();
    expect(readRecord(plain(Buffer.concat([mark(Buffer.alloc(60_000), false), words(6_000)])))).toBeNull();
    const most = Buffer.concat([Buffer.alloc(4 * (MAX_FRAGMENTS - 1)), mark(Buffer.from("end"))]);
    expect(readRecord(plain(most))).toMatchObject({ next: most.length });
    expect(readRecord(new Uint8Array(4 * (MAX_FRAGMENTS + 1)))).toBeNull();
  });
});

describe("a reply", () => {
  const call = { xid: 0x03da307d, program: 100003, version: 9, procedure: 0 };

  test("tells its state, its versions and its results", () => {
    expect(parseReplyMessage(reply.mismatch(call, 2, 4))).toMatchObject({
      xid: call.xid,
      status: "version mismatch",
      versions: [2, 4],
    });
    expect(parseReplyMessage(reply.unavailable(call))).toMatchObject({ status: "program unavailable" });
    expect(parseReplyMessage(reply.denied(call))).toMatchObject({ status: "denied: authentication" });
    expect(parseReplyMessage(reply.verified(call, 1, 3))).toMatchObject({ flavour: 1, versions: [1, 3] });
    expect(plain(parseReplyMessage(reply.success(call, 5))!.results)).toEqual(plain(words(5)));
  });

  test("is read back from whatever was written", () => {
    const verifier = fc.uint8Array({ maxLength: 400 });
    // Nobody numbers a call 0.
    const numbered = word.filter((xid) => xid !== 0);
    fc.assert(
      fc.property(numbered, verifier, fc.nat(5), word, word, (xid, body, state, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const padding = Buffer.alloc((4 - (body.length % 4)) % 4);
        const head = words(xid, 1, 0, 1, body.length);
        const message = plain(Buffer.concat([head, body, padding, words(state, low, high)]));
        const read = parseReplyMessage(message);
        expect(read).toMatchObject({ xid, status: ACCEPT_STATES[state] });
        expect(read?.versions).toEqual(state === 2 ? [low, high] : null);
        for (const wire of [message, plain(mark(message))])
          expect(parseReply(wire)?.status).toBe(ACCEPT_STATES[state]);
      }),
    );
  });

  test("is never read into other bytes, and none makes a parser throw", () => {
    fc.assert(
      fc.property(bytes, word, fc.boolean(), (data, xid, stream) => {
        parseReplyMessage(data);
        readRecord(data);
        parsePortmapDump(data);
        const answer = answerTo(xid, data, stream);
        if (answer && answer !== "more") expect(answer.message.length).toBeLessThanOrEqual(data.length);
      }),
      { numRuns: 500 },
    );
    for (let cut = 0; cut < 32; cut++)
      expect(parseReplyMessage(reply.mismatch(call, 2, 4).subarray(0, cut))).toBeNull();
  });

  test("is found behind foreign ones: as a record in a stream, anywhere among datagrams", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), bytes, (before, behind) => {
        const message = reply.mismatch(call, 2, 4);
        const other = before.map((data) => Buffer.concat([words(call.xid ^ 1), data]));
        const stream = Buffer.concat([...other.map((data) => mark(data)), mark(message), behind]);
        expect(answerTo(call.xid, plain(stream), true)).toMatchObject({
          message: plain(message),
          rest: plain(behind),
        });
        const datagrams = Buffer.concat([...before, message]);
        const found = answerTo(call.xid, plain(datagrams), false);
        expect(found).toMatchObject({ message: plain(message) });
        expect(answerTo(call.xid, plain(Buffer.concat(before)), false)).toBe("more");
      }),
    );
  });
});

describe("the port mapper's list", () => {
  const entry = fc.record({
    program: word,
    version: word,
    protocol: fc.constantFrom(6, 17),
    port: fc.nat(65535),
  });

  test("is read back from what was written, and of a cut one the part that came", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), fc.nat(), (entries, cut) => {
        const results = plain(words(...dumpResults(entries)));
        expect(parsePortmapDump(results)).toEqual(entries);
        const part = parsePortmapDump(results.subarray(0, cut % results.length)) ?? [];
        expect(part).toEqual(entries.slice(0, part.length));
      }),
    );
  });

  test("gives one line for each program at a port", () => {
    const row = (program: number, version: number, protocol: number, port: number) => ({
      program,
      version,
      protocol,
      port,
    });
    expect(
      portmapLines([
        row(100003, 3, 6, 2049),
        row(100003, 4, 6, 2049),
        row(100003, 3, 17, 2049),
        row(99, 1, 132, 1),
      ]),
    ).toEqual(["100003 nfs 3-4 tcp 2049", "100003 nfs 3 udp 2049", "99 - 1 132 1"]);
    expect(versionRange(2, 2)).toBe("2");
  });

  test("is a fact of the port mapper, also behind a late answer to another call", () => {
    const dump = reply.success(
      { xid: 0x44504c55, program: 0, version: 0, procedure: 0 },
      ...dumpResults([{ program: 100005, version: 3, protocol: 6, port: 20048 }]),
    );
    const late = reply.success({ xid: 0x44504c54, program: 0, version: 0, procedure: 0 });
    for (const data of [dump, mark(dump), Buffer.concat([late, dump])]) {
      const facts = sunrpc.facts([respond(plain(data), "rpcbind.dump")], null);
      expect(facts).toEqual([
        { name: "rpcbind.program", value: "100005 mountd 3 tcp 20048", family: "reply:rpcbind.dump" },
      ]);
    }
  });
});
