// Bacula and Bareos: each message is a length and a line of text. To the hello of a console the director answers with a
// challenge, which names it and tells a file or storage daemon from it by the numbers of its replies. The
// challenge is not answered.
// Source: Bacula Developer's Guide, "Daemon Protocol" (General Daemon Protocol, Save Protocol Between Director and
// Daemons); Bareos Developer Guide, "Daemon Protocol".
import { printable, type Response } from "../model/observation.ts";
import { big, join, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const HELLO = "Hello *UserAgent* calling\n";
/** A file daemon listens to directors alone, and refuses one that it does not know by name. */
const DIRECTOR_HELLO = "Hello Director doorplate calling\n";
const REFUSAL =
  /^[\w.-]{1,40}\.c:\d{1,5} Connection from unknown Director \S{1,128} at \S{1,64} rejected\.\n/;
const MAX_MESSAGE = 1000;
const CHALLENGE = /^auth cram-md5c? <(\d{1,12}\.\d{1,12})@([\w.:-]{1,128})> ssl=(\d)\n\0?$/;
/** Replies begin with the number of the daemon's kind. */
const ROLES: Record<string, string> = { 1: "director", 2: "file daemon", 3: "storage daemon" };
const REPLY = /^([123])(?:000 OK|9\d\d) [^\n]{3,300}\n?/;

const whole = (received: Uint8Array) => received.length >= 4 && received.length >= reader(received).u32() + 4;
const hello: Ask = {
  probe: "bacula.hello",
  data: join(big(HELLO.length, 4), HELLO),
  complete: whole,
};
const directorHello: Ask = {
  probe: "bacula.directorHello",
  data: join(big(DIRECTOR_HELLO.length, 4), DIRECTOR_HELLO),
  complete: whole,
};

/** The text of the first message, or null. */
function messageText(data: Uint8Array): string | null {
  const r = reader(data);
  const size = r.u32();
  if (size < 8 || size > MAX_MESSAGE) return null;
  const text = r.text(size);
  return r.failed ? null : text;
}

function read({ data }: Response): Reading | null {
  const text = messageText(data);
  if (text === null) return null;
  const challenge = CHALLENGE.exec(text);
  if (challenge) {
    const [, , name, tls] = challenge;
    return {
      service: "bacula",
      weight: 9,
      excerpt: printable(text.trim()),
      values: { name, tls, role: "director" },
    };
  }
  const refusal = REFUSAL.exec(text)?.[0].trim();
  if (refusal)
    return {
      service: "bacula",
      weight: 9,
      excerpt: printable(refusal),
      values: { role: "file daemon", refusal: refusal.replace(/^\S+ /, "").replace(/ \S+ at \S+ /, " ") },
    };
  const reply = REPLY.exec(text);
  if (!reply) return null;
  return {
    service: "bacula",
    weight: /authori[sz]ation|authentication|hello|OK/i.test(text) ? 8 : 6,
    excerpt: printable(text.trim()),
    values: {
      role: ROLES[reply[1] ?? ""],
      reply: text.replace(/\0/g, "").trim(),
      version: /\bVersion: (\d{1,2}(?:\.\d{1,3}){1,3})/.exec(text)?.[1],
    },
  };
}

export const bacula: Protocol = readingProtocol({
  name: "bacula",
  prefix: "bacula",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [hello, directorHello],
  read,
});
