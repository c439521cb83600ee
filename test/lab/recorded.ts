/**
 * Recorded answers, each behind a door of its own on this machine's loopback: what listeners say that no Debian package brings. A door gives its
 * answer on connecting, or to the kind of question that it was recorded for, and hangs up on any other.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Case } from "../evaluate/corpus.ts";
import type { Compared } from "./parity-measure.ts";

/** What a question looks like that is answered, by the probe that the answer was recorded for; null: the answer comes unasked. */
const QUESTIONS: Readonly<Record<string, RegExp | null>> = {
  NULL: null,
  GetRequest: /^(?:GET|HEAD|POST|OPTIONS) \S+ HTTP\//,
  RTSPRequest: /^OPTIONS \S+ RTSP\//,
  SIPOptions: /^OPTIONS sip:/,
  DNSVersionBindReq: /version\x04bind/i,
  "hp-pjl": /@PJL/,
};
const HOST = "127.0.0.1";

/** Doors for every different answer that came over the wire. @throws for an answer to a probe that is not known here */
export async function serveRecorded(cases: readonly Case[]): Promise<Compared & { stop(): void }> {
  const different = new Map(
    cases
      .filter(({ wire }) => wire)
      .map((one) => {
        const { probe, data } = answerOf(one);
        return [`${one.transport} ${probe} ${Buffer.from(data).toString("latin1")}`, one];
      }),
  );
  const servers = await Promise.all([...different.values()].map(serve));
  return {
    network: { isolated: false, prefix: [], stop: async () => undefined },
    doors: servers.map(({ one: { id, transport }, port }) => ({ daemon: id, host: HOST, port, transport })),
    stop: () => {
      for (const { close } of servers) close();
    },
  };
}

function answerOf({ id, responses }: Case) {
  const [answer] = responses;
  const question = QUESTIONS[answer?.probe ?? ""];
  if (!answer || question === undefined) throw new Error(`${id}: no door answers ${answer?.probe}`);
  return { ...answer, question };
}

async function serve(one: Case) {
  const { data, question } = answerOf(one);
  const asks = (asked: Buffer) => question?.test(asked.toString("latin1")) === true;
  if (one.transport === "udp") {
    const socket = createSocket("udp4", (asked, { port, address }) => {
      if (asks(asked)) socket.send(data, port, address);
    });
    socket.bind(0, HOST);
    await once(socket, "listening");
    return { one, port: socket.address().port, close: () => void socket.close() };
  }
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    if (question === null) socket.write(data);
    socket.on("data", (asked) => socket.end(asks(asked) ? data : new Uint8Array()));
  }).listen(0, HOST);
  await once(server, "listening");
  const close = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { one, port: (server.address() as { port: number }).port, close };
}
