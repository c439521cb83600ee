import { expect, test } from "vitest";
import { latin1 } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { inItsOwnTime, seen } from "./door-in-memory.ts";

// Longer than the profile's wait of 3 s: the question that went out on the first connection is given up by then.
const LATE_MS = 4_000;
const greets = { line: "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", afterMs: LATE_MS };
const PAGE = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

test("a greeting that comes after a question on the same connection is heard", async () => {
  // WinRM's port, where a web server is asked at once.
  const door = { transport: "tcp", port: 47_001, answer: () => undefined, deaf: true, greets } as const;
  const { verdict, ms } = await inItsOwnTime(() => seen(door));
  expect(verdict).toMatchObject({ service: "ssh", method: "probed" });
  expect(ms).toBeLessThan(LATE_MS + 3_500);
});

test("and so is the answer of who takes longer than the profile waits", async () => {
  const answer = (question: Uint8Array) => (latin1(question).startsWith("GET / ") ? PAGE : undefined);
  const door = { transport: "tcp", port: 80, answer, slow: LATE_MS } as const;
  const { verdict } = await inItsOwnTime(() => seen(door));
  expect(verdict).toMatchObject({ service: "http", method: "probed" });
});

test.each([
  ["next door", 1, 1, ["something else"]],
  ["far away", 300, 1, ["something else"]],
  ["next door and slow, so that an answer might have come later", 1, 400, []],
])(
  "a name whose bearer never is silent at a line that is no request is doubted of who is, %s",
  async (_, rttMs, slow, against) => {
    const page = Buffer.from(
      "HTTP/1.1 200 OK\r\nServer: nginx/1.25.3\r\nX-Quokka: 1\r\nContent-Length: 2\r\n\r\nok",
    );
    const answer = (question: Uint8Array) => (latin1(question).startsWith("GET /") ? page : undefined);
    const door = { transport: "tcp", port: 80, answer, slow, rttMs } as const;
    const { verdict } = await inItsOwnTime(() => seen(door, protocols, { packs: [builtinPack()] }));
    expect(verdict?.conflicts.map((conflict) => conflict.against)).toEqual(against);
  },
);

test("who turns everybody away after a while, and is known by that alone, is heard though he was spoken to", async () => {
  // Postfix' QMQP server, to whoever is none of its clients.
  const line = "66:DError: localhost[127.0.0.1] is not authorized to use this service,";
  const door = {
    transport: "tcp",
    port: 20_000,
    answer: () => undefined,
    greets: { line, afterMs: 1000 },
  } as const;
  const { verdict } = await inItsOwnTime(() => seen(door, protocols, { packs: [builtinPack()] }));
  expect(verdict).toMatchObject({ service: "qmqp", product: "Postfix" });
});
