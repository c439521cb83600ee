import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { builtinRpcPrograms, parseRpcFile, rpcProgramName } from "../../lib/registry/rpc.ts";

describe("our list", () => {
  test("names each program once, by a 32-bit number", () => {
    expect(builtinRpcPrograms.length).toBeGreaterThan(100);
    expect(new Set(builtinRpcPrograms.map(({ number }) => number)).size).toBe(builtinRpcPrograms.length);
    expect(new Set(builtinRpcPrograms.map(({ name }) => name)).size).toBe(builtinRpcPrograms.length);
    for (const { number, name, aliases } of builtinRpcPrograms) {
      expect(Number.isInteger(number) && number > 0 && number <= 0xffffffff).toBe(true);
      for (const word of [name, ...aliases]) expect(word).toMatch(/^[\w.+-]+$/);
    }
  });

  test.each([
    [100000, "rpcbind"],
    [100003, "nfs"],
    [100005, "mountd"],
    [100011, "rquotad"],
    [100021, "nlockmgr"],
    [100024, "status"],
    [100227, "nfs_acl"],
    [300019, "amd"],
    [391002, "sgi_fam"],
  ])("%i is %s", (number, name) => expect(rpcProgramName(number)).toBe(name));

  test("asks for the portmapper first, and knows no name for a free number", () => {
    expect(builtinRpcPrograms[0]).toMatchObject({ number: 100000, name: "rpcbind" });
    expect(rpcProgramName(99999)).toBeNull();
  });

  test.skipIf(!existsSync("/etc/rpc"))("agrees with this machine's /etc/rpc where both know a number", () => {
    const here = parseRpcFile(readFileSync("/etc/rpc", "latin1"));
    const known = here.filter(({ number }) => rpcProgramName(number) !== null);
    expect(known.length).toBeGreaterThan(20);
    for (const { number, name, aliases } of known) {
      const ours = builtinRpcPrograms.find((program) => program.number === number)!;
      expect([name, ...aliases].some((word) => [ours.name, ...ours.aliases].includes(word))).toBe(true);
    }
  });
});

describe("the operator's file", () => {
  test("keeps its order; names may begin with a digit; what follows the number is aliases", () => {
    const text = "# programs\nzeta\t200000 z zz # last letter\n  3270_mapper 100013\r\nnfs 100003nfsprog\n";
    expect(parseRpcFile(text)).toEqual([
      { number: 200000, name: "zeta", aliases: ["z", "zz"] },
      { number: 100013, name: "3270_mapper", aliases: [] },
      { number: 100003, name: "nfs", aliases: ["nfsprog"] },
    ]);
  });

  test.each(["", "#x 1", "name", "name x", "name -1", "name 4294967296", "name 99999999999", "a#b 1", "1"])(
    "passes over %j",
    (line) => expect(parseRpcFile(line)).toEqual([]),
  );

  test("knows the largest number, and may end without a line feed", () => {
    expect(parseRpcFile("last 4294967295")).toEqual([{ number: 0xffffffff, name: "last", aliases: [] }]);
  });

  test("any text is read without a throw, and what was written is read back", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseRpcFile(text)));
    const program = fc.record({
      number: fc.nat(0x7fffffff),
      name: fc.stringMatching(/^[\w.+-]{1,12}$/),
      aliases: fc.array(fc.stringMatching(/^[a-z]\w{0,5}$/), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(program), (programs) => {
        const lines = programs.map(
          ({ number, name, aliases }) => `${name}\t${number} ${aliases.join(" ")} # x`,
        );
        expect(parseRpcFile(lines.join("\n"))).toEqual(programs);
      }),
    );
  });
});
