import { latin1, printable, type Response } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { bytes, dottedComplete, textLines } from "./reply-lines.ts";
import { takeUpTls } from "./starttls.ts";
import type { Ask, Protocol } from "./types.ts";

/** RFC 1939 section 4: `+OK` and a text; in other protocols (NATS, Redis) `+OK` stands alone. */
const GREETING = /^\+OK /;
/** The timestamp of APOP, RFC 1939 section 7. */
const TIMESTAMP = /<[^<>\s@]{1,256}@[^<>\s]{0,256}>/;

/** A command whose answer is one line. */
const line = (probe: string, text: string): Ask => ({
  probe,
  data: bytes(`${text}\r\n`),
  complete: (received) => received.includes(0x0a),
});
const goesAhead = ({ data }: Response) => /^\+OK\b/.test(latin1(data));

/**
 * POP3 (RFC 1939): the server greets; CAPA (RFC 2449) needs no login and may name the implementation, and is asked again inside of TLS
 * where that is offered; QUIT.
 */
export const pop3: Protocol = {
  name: "pop3",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "pop3.capa",
  answersOwed: (data) => /^(?:\+OK|-ERR)/.test(latin1(data.subarray(0, 4))),
  unlike: "pop3.quit",
  openers: () => [],

  recognise({ data }) {
    const line = textLines(latin1(data.subarray(0, 1024)))[0] ?? "";
    if (!GREETING.test(line)) return line === "+OK" ? { service: "pop3", weight: 1, excerpt: line } : null;
    const weight = /\bPOP3?\b|Qpopper/i.test(line) || TIMESTAMP.test(line) ? 9 : 6;
    return { service: "pop3", weight, excerpt: printable(line) };
  },

  async converse(session) {
    const capa = { probe: "pop3.capa", data: bytes("CAPA\r\n"), complete: dottedComplete(/^-ERR/) };
    const answer = await session.ask(capa);
    if (!answer) return;
    const offered = textLines(latin1(answer.data)).some((line) => /^STLS *$/i.test(line));
    if (offered && (await takeUpTls(session, line("pop3.stls", "STLS"), goesAhead)))
      await session.ask(capa, { here: true });
    await session.ask(line("pop3.quit", "QUIT"));
  },

  facts(responses) {
    const list = factList();
    let greeted = false;
    for (const { data } of responses) {
      const lines = textLines(latin1(data));
      const first = lines[0] ?? "";
      if (!first.startsWith("+OK")) continue;
      const dot = lines.indexOf(".");
      if (dot > 0) {
        const capabilities = lines.slice(1, dot);
        list.add("pop3.capa", capabilities.join(","), "reply:pop3.capa");
        const named = capabilities.find((line) => /^IMPLEMENTATION /i.test(line));
        list.add("pop3.implementation", named?.slice("IMPLEMENTATION ".length).trim(), "reply:pop3.capa");
      } else if (!greeted && GREETING.test(first)) {
        // Only the first: what follows are answers, the goodbye among them.
        greeted = true;
        list.add("pop3.banner", first.slice(4), "banner");
      }
    }
    return list.facts;
  },
};
