import type { Response } from "../model/observation.ts";
import { parseReplies } from "./reply-lines.ts";

/*
 * FTP and SMTP both greet with 220 and refuse with 5xx. Which of the two it is shows in the words of the greeting, in the codes that
 * only one of them uses, or in the answer to a command. Bytes that fit both are "either".
 */

export type Greeter = "ftp" | "smtp" | "either";

const SMTP_WORDS =
  /\b(?:E?SMTP|LMTP|e?smtpd|MTA|mail(?:er| ?server|enable|site|sweeper)?|postfix|exim|sendmail|qmail|exchange|UCE|UBE|spam)\b|\bsmtp/i;
const FTP_WORDS = /ftp|\bfile ?zilla|\bserv-u\b|\bVS_?FTP/i;
/** Codes of RFC 959 that SMTP (RFC 5321 section 4.2.3) does not have. */
const FTP_CODES = new Set([
  110, 120, 125, 150, 200, 202, 212, 213, 215, 225, 226, 227, 229, 230, 257, 331, 332, 350, 425, 426, 530,
  532,
]);
const SMTP_CODES = new Set([250, 251, 252, 354, 455, 555]);
/** EHLO keywords of the IANA registry of SMTP service extensions. */
const EHLO_KEYWORD =
  /^(?:PIPELINING|SIZE(?: \d+)?|8BITMIME|SMTPUTF8|DSN|ETRN|VRFY|EXPN|CHUNKING|BINARYMIME|ENHANCEDSTATUSCODES|STARTTLS|AUTH[ =].*)$/i;
/** RFC 3463: `5.5.1` after the code; FTP has no such thing. */
const ENHANCED_STATUS = /^[245]\.\d{1,3}\.\d{1,3}\b/;
/** FEAT lines (RFC 2389) begin with a space. */
const FEAT_LINE = /^ (?:MDTM|SIZE|REST STREAM|MLST|EPRT|EPSV|PASV|TVFS|UTF8|AUTH|PBSZ|PROT)\b/;

/** Text of a reply, lines joined by CR LF. */
export function joined(lines: readonly string[]): string {
  return lines.join("\r\n");
}

/** What this one response shows; null when it is not made of such replies. */
export function greeterOf({ data }: Response): Greeter | null {
  const replies = parseReplies(data);
  const first = replies[0];
  if (!first) return null;
  for (const { code, lines } of replies) {
    if (code === 250 && lines.slice(1).some((line) => EHLO_KEYWORD.test(line))) return "smtp";
    if (code === 211 && lines.some((line) => FEAT_LINE.test(line))) return "ftp";
    if (lines.some((line) => ENHANCED_STATUS.test(line))) return "smtp";
    if (FTP_CODES.has(code) && code !== 200) return "ftp";
  }
  const text = replies.map((reply) => joined(reply.lines)).join("\r\n");
  const smtp = SMTP_WORDS.test(text);
  const ftp = FTP_WORDS.test(text);
  if (smtp !== ftp) return smtp ? "smtp" : "ftp";
  if (SMTP_CODES.has(first.code)) return "smtp";
  // 421 and 554 refuse in both; 500 to 504 answer a command that neither knows.
  return [220, 214, 211, 221, 421, 500, 501, 502, 503, 504, 550, 554].includes(first.code) ? "either" : null;
}

/** What an endpoint's responses show together: a decisive one settles those that fit both. Null when none is of this kind. */
export function greeter(responses: readonly Response[]): Greeter | null {
  const kinds = responses.map(greeterOf);
  return (
    kinds.find((kind) => kind === "ftp" || kind === "smtp") ?? (kinds.includes("either") ? "either" : null)
  );
}
