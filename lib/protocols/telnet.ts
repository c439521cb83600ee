import { latin1, printable } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import type { Protocol } from "./types.ts";

/** RFC 854: "interpret as command", sub-negotiation begin and end, and the four option verbs. */
const IAC = 255;
const SB = 250;
const SE = 240;
const WILL = 251;
const DONT = 254;

const MAX_BANNER = 2048;
/** Options in use: those above are assigned to nothing that a server would ask for. */
const MAX_OPTION = 49;
/** Greetings of protocols that have a grammar of their own. */
const OTHER_GRAMMAR = /^(?:\d{3}[ -]|SSH-|\+OK|-ERR|\* |HTTP\/|RTSP\/|SIP\/|RFB \d|:\S+ |@RSYNCD|AMQP|<)/;
const PROMPT = /(?:login|user ?name|user|account|password|passcode)\s*:\s{0,8}$/i;

interface Dialogue {
  /** The text without commands. */
  text: string;
  /** Options negotiated, in order, each as `WILL 1`; RFC 854 names, decimal option numbers. */
  options: string[];
}

/** Splits a server's bytes into text and negotiation; an unfinished command at the end is dropped. */
function readDialogue(data: Uint8Array): Dialogue {
  const verbs = ["WILL", "WONT", "DO", "DONT"];
  const options: string[] = [];
  const text: number[] = [];
  let at = 0;
  while (at < data.length && text.length < MAX_BANNER) {
    const byte = data[at] ?? 0;
    const command = byte === IAC ? data[at + 1] : undefined;
    if (byte !== IAC) {
      text.push(byte);
      at += 1;
    } else if (command === IAC) {
      text.push(IAC);
      at += 2;
    } else if (command !== undefined && command >= WILL && command <= DONT) {
      const option = data[at + 2];
      if (option !== undefined && options.length < 32) options.push(`${verbs[command - WILL]} ${option}`);
      at += 3;
    } else if (command === SB) {
      let end = at + 2;
      while (end + 1 < data.length && !(data[end] === IAC && data[end + 1] === SE)) end += 1;
      at = end + 2;
    } else {
      at += 2;
    }
  }
  return { text: latin1(Uint8Array.from(text)), options };
}

function isText(text: string): boolean {
  const odd = text.replace(/[\t\r\n\0\x07\x08\x0b\x0c\x1b\x20-\x7e\x80-\xff]/g, "").length;
  return text.trim().length > 0 && odd * 20 <= text.length;
}

/**
 * The server negotiates: three bytes at the very start, then more of them or text; or more than one option behind lines that were printed before
 * the server ran (xinetd's `banner`, TCP wrappers).
 */
function negotiates(data: Uint8Array, { options }: Dialogue): boolean {
  const start = data.indexOf(IAC);
  if (start <= 0) return start === 0 && options.length > 0;
  const lead = latin1(data.subarray(0, start));
  const known = options.every((option) => Number(option.split(" ")[1]) <= MAX_OPTION);
  return options.length > 1 && known && lead.endsWith("\n") && isText(lead) && !OTHER_GRAMMAR.test(lead);
}

/**
 * Telnet (RFC 854): the server negotiates options and shows a greeting and a login prompt. Nothing is sent. Facts are read from any
 * free text with which a server speaks first, since many devices print their name without negotiating.
 */
export const telnet: Protocol = {
  // Any greeting may be a login's, however little it looks like one.
  factsOfStrangers: true,
  name: "telnet",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],

  recognise({ data }) {
    const dialogue = readDialogue(data.subarray(0, 4096));
    const { text, options } = dialogue;
    if (negotiates(data, dialogue)) {
      const known = options.filter((option) => Number(option.split(" ")[1]) <= MAX_OPTION).length;
      if (known === options.length)
        return { service: "telnet", weight: known > 1 ? 9 : 7, excerpt: options.join(", ").slice(0, 80) };
    }
    if (options.length > 0 || OTHER_GRAMMAR.test(text) || !isText(text)) return null;
    return PROMPT.test(text)
      ? { service: "telnet", weight: 5, excerpt: printable(text.trim().slice(-60)) }
      : null;
  },

  facts(responses) {
    const list = factList();
    for (const response of responses) {
      const dialogue = readDialogue(response.data);
      const { text, options } = dialogue;
      const negotiated = negotiates(response.data, dialogue);
      if (!negotiated && response.probe !== "NULL" && !telnet.recognise(response)) continue;
      if (negotiated) list.add("telnet.options", options.join(","), "telnet.options");
      if (!OTHER_GRAMMAR.test(text) && isText(text)) list.add("telnet.banner", text.trim(), "banner");
    }
    return list.facts;
  },
};
