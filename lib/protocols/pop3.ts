import { latin1, printable } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { bytes, dottedComplete, textLines } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

/** RFC 1939 section 4: `+OK` and a text; in other protocols (NATS, Redis) `+OK` stands alone. */
const GREETING = /^\+OK /;
/** The timestamp of APOP, RFC 1939 section 7. */
const TIMESTAMP = /<[^<>\s@]{1,256}@[^<>\s]{0,256}>/;

/** POP3 (RFC 1939): the server greets; CAPA (RFC 2449) needs no login and may name the implementation; QUIT. */
export const pop3: Protocol = {
  name: "pop3",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],

  recognise({ data }) {
    const line = textLines(latin1(data.subarray(0, 1024)))[0] ?? "";
    if (!GREETING.test(line)) return line === "+OK" ? { service: "pop3", weight: 1, excerpt: line } : null;
    const weight = /\bPOP3?\b|Qpopper/i.test(line) || TIMESTAMP.test(line) ? 9 : 6;
    return { service: "pop3", weight, excerpt: printable(line) };
  },

  async converse(session) {
    const capa = { probe: "pop3.capa", data: bytes("CAPA\r\n"), complete: dottedComplete(/^-ERR/) };
    if (!(await session.ask(capa))) return;
    await session.ask({
      probe: "pop3.quit",
      data: bytes("QUIT\r\n"),
      complete: (received) => received.includes(0x0a),
    });
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
