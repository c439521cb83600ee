/**
 * TLS as a scanner needs it: whatever the server can still speak is good, nothing is verified, nothing is secret.
 * The handshake itself is Node's (OpenSSL 3); here are the settings that let old servers in, and the reading of
 * what the handshake showed.
 */
import { constants } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, createSecureContext, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import type { TlsSession } from "../model/observation.ts";
import { waitFor } from "./patience.ts";
import type { Resumption } from "./types.ts";

/** Most certificates of one chain that are kept; real chains have 2 to 5. */
const MAX_CHAIN = 16;
/** Longest DNS name, bytes (RFC 1035, section 2.3.4); OpenSSL refuses longer server names. */
const MAX_SERVERNAME = 255;

/**
 * One for all connections: building one takes about a millisecond, and it keeps no session.
 * Security level 0 allows TLS 1.0 and 1.1 (their SHA-1 signatures), RSA keys below 1024 bits and so on.
 * An empty list of authorities keeps OpenSSL from adding roots that the server did not send.
 */
const ANYTHING_GOES = createSecureContext({
  minVersion: "TLSv1",
  maxVersion: "TLSv1.3",
  // Not the anonymous ones: a server that takes them (Postfix does) would keep its certificate to itself.
  ciphers: "ALL:!aNULL:@SECLEVEL=0",
  ca: [],
  // Servers without RFC 5746, and none that renegotiates for as long as we listen.
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_NO_RENEGOTIATION,
});

/** Key agreement without a certificate, which nothing but monitoring agents still does (NRPE); TLS 1.3 has no such thing. */
const ANONYMOUS = createSecureContext({
  minVersion: "TLSv1",
  maxVersion: "TLSv1.2",
  ciphers: "aNULL:@SECLEVEL=0",
  ca: [],
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_NO_RENEGOTIATION,
});

/**
 * Starts a handshake over a connected socket; SNI only for a name, since RFC 6066, section 3, allows no addresses.
 *
 * `done` is called once, in the same turn in which the handshake ended: with the TLS socket (then the caller
 * listens to it) and what it showed, or with null when it failed or `timeoutMs` passed. Up to TLS 1.2 a server
 * that demands a client certificate refuses only after it has shown its own; its session is then given although
 * no socket is. An error of the returned socket is never unhandled.
 */
export function handshake(
  socket: Socket,
  options: {
    servername: string | null;
    alpn: string[];
    timeoutMs: number;
    resumption?: Resumption;
    anonymous?: true;
  },
  done: (secured: TLSSocket | null, session: TlsSession | null) => void,
): TLSSocket {
  const { servername, alpn, resumption } = options;
  const named = servername !== null && servername.length <= MAX_SERVERNAME && isIP(servername) === 0;
  const secure = connect({
    socket,
    secureContext: options.anonymous ? ANONYMOUS : ANYTHING_GOES,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    minDHSize: 1,
    ...(named && servername !== "" ? { servername } : {}),
    ...(alpn.length > 0 ? { ALPNProtocols: alpn } : {}),
    ...(resumption?.session ? { session: resumption.session } : {}),
  });
  // Up to TLS 1.2 part of the handshake; in TLS 1.3 tickets come at any time after it.
  secure.on("session", (session: Buffer) => {
    if (resumption) resumption.session = session;
  });
  let shown: TlsSession | null = null;
  let settled = false;
  const settle = (secured: TLSSocket | null, session: TlsSession | null) => {
    if (settled) return;
    settled = true;
    deadline.stop();
    secure.off("secureConnect", succeed).off("error", fail).off("close", fail).off("keylog", look);
    done(secured, session);
  };
  const succeed = () => settle(secure, sessionOf(secure));
  const fail = () => settle(null, shown);
  // A failed handshake shows nothing any more. Key logging comes just before: `CLIENT_RANDOM` (up to TLS 1.2)
  // when the certificate is there and our answer to it is being made.
  const look = (line: Buffer) => {
    if (line.toString("latin1", 0, 14) === "CLIENT_RANDOM ") shown ??= sessionOf(secure);
  };
  const deadline = waitFor(options.timeoutMs, () => settle(null, null));
  secure.on("error", ignore);
  secure.once("secureConnect", succeed).once("error", fail).once("close", fail).on("keylog", look);
  return secure;
}

function ignore(): void {
  // The caller has heard of it as the end of the handshake or of a read.
}

/**
 * What the handshake has shown so far: protocol, IANA name of the cipher suite, ALPN, certificates (DER, leaf
 * first, as far as they chain). Null before the server's hello.
 */
function sessionOf(socket: TLSSocket): TlsSession | null {
  const protocol = socket.getProtocol();
  // Undefined before the handshake chose one, against its type.
  const cipher: { standardName?: string; name: string } | undefined = socket.getCipher();
  if (!protocol || !cipher) return null;
  return {
    protocol,
    cipher: cipher.standardName ?? cipher.name,
    alpn: socket.alpnProtocol || null,
    certificates: chainOf(socket),
  };
}

function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Buffer[] = [];
  // `{}` from an anonymous server. A self-signed certificate is its own issuer, as the same object or as another.
  let next: Partial<DetailedPeerCertificate> | null | undefined = socket.getPeerCertificate(true);
  while (next?.raw && chain.length < MAX_CHAIN) {
    const { raw } = next;
    if (chain.some((known) => known.equals(raw))) break;
    chain.push(raw);
    next = next.issuerCertificate;
  }
  return chain;
}
