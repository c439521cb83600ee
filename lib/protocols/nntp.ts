import { latin1, printable, type Response } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { bytes, dottedComplete, parseReplies, replyComplete, textLines } from "./reply-lines.ts";
import { takeUpTls } from "./starttls.ts";
import type { Protocol } from "./types.ts";

/** Words of news, and the servers whose greeting has none but their own name. */
const WORDS =
  /\bNNTP\b|\bnews ?(?:server|reader)?\b|\bINN\b|\bInterNetNews\b|\bleafnode\b|\bposting\b|NNTP|\b(?:NewsCache|Papercut|Typhoon|Cyclone|Twister|Tornado|DNEWS|DIABLO|NOFFLE|Hamster|NewsPlex|Breeze|WendzelNNTPd) /i;

/** RFC 4642 section 2.2.1. */
const goesAhead = ({ data }: Response) => parseReplies(data)[0]?.code === 382;

/**
 * NNTP (RFC 3977): the server greets with 200 (posting allowed) or 201; CAPABILITIES needs no login, and is asked again inside of TLS where
 * that is offered; QUIT.
 */
export const nntp: Protocol = {
  name: "nntp",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "nntp.capabilities",
  answersOwed: (data) => parseReplies(data).length > 0,
  unlike: "nntp.quit",
  openers: () => [],

  recognise({ data }) {
    const first = parseReplies(data)[0];
    if (!first || ![101, 200, 201, 400, 480, 502, 503].includes(first.code)) return null;
    const text = first.lines[0] ?? "";
    const excerpt = printable(`${first.code} ${text}`);
    if (first.code === 101)
      return /^Capability list/i.test(text) ? { service: "nntp", weight: 9, excerpt } : null;
    return WORDS.test(text) ? { service: "nntp", weight: first.code < 400 ? 7 : 4, excerpt } : null;
  },

  async converse(session) {
    const ask = {
      probe: "nntp.capabilities",
      data: bytes("CAPABILITIES\r\n"),
      complete: dottedComplete(/^[45]\d\d /),
    };
    const answer = await session.ask(ask);
    if (!answer) return;
    const offered = textLines(latin1(answer.data)).some((line) => /^STARTTLS *$/i.test(line));
    const starttls = { probe: "nntp.starttls", data: bytes("STARTTLS\r\n"), complete: replyComplete };
    if (offered && (await takeUpTls(session, starttls, goesAhead))) await session.ask(ask, { here: true });
    await session.ask({ probe: "nntp.quit", data: bytes("QUIT\r\n"), complete: replyComplete });
  },

  facts(responses) {
    const list = factList();
    for (const response of responses) {
      if (!nntp.recognise(response)) continue;
      const text = Buffer.from(response.data).toString("latin1");
      const first = parseReplies(response.data)[0];
      if (first?.code === 101) {
        const lines = text.split(/\r?\n/).slice(1, 64);
        const dot = lines.indexOf(".");
        const capabilities = dot < 0 ? lines : lines.slice(0, dot);
        list.add("nntp.capabilities", capabilities.join(","), "reply:nntp.capabilities");
        const named = capabilities.find((line) => /^IMPLEMENTATION /i.test(line));
        list.add(
          "nntp.implementation",
          named?.slice("IMPLEMENTATION ".length).trim(),
          "reply:nntp.capabilities",
        );
      } else if (first && first.code <= 201) {
        list.add("nntp.banner", first.lines[0], "banner");
      } else if (response.probe === "NULL") {
        list.add("nntp.refusal", first?.lines[0], "banner");
      }
    }
    return list.facts;
  },
};
