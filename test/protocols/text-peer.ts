import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import type { Endpoint } from "../../lib/model/endpoint.ts";
import type { Response } from "../../lib/model/observation.ts";
import { openTcp } from "../../lib/net/tcp.ts";
import type { Connection } from "../../lib/net/types.ts";
import type { Ask, AskContext, Protocol, Session } from "../../lib/protocols/types.ts";

/** One recorded dialogue: `<case>.json` names the `.bin` files of its responses, the service and the facts expected of them. */
export interface Vector {
  name: string;
  service: string | null;
  responses: Response[];
  facts: Record<string, string | string[] | null>;
}

export function vectors(protocol: string): Vector[] {
  const folder = new URL(`./vectors/${protocol}/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => {
      const { responses, ...rest } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
      return {
        ...rest,
        name: file.replace(".json", ""),
        responses: responses.map((row: { probe: string; file: string; tls?: boolean }) => ({
          ...response(row.probe, readFileSync(new URL(row.file, folder))),
          tls: row.tls ?? false,
        })),
      };
    });
}

export function response(probe: string, data: Uint8Array | string): Response {
  const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
  return { probe, tls: false, data: bytes, firstByteMs: 1, end: "complete", connection: 0 };
}

/** Facts as an object: one value as text, several as a list. */
export function factMap(protocol: Protocol, responses: Response[]): Record<string, string | string[]> {
  const map: Record<string, string | string[]> = {};
  for (const { name, value } of protocol.facts(responses, null)) {
    const before = map[name];
    map[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return map;
}

export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

export function context(port: number, overrides: Partial<AskContext> = {}): AskContext {
  return { host: "127.0.0.1", hostname: null, port, transport: "tcp", tls: false, ...overrides };
}

/** Speaks with a real peer as the core does: greeting first where the server greets, then openers, then `converse`. */
export async function converse(protocol: Protocol, port: number): Promise<Response[]> {
  const where = context(port);
  const endpoint: Endpoint = { host: where.host, hostname: null, port, transport: "tcp" };
  const responses: Response[] = [];
  let connection: Connection | null = null;
  const connect = async (): Promise<Connection | null> => {
    const opened = await openTcp(endpoint, { timeoutMs: 5000 });
    connection = opened.state === "open" ? opened.connection : null;
    if (connection && protocol.speaksFirst === "server")
      await record(connection, { probe: "NULL", data: Buffer.alloc(0) });
    return connection;
  };
  const record = async (on: Connection, ask: Ask): Promise<Response> => {
    if (ask.data.length > 0) on.write(ask.data);
    const complete = ask.complete ?? ((bytes: Uint8Array) => bytes.at(-1) === 0x0a);
    const read = await on.read({ timeoutMs: ask.timeoutMs ?? 5000, complete });
    const result: Response = { probe: ask.probe, tls: false, connection: 0, ...read };
    responses.push(result);
    return result;
  };
  const session: Session = {
    context: where,
    responses,
    async ask(ask, options) {
      const on = !connection || connection.ended || options?.fresh ? await connect() : connection;
      return on && record(on, ask);
    },
    startTls: async () => null,
  };
  await connect();
  for (const ask of protocol.openers(where)) await session.ask(ask);
  await protocol.converse?.(session);
  (connection as Connection | null)?.close();
  return responses;
}
