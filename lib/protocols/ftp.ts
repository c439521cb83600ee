import { latin1, printable, type Response } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { greeter, greeterOf, joined } from "./greeting-220.ts";
import { bytes, greetingUnfinished, parseReplies, replyComplete } from "./reply-lines.ts";
import { takeUpTls } from "./starttls.ts";
import type { Ask, Protocol } from "./types.ts";

const command = (probe: string, line: string): Ask => ({
  probe,
  data: bytes(`${line}\r\n`),
  complete: replyComplete,
});

/** A daemon that dies while starting says so before any reply code. */
const DYING = /^(?:500 )?OOPS: /;

/** `AUTH TLS`, and lists such as `AUTH SSL;TLS` or `AUTH TLS-C;TLS-P;`. */
const offersTls = ({ data }: Response) =>
  parseReplies(data).some(
    ({ code, lines }) => code === 211 && lines.some((text) => /^ *AUTH\b.{0,80}\bTLS\b/i.test(text)),
  );
/** RFC 4217 section 4. */
const goesAhead = ({ data }: Response) => parseReplies(data)[0]?.code === 234;

/**
 * FTP (RFC 959): the server greets. Asked without a login: SYST and FEAT (RFC 2389), which many servers answer to anyone, FEAT again
 * inside of TLS where that is offered (RFC 4217), then QUIT.
 */
export const ftp: Protocol = {
  name: "ftp",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "ftp.syst",
  answersOwed: (data) => parseReplies(data).length > 0,
  unlike: "ftp.quit",
  unfinished: greetingUnfinished,
  openers: () => [],

  recognise(response) {
    const kind = greeterOf(response);
    if (kind !== "ftp" && kind !== "either") return null;
    const first = parseReplies(response.data)[0];
    const excerpt = printable(`${first?.code} ${first?.lines[0] ?? ""}`);
    // A 220 that fits SMTP as well, and refusals that many line protocols send, say little.
    return { service: "ftp", weight: kind === "ftp" ? 7 : first?.code === 220 ? 2 : 1, excerpt };
  },

  async converse(session) {
    if (!(await session.ask(command("ftp.syst", "SYST")))) return;
    const feat = command("ftp.feat", "FEAT");
    const answer = await session.ask(feat);
    if (!answer) return;
    if (offersTls(answer) && (await takeUpTls(session, command("ftp.auth", "AUTH TLS"), goesAhead)))
      await session.ask(feat, { here: true });
    await session.ask(command("ftp.quit", "QUIT"));
  },

  facts(responses) {
    const list = factList();
    const kind = greeter(responses);
    for (const { data, probe } of responses) {
      const start = latin1(data.subarray(0, 512));
      if (DYING.test(start))
        list.add("ftp.banner", start.replace(/^500 /, "").split(/\r?\n/, 1)[0], "banner");
      if (kind !== "ftp" && kind !== "either") continue;
      for (const { code, lines } of parseReplies(data)) {
        const text = joined(lines);
        if (code === 220) list.add("ftp.banner", text, "banner");
        if (kind !== "ftp") continue;
        // 215 answers SYST alone (RFC 959 section 4.2.2).
        if (code === 215) list.add("ftp.syst", text, "reply:ftp.syst");
        if (code === 211 && lines.length > 2) list.add("ftp.feat", features(lines), "reply:ftp.feat");
        if (code === 214) list.add("ftp.help", text, "reply:ftp.help");
        if (code === 530 || code === 500 || code === 502) list.add("ftp.refusal", text, `reply:${probe}`);
      }
    }
    return list.facts;
  },
};

/** Feature lines of a FEAT reply, joined by commas, in the order sent. */
function features(lines: readonly string[]): string {
  return lines
    .slice(1, -1)
    .map((line) => line.trim())
    .join(",");
}
