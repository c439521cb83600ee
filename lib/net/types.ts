import type { ReadEnd, TlsSession } from "../model/observation.ts";

/** How one read is bounded. All durations in ms; whichever bound is met first ends the read. */
export interface ReadBounds {
  /** Longest time for the whole read. Arriving bytes do not extend it. */
  timeoutMs: number;
  /** Stop when bytes have arrived and none followed for this long. */
  quietMs?: number;
  /** Stop when the bytes of this read are all that the protocol says there is. Called with all bytes of this read. */
  complete?: (received: Uint8Array) => boolean;
  /** Most bytes kept by this read; default and maximum 65,536. */
  maxBytes?: number;
}

export interface ReadResult {
  /** Bytes that arrived since the last read (what came between two reads belongs to the later). */
  data: Uint8Array;
  end: ReadEnd;
  /** ms from the start of the read to its first byte; 0 when bytes were waiting; null when none came. */
  firstByteMs: number | null;
}

/** What a TLS client keeps to spare itself the next full handshake with the same endpoint and server name; begins as null. */
export interface Resumption {
  /** The newest session that the server gave, as OpenSSL writes it. */
  session: Buffer | null;
}

/** One open connection (TCP, TLS over it, or a connected UDP socket). Never throws for what the peer does. */
export interface Connection {
  readonly transport: "tcp" | "udp";
  /** ms that connecting took: the round trip, as far as user space can see it. */
  readonly connectMs: number;
  /** ms since connecting began; once the peer has ended it, until that was seen. */
  readonly ageMs: number;
  /** The same at least: until the last look before that, where this process had stood still. */
  readonly leastAgeMs: number;
  /** True once the peer closed or reset; a write is then dropped. */
  readonly ended: boolean;
  /** The handshake's result once `startTls` succeeded. */
  readonly tls: TlsSession | null;
  write(data: Uint8Array): void;
  /** Says that nothing more will be written (FIN; nothing over UDP), and goes on reading. */
  endWriting(): void;
  read(bounds: ReadBounds): Promise<ReadResult>;
  /**
   * TLS from here on: no certificate checks, protocols from TLS 1.0 and ciphers at security level 0 allowed, SNI only where a name
   * is given. Resolves to null (and the connection is closed) when the handshake fails or `timeoutMs` passes.
   */
  startTls(options: {
    servername: string | null;
    alpn: string[];
    timeoutMs: number;
    /** Offers the session that is there, and keeps the newest. A resumed one shows no certificates. */
    resumption?: Resumption;
    /** Offer nothing but key agreement without certificates. */
    anonymous?: true;
  }): Promise<TlsSession | null>;
  /** Polite close; idempotent. */
  close(): void;
}

export type Opened =
  | { state: "open"; reason: "syn-ack"; connection: Connection }
  /** Refused, reset right after the SYN-ACK (before we looked), or a TCP self-connect (both ends equal). */
  | { state: "closed"; reason: "conn-refused" | "conn-reset" | "self-connect" }
  /** No answer, or the network says it cannot be reached. */
  | { state: "filtered"; reason: "no-response" | "host-unreach" | "net-unreach" | "admin-prohibited" }
  /** This machine could not try (descriptors, ephemeral ports, no route for the family): nothing is known of the port. */
  | { state: "error"; reason: string };

export interface DialOptions {
  timeoutMs: number;
  /** UDP: hear what the same address answers from another port, too. */
  anyPort?: boolean | undefined;
  /** Nobody wants it any more: what waits, connects or shakes hands is given up. */
  signal?: AbortSignal | undefined;
}

/** Opens connections to one endpoint; the seam between detection and sockets. */
export interface Dialer {
  /** One more would have to wait for its place now: none is to be had for what can wait, too. */
  readonly busy?: boolean;
  open(options: DialOptions): Promise<Opened>;
}
