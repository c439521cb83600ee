import { latin1, printable, type Response } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { bytes, lastLine, textLines } from "./reply-lines.ts";
import { takeUpTls } from "./starttls.ts";
import type { Ask, Protocol } from "./types.ts";

/** RFC 9051 section 7.1: the greeting is an untagged OK, PREAUTH or BYE. */
const GREETING = /^\* (?:OK|PREAUTH|BYE)(?: |$)/i;

/** A command with its tag; the answer ends in the tagged line. */
function command(probe: string, tag: string, text: string): Ask {
  return {
    probe,
    data: bytes(`${tag} ${text}\r\n`),
    complete: (received) => lastLine(received)?.startsWith(`${tag} `) ?? false,
  };
}

function capabilities(text: string): string | null {
  return (
    /^\* CAPABILITY ([^\r\n]{1,2048})/im.exec(text)?.[1]?.trim() ??
    /\[CAPABILITY ([^\]\r\n]{1,2048})\]/i.exec(text)?.[1] ??
    null
  );
}

const offers = ({ data }: Response, name: string) =>
  (capabilities(latin1(data)) ?? "").toUpperCase().split(" ").includes(name);
const goesAhead = ({ data }: Response) => /^a4 OK\b/im.test(latin1(data));

/**
 * IMAP (RFC 9051): the server greets; CAPABILITY and ID (RFC 2971) need no login and LOGOUT is the goodbye. ID is asked only where it
 * is offered, and CAPABILITY again inside of TLS.
 */
export const imap: Protocol = {
  // What `ID` is answered with looks like no greeting.
  factsOfStrangers: true,
  name: "imap",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "imap.capability",
  answersOwed: (data) => /^(?:\* |a1 )/.test(latin1(data.subarray(0, 3))),
  openers: () => [],

  recognise({ data }) {
    const line = textLines(latin1(data.subarray(0, 2048)))[0] ?? "";
    if (GREETING.test(line)) {
      return { service: "imap", weight: /IMAP|\[CAPABILITY /i.test(line) ? 9 : 7, excerpt: printable(line) };
    }
    return /^\* CAPABILITY IMAP4/i.test(line)
      ? { service: "imap", weight: 9, excerpt: printable(line) }
      : null;
  },

  async converse(session) {
    const answer = await session.ask(command("imap.capability", "a1", "CAPABILITY"));
    if (!answer) return;
    const identified = offers(answer, "ID");
    if (identified && !(await session.ask(command("imap.id", "a2", "ID NIL")))) return;
    if (
      offers(answer, "STARTTLS") &&
      (await takeUpTls(session, command("imap.starttls", "a4", "STARTTLS"), goesAhead))
    ) {
      const inside = await session.ask(command("imap.capability", "a5", "CAPABILITY"), { here: true });
      if (inside && !identified && offers(inside, "ID"))
        await session.ask(command("imap.id", "a6", "ID NIL"), { here: true });
    }
    await session.ask(command("imap.logout", "a3", "LOGOUT"));
  },

  facts(responses) {
    const list = factList();
    for (const { data } of responses) {
      const text = latin1(data);
      const line = textLines(text)[0] ?? "";
      const untagged = /^(?:\* |a\d )/.test(line);
      if (!untagged) continue;
      // The goodbye of LOGOUT is a BYE as well, and no greeting.
      const farewell = /^a3 /m.test(text);
      if (GREETING.test(line) && !farewell) {
        list.add("imap.banner", line.replace(GREETING, ""), "banner");
        // Compiled in, unlike the words beside it, but as easily typed by who only greets.
        list.add("imap.capability", capabilities(line), "reply:NULL");
      } else {
        list.add("imap.capability", capabilities(text), "reply:imap.capability");
      }
      list.add("imap.id", /^\* ID (\([^\r\n]{1,2048}\))/im.exec(text)?.[1], "reply:imap.id");
    }
    return list.facts;
  },
};
