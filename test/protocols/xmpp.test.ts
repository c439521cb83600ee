import { expect, test } from "vitest";
import { xmpp } from "../../lib/protocols/xmpp.ts";
import { peer, recordedBytes } from "./dialogue-peer.ts";
import { context, recorded } from "./recorded.ts";
import { converse, factMap } from "./text-peer.ts";

recorded(xmpp);

const text = (port: number, hostname: string | null = null): string =>
  Buffer.from(xmpp.openers(context(port, { hostname }))[0]?.data ?? []).toString("latin1");

test("clients and servers are greeted in their own namespace, under the name asked for", () => {
  expect(text(5222, "example.org")).toContain("to='example.org' xmlns='jabber:client'");
  expect(text(5269)).toContain("xmlns='jabber:server'");
  expect(text(5222, "a'><evil/>")).not.toContain("<evil");
});

test("TLS is taken where it is offered, and nobody authenticates", async () => {
  const server = await peer([
    [/<stream:stream /, recordedBytes("xmpp/prosody-starttls")],
    [/<starttls /, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
  ]);
  const responses = await converse(xmpp, server.port);
  await server.close();
  expect(responses.map(({ probe }) => probe)).toEqual(["xmpp.stream", "xmpp.starttls"]);
  expect(server.heard.join("")).not.toMatch(/<auth/);
});

test("without TLS the stream is closed as it was opened", async () => {
  const server = await peer([
    [/<stream:stream /, recordedBytes("xmpp/ejabberd")],
    [/<\/stream:stream>/, "</stream:stream>"],
  ]);
  const responses = await converse(xmpp, server.port);
  await server.close();
  expect(factMap(xmpp, responses)["xmpp.domain"]).toBe("example.org");
  expect(responses.at(-1)?.probe).toBe("xmpp.close");
});
