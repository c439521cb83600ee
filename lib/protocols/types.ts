import type { Transport } from "../model/endpoint.ts";
import type { Fact, Response, TlsSession } from "../model/observation.ts";

/** One request with the name its response is recorded under. */
export interface Ask {
  /** Probe name, `<protocol>.<what>`: `http.get`, `redis.info`. Unique over all protocols. */
  probe: string;
  /** Empty (over TCP): nothing is sent, only listened for. */
  data: Uint8Array;
  /** True when the bytes received are the whole answer, so that nobody waits for more. */
  complete?: (received: Uint8Array) => boolean;
  /** Longest wait, ms, where the protocol needs another than the profile's. */
  timeoutMs?: number;
  /** Asked though enough seems to be known: the answer may contradict what the others said. */
  evenIfEnough?: true;
  /** Nothing more is said after it, and the server is told so: some answer only then. */
  halfClose?: true;
  /** UDP: the answer may come from another port of the server (TFTP's always does). */
  anyPort?: true;
}

/** Whom we talk to. `hostname` is the name asked for (SNI, `Host`), never one that the peer told. */
export interface AskContext {
  host: string;
  hostname: string | null;
  port: number;
  transport: Transport;
  tls: boolean;
}

/** This response is in my protocol. */
export interface Recognition {
  /** IANA/Nmap service name: `ssh`, `http`, `domain`, `ms-wbt-server`. */
  service: string;
  /**
   * Log-likelihood ratio in nats that the service is this one. 2 weak hint (a word in free text), 4 typical
   * shape, 7 grammar holds, 9 unmistakable (magic numbers, checked lengths, echoed identifiers).
   */
  weight: number;
  /** What was seen, for the evidence's excerpt. */
  excerpt: string;
  /** TLS itself was recognised: the service proper is inside. */
  tunnel?: boolean;
  /** A polite complaint such as servers make when plain text reaches their TLS port: worth a TLS hello before believing it. */
  mayBeTunnel?: boolean;
}

/** A running conversation with an endpoint whose protocol was recognised. Every response is recorded. */
export interface Session {
  readonly context: AskContext;
  /** All responses of the endpoint so far, oldest first. */
  readonly responses: readonly Response[];
  /**
   * Sends and reads on the current connection. When that has ended (or `fresh` is asked for) a new one is opened first, its greeting
   * (if the protocol's server speaks first) read and recorded as `NULL`. Null when no connection can be had or the endpoint's
   * deadline or connection budget is used up: then stop asking. `here`: on the current connection or not at all.
   */
  ask(ask: Ask, options?: { fresh?: boolean; here?: boolean }): Promise<Response | null>;
  /** TLS on the current connection (after STARTTLS and its kind). Null when it fails; the connection is closed then. */
  startTls(): Promise<TlsSession | null>;
}

/**
 * One protocol: how to ask, how to see that an answer is in it, how to read facts out of the answer. The core never names a protocol;
 * adding one touches its own file and one line of `index.ts`.
 */
export interface Protocol {
  readonly name: string;
  readonly transports: readonly Transport[];
  /** `server`: it greets; a client that talks first may be punished. */
  readonly speaksFirst: "server" | "client";
  /** Probe that every server of this protocol answers somehow: who greets and is silent here only looks like one. */
  readonly owed?: string;
  /** What an answer to that looks like; without it any bytes are one. */
  answersOwed?(data: Uint8Array): boolean;
  /**
   * Probe whose answer is never the one to another of its questions, as a goodbye's is not: who says the same to both has not listened.
   */
  readonly unlike?: string;
  /**
   * Pure. The greeting of a server of this protocol has begun, and its end is still to come: who talks into it is taken for a robot, and banned for that
   * (Postfix' postscreen sends the first half, and waits).
   */
  unfinished?(greeting: Uint8Array): boolean;
  /** An answer that its servers may give to whatever they are asked: a refusal, a call for a login. */
  indifferent?(data: Uint8Array): boolean;
  /** Where the client speaks first: this, said before a word from us, answers a question that nobody asked. */
  unasked?(response: Response): Recognition | null;
  /**
   * What a client says first, most telling first; empty for protocols where the server greets and for those with nothing
   * safe to say. Only read-only, unauthenticated requests.
   */
  openers(context: AskContext): Ask[];
  /** Pure. Called with every response, whatever the probe: a reply to another protocol's probe may be just as telling. */
  recognise(response: Response): Recognition | null;
  /** Asks what is worth asking once recognised, and says goodbye as the protocol wants. At most 5 requests, and 3 more for TLS. */
  converse?(session: Session): Promise<void>;
  /**
   * Pure. Reads facts from all responses of an endpoint (skipping those that are not in this protocol), of which it has recognised one at least;
   * else from none, and from TLS alone. Values are latin1 text.
   */
  facts(responses: readonly Response[], tls: TlsSession | null): Fact[];
  /** There may be facts where nothing was recognised. */
  readonly factsOfStrangers?: true;
}

/** What a server does with a request that is not in its protocol: hangs up, or waits for more of it. */
export type Reaction = "closes" | "waits";

export interface Registered {
  protocol: Protocol;
  /** Service names of the registry behind which this protocol may stand. */
  services: readonly string[];
  /** It wraps another service: asked first on ports registered for TLS. */
  tunnel?: true;
  /** How its servers take an HTTP request, as seen on real ones; helps to choose whom to suspect of a silent port. */
  onAlien?: Reaction | "either";
  /** Its answer is the datagram itself, or begins with it; nobody else's does. */
  mirrors?: true;
  /**
   * Its servers commonly count connections that end without a login, or several from one address, against the client: OpenSSH's
   * PerSourcePenalties, Postfix' anvil, `max_connect_errors` of MySQL, the blacklist of VNC, the connection throttles of FTP and IRC.
   */
  oneByOne?: true;
}
