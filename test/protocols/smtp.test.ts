import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { smtp } from "../../lib/protocols/smtp.ts";
import { peer } from "./dialogue-peer.ts";
import { converse, factMap, listening } from "./text-peer.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(smtp);

test("a real smtp-server lists its extensions and is left with QUIT", async () => {
  const mails: unknown[] = [];
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    onMailFrom: (address, _, done) => {
      mails.push(address);
      done();
    },
  });
  const port = await listening(server.server);
  const responses = await converse(smtp, port);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const facts = factMap(smtp, responses);
  expect(facts["smtp.banner"]).toContain("ESMTP");
  expect(facts["smtp.ehlo"]).toContain("PIPELINING");
  expect(facts["smtp.quit"]).toMatch(/^221 /);
  expect(mails).toEqual([]);
});

test("who does not know EHLO and greets without a word of LMTP is asked for LHLO", async () => {
  const server = await peer(
    [
      [/^EHLO .*\r\n/, "500 5.5.1 Unknown command\r\n"],
      [/^LHLO .*\r\n/, "250-lab\r\n250-8BITMIME\r\n250-CHUNKING\r\n250 PIPELINING\r\n"],
      [/^QUIT\r\n/, "221 2.0.0 Bye\r\n"],
    ],
    { greeting: "220 lab Willkommen\r\n" },
  );
  const responses = await converse(smtp, server.port);
  await server.close();
  expect(responses.map((response) => smtp.recognise(response)?.service)).toContain("lmtp");
  expect(factMap(smtp, responses)["smtp.ehlo"]).toBe("8BITMIME,CHUNKING,PIPELINING");
});
