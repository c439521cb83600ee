import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { smtp } from "../../lib/protocols/smtp.ts";
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
