import { readdirSync, readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Response } from "../../lib/model/observation.ts";
import type { Ask, AskContext, Protocol, Session } from "../../lib/protocols/types.ts";

// Recorded answers: `vectors/<protocol>/<case>.bin` with what they must give in `<case>.json`.

interface Expected {
  probe: string;
  service: string | null;
  /** Heard inside TLS. */
  tls?: boolean;
  facts: Record<string, string>;
}

export function respond(data: Uint8Array, probe: string, connection = 0): Response {
  return { probe, tls: false, data, firstByteMs: 1, end: "quiet", connection };
}

export function context(port: number, over: Partial<AskContext> = {}): AskContext {
  return { host: "127.0.0.1", hostname: null, port, transport: "tcp", tls: false, ...over };
}

/** Every recorded answer is recognised and read as its expectation says, and no damage to it makes a parser throw. */
export function recorded(protocol: Protocol): void {
  const folder = new URL(`vectors/${protocol.name}/`, import.meta.url);
  const cases = readdirSync(folder)
    .filter((file) => file.endsWith(".bin"))
    .map((file) => file.slice(0, -4));
  const load = (name: string): { data: Uint8Array; expected: Expected } => ({
    data: new Uint8Array(readFileSync(new URL(`${name}.bin`, folder))),
    expected: JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")),
  });

  describe(`${protocol.name}: recorded answers`, () => {
    test.each(cases)("%s", (name) => {
      const { data, expected } = load(name);
      const response = { ...respond(data, expected.probe), tls: expected.tls ?? false };
      expect(protocol.recognise(response)?.service ?? null).toBe(expected.service);
      const facts = protocol.facts([response], null);
      const values = Object.fromEntries(facts.map((fact) => [fact.name, fact.value]));
      expect(values).toMatchObject(expected.facts);
      if (expected.service === null && Object.keys(expected.facts).length === 0) expect(facts).toEqual([]);
      for (const { family } of facts) expect(family).toMatch(/^(?:banner|reply:[\w.-]+)$/);
    });

    test("no cut or changed answer makes it throw, and no value has more than one character a byte", () => {
      fc.assert(
        fc.property(fc.constantFrom(...cases), fc.nat(), fc.nat(), fc.nat(255), (name, cut, at, byte) => {
          const { data, expected } = load(name);
          const damaged = data.slice(0, cut % (data.length + 1));
          if (damaged.length > 0) damaged[at % damaged.length] = byte;
          const response = respond(damaged, expected.probe);
          protocol.recognise(response);
          for (const { value } of protocol.facts([response], null)) expect(value).not.toMatch(/[^\0-\xff]/);
        }),
        { numRuns: 400 },
      );
    });

    test("arbitrary bytes never make it throw", () => {
      const probes = protocol.openers(context(1)).map((ask) => ask.probe);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom("NULL", ...probes), (data, probe) => {
          protocol.recognise(respond(data, probe));
          protocol.facts([respond(data, probe)], null);
          for (const ask of protocol.openers(context(1))) ask.complete?.(data);
        }),
        { numRuns: 300 },
      );
    });
  });
}

/** A session over a plain TCP connection to a real peer; TLS is not needed here. */
export async function liveSession(port: number): Promise<Session & { close(): void }> {
  const responses: Response[] = [];
  let socket: Socket | null = null;
  let connection = -1;
  const connect = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      connection++;
      const opened = createConnection({ host: "127.0.0.1", port }, () => resolve(opened));
      opened.once("error", reject);
    });
  const read = (from: Socket, ask: Ask): Promise<Uint8Array> =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const finish = (): void => {
        clearTimeout(timer);
        from.removeAllListeners();
        from.on("error", () => undefined);
        resolve(new Uint8Array(Buffer.concat(chunks)));
      };
      const timer = setTimeout(finish, ask.timeoutMs ?? 2000);
      from.on("data", (chunk) => {
        chunks.push(chunk);
        if (ask.complete?.(new Uint8Array(Buffer.concat(chunks)))) finish();
      });
      from.on("close", finish);
      from.on("error", () => undefined);
      from.write(ask.data);
    });
  return {
    context: context(port),
    responses,
    async ask(ask, options = {}) {
      if (options.fresh || !socket || socket.destroyed) {
        socket?.destroy();
        socket = await connect();
      }
      const response = respond(await read(socket, ask), ask.probe, connection);
      responses.push(response);
      return response;
    },
    startTls: () => Promise.resolve(null),
    close: () => {
      socket?.destroy();
    },
  };
}
