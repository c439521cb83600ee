import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { postgresql, sslRequest, startup } from "../../lib/protocols/postgresql.ts";
import { context, liveSession, recorded } from "./recorded.ts";

recorded(postgresql);

/** Pgpool-II 4.3.5 of Debian 12, to a startup message that names no user. */
const NAMELESS =
  "E\0\0\0_SFATAL\0C28000\0Mno PostgreSQL user name specified in startup packet\0Fprotocol/child.c\0L738\0\0";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const UNSUPPORTED = "E\0\0\0\x20SFATAL\0C0A000\0Munsupported\0\0";

/** Answers the way PostgreSQL does without TLS: `N` to SSLRequest, an error to an unknown version. */
async function plainServer(heard: string[], ssl = "N", unsupported = UNSUPPORTED): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      const code = data.readUInt32BE(4);
      heard.push(code === 80877103 ? "ssl" : `version ${code >> 16}`);
      if (code === 80877103) socket.write(ssl);
      else socket.end(Buffer.from(code >> 16 === 3 ? NAMELESS : unsupported, "latin1"));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("postgresql", () => {
  test("after `N` the startup message goes out on the same connection, and the server closes it", async () => {
    const heard: string[] = [];
    const session = await liveSession(await plainServer(heard));
    await session.ask(sslRequest);
    await postgresql.converse?.(session);
    session.close();
    expect(heard).toEqual(["ssl", "version 99"]);
    expect(new Set(session.responses.map(({ connection }) => connection)).size).toBe(1);
    const names = postgresql.facts(session.responses, null).map(({ name, value }) => `${name}=${value}`);
    expect(names).toContain("postgresql.ssl=N");
    expect(names).toContain("postgresql.sqlstate=0A000");
  });

  test("after `S`, where TLS then fails, the startup message goes out on a new connection", async () => {
    const heard: string[] = [];
    const session = await liveSession(await plainServer(heard, "S"));
    await session.ask(sslRequest);
    await postgresql.converse?.(session);
    session.close();
    expect(session.responses.map(({ connection }) => connection)).toEqual([0, 1]);
    expect(postgresql.facts(session.responses, null).map(({ name }) => name)).toContain(
      "postgresql.sqlstate",
    );
  });

  test("who hangs up on a version that does not exist is asked in one that does, as nobody", async () => {
    const heard: string[] = [];
    const session = await liveSession(await plainServer(heard, "N", ""));
    await session.ask(sslRequest);
    await postgresql.converse?.(session);
    session.close();
    expect(heard).toEqual(["ssl", "version 99", "version 3"]);
    const facts = postgresql.facts(session.responses, null);
    const file = facts.find(({ name }) => name === "postgresql.error.file")?.value;
    expect(file).toBe("protocol/child.c");
  });

  test("inside TLS no second TLS is asked for", () => {
    expect(postgresql.openers(context(5432, { tls: true }))).toEqual([startup]);
  });

  test("the version asked for exists nowhere, so that no login can begin", () => {
    const view = Buffer.from(startup.data);
    expect(view.readUInt32BE(0)).toBe(view.length);
    expect(view.readUInt16BE(4)).toBe(99);
  });
});
