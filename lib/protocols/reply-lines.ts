import { latin1 } from "../model/observation.ts";

/*
 * The reply grammar that FTP (RFC 959 section 4.2), SMTP (RFC 5321 section 4.2) and NNTP (RFC 3977 section 3.2) share: three digits, then a
 * space (last line) or a hyphen (more follow), then text. Read leniently: LF alone ends a line too, and lines of a multi-line FTP
 * reply need not repeat the code.
 */

/** One whole reply. `lines` are the texts without code and separator. */
export interface Reply {
  code: number;
  lines: string[];
  /** False when the bytes ended before the last line of the reply. */
  complete: boolean;
}

/** Most lines read from one response; a longer one is cut. */
const MAX_LINES = 256;
/** Longest line kept, bytes (RFC 5321 section 4.5.3.1.5 allows 512). */
const MAX_LINE = 1024;
/** How far back the end-of-reply check looks, bytes. */
const TAIL = 2048;

/**
 * Lines before a greeting are inetd's, not the server's: xinetd's `banner`, TCP wrappers'. Most of them, and what the first line of another
 * protocol looks like.
 */
const MAX_LEAD = 24;
const OTHER_LINE = /^(?:[A-Z]{3,5}[/-]\d|\+OK|-ERR|\* |[<{[@:]|\S+: )|[^\t\x20-\x7e\x80-\xff]/;
const GREETING = 220;

const CODE_LINE = /^([1-6]\d\d)([ -]|$)(.*)$/s;

/** Splits latin1 text into lines at CR LF or LF, at most 256 lines of 1,024 characters. */
export function textLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length && lines.length < MAX_LINES) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, Math.min(end, start + MAX_LINE));
    lines.push(line.endsWith("\r") ? line.slice(0, -1) : line);
    start = end + 1;
  }
  return lines;
}

/** The replies in a response, oldest first; empty when neither its first line is of this grammar, nor a greeting that a few lines of text precede. */
export function parseReplies(data: Uint8Array): Reply[] {
  const replies: Reply[] = [];
  let open: Reply | null = null;
  let lead = 0;
  for (const line of textLines(latin1(data))) {
    const match = CODE_LINE.exec(line);
    const code = match ? Number(match[1]) : null;
    if (open) {
      // Inside a multi-line reply only the same code followed by a space ends it.
      const own = code === open.code;
      open.lines.push(own ? (match?.[3] ?? "") : line);
      if (own && match?.[2] !== "-") {
        open.complete = true;
        open = null;
      }
      continue;
    }
    if (code === null && replies.length === 0 && lead < MAX_LEAD && !OTHER_LINE.test(line)) {
      lead += 1;
      continue;
    }
    if (code === null || (lead > 0 && replies.length === 0 && code !== GREETING)) break;
    const reply: Reply = { code, lines: [match?.[3] ?? ""], complete: match?.[2] !== "-" };
    replies.push(reply);
    if (!reply.complete) open = reply;
  }
  return replies;
}

/** The end of what has been received, as text: enough to see whether the last line is there. */
function tail(received: Uint8Array): string {
  return latin1(received.subarray(Math.max(0, received.length - TAIL)));
}

/** The last whole line received, without its line end; null while it is unfinished. */
export function lastLine(received: Uint8Array): string | null {
  const text = tail(received);
  if (!text.endsWith("\n")) return null;
  const body = text.slice(0, text.endsWith("\r\n") ? -2 : -1);
  return body.slice(body.lastIndexOf("\n") + 1);
}

/** An {@link Ask}'s `complete` for this grammar: the last line is `NNN text`. */
export function replyComplete(received: Uint8Array): boolean {
  const line = lastLine(received);
  return line !== null && /^[1-6]\d\d( |$)/.test(line);
}

/**
 * A greeting in this grammar whose last line is still to come: 220 with more lines to follow, or 120, which announces it (RFC 959 section 5.4). One
 * line without its end is none: servers that forget that are commoner than those that send half a line.
 */
export function greetingUnfinished(greeting: Uint8Array): boolean {
  const last = parseReplies(greeting).at(-1);
  return last?.code === 120 || (last?.code === 220 && !last.complete);
}

/** An {@link Ask}'s `complete` for replies that end in a line with a single dot (POP3, NNTP), or that refuse in one line. */
export function dottedComplete(refused: RegExp): (received: Uint8Array) => boolean {
  return (received) => {
    const line = lastLine(received);
    if (line === null) return false;
    return line === "." || (refused.test(line) && received.indexOf(0x0a) === received.length - 1);
  };
}

/** Latin1 text as bytes. */
export function bytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
