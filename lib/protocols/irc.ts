import { latin1, printable } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { bytes, textLines } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

/** A server message, RFC 2812 section 2.3.1: prefix, command or numeric, parameters. */
const NUMERIC = /^:(\S{1,255}) (\d{3}) (\S{1,64})(?: (.{0,400}))?$/;
const NOTICE = /^(?::\S{1,255} )?NOTICE (?:AUTH|\*) :/;
const CLOSING = /^ERROR :(?:Closing Link|Your host|Trying to reconnect|Too many)/i;

/** Some let a stranger wait two seconds for each line, ms. */
const GOODBYE_MS = 250;

/** What a server says to an HTTP request: an error line that speaks of IRC. */
const STRANGER = /^ERROR :[^\r\n]{0,200}\bIRC\b/;

/**
 * IRC (RFC 1459, RFC 2812): VERSION is asked without registering; most servers refuse it (451), some answer (351). Either shows the
 * grammar and the server's name.
 */
export const irc: Protocol = {
  name: "irc",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "irc.version",
      data: bytes("VERSION\r\n"),
      complete: (received) => /^:\S+ (?:351|451) /m.test(latin1(received.subarray(-1024))),
    },
  ],

  recognise({ data }) {
    for (const line of textLines(latin1(data.subarray(0, 4096)))) {
      if (NUMERIC.test(line)) return { service: "irc", weight: 9, excerpt: printable(line) };
      if (NOTICE.test(line) || CLOSING.test(line) || STRANGER.test(line))
        return { service: "irc", weight: 8, excerpt: printable(line) };
      return null;
    }
    return null;
  },

  async converse(session) {
    await session.ask({
      probe: "irc.quit",
      data: bytes("QUIT\r\n"),
      complete: (received) => received.includes(0x0a),
      timeoutMs: GOODBYE_MS,
    });
  },

  facts(responses) {
    const list = factList();
    for (const response of responses) {
      if (!irc.recognise(response)) continue;
      for (const line of textLines(latin1(response.data))) {
        const [, server, numeric, , rest] = NUMERIC.exec(line) ?? [];
        if (NOTICE.test(line)) list.add("irc.notice", line.slice(line.indexOf(" :") + 2), "banner");
        list.add("irc.host", server, "reply:irc.version");
        if (numeric === "351") list.add("irc.version", rest, "reply:irc.version");
      }
    }
    return list.facts;
  },
};
