// ManageSieve: the server greets with its capabilities, one quoted name and value a line, then OK. The
// implementation names itself there, so nothing more is asked; where TLS is offered it is taken up, and the server greets again
// inside. LOGOUT is the goodbye.
// Source: RFC 5804 sections 1.2 (responses), 1.7 (capabilities), 2.2 (STARTTLS), 2.3 (LOGOUT).
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import { bytes, textLines } from "./reply-lines.ts";
import { takeUpTls } from "./starttls.ts";
import type { Ask, Protocol } from "./types.ts";

/** `"NAME"` or `"NAME" "value"`; a quoted string escapes `"` and `\` by a backslash. */
const CAPABILITY = /^"([A-Z]{3,20})"(?: "((?:[^"\\]|\\.){0,1000})")?$/i;
/** How the server ends its greeting, or refuses a command or the connection. */
const RESPONSE = /^(?:OK|NO|BYE)(?: \([^()]{1,300}\))?(?: "(?:[^"\\]|\\.){0,500}")?$/i;
/** Words of a refusal that name the protocol. */
const OWN_WORDS = /sieve/i;

/** Capabilities by upper-case name; empty when the bytes are no greeting. */
function parseCapabilities(data: Uint8Array): Map<string, string> {
  const capabilities = new Map<string, string>();
  for (const line of textLines(latin1(data.subarray(0, 8192)))) {
    const [, name, value = ""] = CAPABILITY.exec(line) ?? [];
    if (!name) break;
    capabilities.set(name.toUpperCase(), value.replace(/\\(.)/g, "$1"));
  }
  return capabilities;
}

/** Has the line that ends an answer arrived? */
const ended = (received: Uint8Array) => /^(?:OK|NO|BYE)\b[^\n]*\n/im.test(latin1(received.subarray(0, 8192)));
const command = (probe: string, text: string): Ask => ({
  probe,
  data: bytes(`${text}\r\n`),
  complete: ended,
});
const goesAhead = ({ data }: Response) => /^OK\b/i.test(latin1(data));
/** Longest wait for the greeting that follows the handshake unasked, ms; old servers leave it out. */
const GREETING_MS = 1_000;

function read({ data }: Response): Reading | null {
  const capabilities = parseCapabilities(data);
  const implementation = capabilities.get("IMPLEMENTATION");
  if (implementation !== undefined && (capabilities.has("SIEVE") || capabilities.has("SASL"))) {
    return {
      service: "sieve",
      weight: 9,
      excerpt: printable(`"IMPLEMENTATION" "${implementation}"`),
      values: {
        implementation,
        extensions: capabilities.get("SIEVE"),
        sasl: capabilities.get("SASL"),
        starttls: capabilities.has("STARTTLS") ? "yes" : null,
        version: capabilities.get("VERSION"),
      },
    };
  }
  const line = textLines(latin1(data.subarray(0, 1024)))[0] ?? "";
  if (!RESPONSE.test(line) || !OWN_WORDS.test(line)) return null;
  return { service: "sieve", weight: 7, excerpt: printable(line), values: { refusal: line } };
}

export const managesieve: Protocol = readingProtocol({
  name: "managesieve",
  prefix: "managesieve",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "managesieve.logout",
  unfinished: (greeting) => parseCapabilities(greeting).size > 0 && !ended(greeting),
  openers: () => [],
  read,
  async converse(session) {
    const offered = session.responses.some(({ data }) => parseCapabilities(data).has("STARTTLS"));
    if (offered && (await takeUpTls(session, command("managesieve.starttls", "STARTTLS"), goesAhead))) {
      const again = { probe: "NULL", data: bytes(""), complete: ended, timeoutMs: GREETING_MS };
      await session.ask(again, { here: true });
    }
    await session.ask(command("managesieve.logout", "LOGOUT"));
  },
});
