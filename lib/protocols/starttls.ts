// TLS within a conversation that began in the clear: the client asks, the server gives a go-ahead, and the handshake follows on the same
// connection. It is asked for only where it was offered, for the certificate and for what is said inside; a refusal leaves the
// conversation as it was, and after a failed handshake all that was said before stands.
// Source: RFC 3207 (SMTP), 9051 section 6.2.1 (IMAP), 2595 section 4 (POP3), 4642 (NNTP), 4217 (FTP), 5804 section 2.2 (ManageSieve), 4511
// section 4.14 (LDAP), 6120 section 5.4 (XMPP).
import type { Response } from "../model/observation.ts";
import type { Ask, Session } from "./types.ts";

/** No go-ahead is longer, bytes. */
const MAX_GO_AHEAD = 1024;

/** Takes up TLS on the current connection where `ask` gets its go-ahead. False: there is none, and the conversation goes on without. */
export async function takeUpTls(
  session: Session,
  ask: Ask,
  goesAhead: (answer: Response) => boolean,
): Promise<boolean> {
  if (session.context.tls) return false;
  const answer = await session.ask(ask, { here: true });
  if (!answer || !goesAhead(answer)) return false;
  // What follows the go-ahead in the clear is no part of any answer: whoever is on the way may have put it there.
  answer.data = answer.data.subarray(0, wholeAfter(ask, answer.data));
  return (await session.startTls()) !== null;
}

/** How many of the bytes are the answer proper. */
function wholeAfter({ complete }: Ask, data: Uint8Array): number {
  const most = Math.min(data.length, MAX_GO_AHEAD);
  for (let length = 1; length < most; length++) if (complete?.(data.subarray(0, length))) return length;
  return most;
}
