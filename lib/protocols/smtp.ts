import { printable, type Response } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { greeter, greeterOf, joined } from "./greeting-220.ts";
import { bytes, greetingUnfinished, parseReplies, replyComplete } from "./reply-lines.ts";
import { takeUpTls } from "./starttls.ts";
import type { Ask, Protocol } from "./types.ts";

/** RFC 2606: a name that nobody has. */
const OUR_NAME = "doorplate.invalid";

const STARTTLS = "smtp.starttls";
const goesAhead = ({ data }: Response) => parseReplies(data)[0]?.code === 220;

const command = (probe: string, line: string): Ask => ({
  probe,
  data: bytes(`${line}\r\n`),
  complete: replyComplete,
});

const LHLO = "smtp.lhlo";
/** With which a mail server turns away whom it does not greet. */
const REFUSALS = new Set([550, 554]);
const lists = ({ data }: Response) => parseReplies(data)[0]?.code === 250;

function isLmtp(text: string): boolean {
  return /\bLMTP\b/.test(text);
}

/**
 * SMTP (RFC 5321) and LMTP (RFC 2033): the server greets; we say EHLO (LHLO), which lists its extensions, inside of TLS
 * again where that is offered, and QUIT. No mail transaction is begun.
 */
export const smtp: Protocol = {
  name: "smtp",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "smtp.ehlo",
  answersOwed: (data) => parseReplies(data).length > 0,
  unlike: "smtp.quit",
  unfinished: greetingUnfinished,
  openers: () => [],

  recognise(response) {
    const kind = greeterOf(response);
    if (kind !== "smtp" && kind !== "either") return null;
    const first = parseReplies(response.data)[0];
    const text = joined(first?.lines ?? []);
    const excerpt = printable(`${first?.code} ${first?.lines[0] ?? ""}`);
    // FTP greets with no 5xx of its own; here 554 is the rule (RFC 5321 section 3.1), and 550 what Exim says.
    if (kind === "either")
      return {
        service: "smtp",
        weight: REFUSALS.has(first?.code ?? 0) || first?.code === 220 ? 2 : 1,
        excerpt,
      };
    return {
      service: isLmtp(text) || (response.probe === LHLO && lists(response)) ? "lmtp" : "smtp",
      weight:
        response.probe === LHLO && lists(response) ? 9 : first?.code === 220 || first?.code === 250 ? 7 : 5,
      excerpt,
    };
  },

  async converse(session) {
    const greeting = session.responses
      .map(({ data }) => joined(parseReplies(data)[0]?.lines ?? []))
      .join("\n");
    const lhlo = command(LHLO, `LHLO ${OUR_NAME}`);
    let hello = command("smtp.ehlo", `${isLmtp(greeting) ? "LHLO" : "EHLO"} ${OUR_NAME}`);
    let answer = await session.ask(hello);
    if (!answer) return;
    // Who does not know EHLO may want LHLO, whatever it greets with (RFC 2033 section 4.1).
    if (!isLmtp(greeting) && !lists(answer)) {
      const other = await session.ask(lhlo, { here: true });
      if (other && lists(other)) [hello, answer] = [lhlo, other];
    }
    const offered = parseReplies(answer.data).some(
      ({ code, lines }) => code === 250 && lines.slice(1).some((line) => /^STARTTLS *$/i.test(line)),
    );
    // What is offered inside may be more (AUTH, as a rule): EHLO is said again, as RFC 3207 section 4.2 wants.
    if (offered && (await takeUpTls(session, command(STARTTLS, "STARTTLS"), goesAhead)))
      await session.ask(hello, { here: true });
    await session.ask(command("smtp.quit", "QUIT"));
  },

  facts(responses) {
    const list = factList();
    const kind = greeter(responses);
    if (kind !== "smtp" && kind !== "either") return [];
    for (const { data, probe } of responses) {
      for (const [index, { code, lines }] of parseReplies(data).entries()) {
        const text = joined(lines);
        if (probe === STARTTLS) list.add("smtp.starttls", `${code} ${text}`, "reply:smtp.starttls");
        // The go-ahead has the code of a greeting.
        const greets = probe !== STARTTLS && index === 0 && (code === 220 || code === 421 || code === 554);
        if (greets) {
          list.add("smtp.banner", text, "banner");
          if (code === 220)
            list.add("smtp.greeting", /^[\w.-]+\.[\w.-]+(?= |$)/.exec(lines[0] ?? "")?.[0], "banner");
        }
        if (kind !== "smtp") continue;
        if (code === 250 && lines.length > 1) {
          list.add("smtp.ehlo", lines.slice(1).join(","), "reply:smtp.ehlo");
          list.add("smtp.ehlo.greeting", lines[0], "reply:smtp.ehlo");
        }
        if (code === 214)
          list.add("smtp.help", `214${lines.length > 1 ? "-" : " "}${text}`, "reply:smtp.help");
        if (code === 221) list.add("smtp.quit", `221 ${text}`, "reply:smtp.quit");
        if (code >= 500 && !greets && probe !== STARTTLS)
          list.add("smtp.refusal", `${code} ${text}`, `reply:${probe}`);
      }
    }
    return list.facts;
  },
};
