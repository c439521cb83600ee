import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { interpret } from "../../lib/detect/interpret.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import type { Transport } from "../../lib/model/endpoint.ts";
import type { Response } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";

// What daemons of Debian 12 answered on loopback, with their name off or by another's (test/lab/daemons/wide/variants-*.ts).

interface Door {
  door: string;
  transport: Transport;
  /** What really listens. */
  product: string;
  /** Whose name it gives. */
  doubted: string[];
  responses: { probe: string; data_b64: string; end: Response["end"] }[];
}

const doors = readFileSync(new URL("vectors/manners.jsonl", import.meta.url), "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Door);
const packs = [builtinPack()];

function verdictOn({ transport, responses }: Door) {
  const heard = responses.map(
    ({ probe, data_b64, end }): Response => ({
      probe,
      tls: false,
      data: Buffer.from(data_b64, "base64"),
      firstByteMs: 1,
      end,
      connection: 0,
    }),
  );
  const endpoint = { transport, port: 20_000 };
  const { evidence } = interpret({ protocols, packs }, heard, null, [], endpoint);
  return fuse({ ...endpoint, asked: true, evidence });
}

const [mute = [], open = []] = [true, false].map((hears) =>
  doors.filter(({ door }) => door.endsWith("by honeypot") === hears),
);

describe("what a program does tells who it is", () => {
  test.each(open.map((door) => [`${door.door} (${door.transport})`, door] as const))("%s", (_, door) => {
    const verdict = verdictOn(door);
    expect(verdict.product).toBe(door.product);
    const doubted = verdict.conflicts.flatMap(({ claimed, against }) => [claimed, against]);
    expect(doubted).toEqual(expect.arrayContaining(door.doubted));
    if (door.doubted.length > 0) expect(verdict.confidences.product).toBeLessThan(0.9);
  });

  test.each(mute.map((door) => [door.door, door] as const))("%s is not believed", (_, door) => {
    expect(verdictOn(door).confidences.product).toBeLessThan(0.9);
  });
});

test.each([
  ["JSESSIONID=0A1B; Path=/confluence; HttpOnly", "Atlassian Confluence"],
  ["JSESSIONID=0A1B; Path=/guacamole/; Secure; HttpOnly", "Guacamole"],
  ["JSESSIONID=0A1B; Path=/; HttpOnly", null],
  ["JSESSIONID=0A1B; Path=/portal", null],
  // A program's own cookie may be meant for anything beside it.
  ["theme=dark; Path=/confluence", null],
])("a session of a servlet container is its application's: %s", (cookie, product) => {
  const answer = `HTTP/1.1 302 Found\r\nSet-Cookie: ${cookie}\r\nLocation: login\r\nContent-Length: 0\r\n\r\n`;
  const responses = [
    { probe: "http.get", data_b64: Buffer.from(answer).toString("base64"), end: "complete" as const },
  ];
  expect(verdictOn({ door: "", transport: "tcp", product: "", doubted: [], responses }).product).toBe(
    product,
  );
});
