import type { Endpoint } from "../model/endpoint.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Verdict } from "../model/fingerprint.ts";
import type { Fact, Recipe, Response, TlsSession } from "../model/observation.ts";
import type { Profile } from "../model/request.ts";
import type { Connection, Dialer } from "../net/types.ts";
import type { Knowledge } from "./interpret.ts";
import type { RpcKnowledge } from "./rpc-grinder.ts";

export interface DetectOptions {
  endpoint: Endpoint;
  dialer: Dialer;
  knowledge: Knowledge;
  /** Without an intensity: Nmap's default, 7. */
  profile: Pick<Profile, "timeoutMs" | "maxProbesPerPort" | "confidenceThreshold"> &
    Partial<Pick<Profile, "intensity">>;
  /** For ports that speak ONC RPC. */
  rpc?: RpcKnowledge;
  /** Monotonic clock, ms. */
  now: () => number;
  /** TCP: ask a silent door only what its number suggests, for a page, and for TLS; see `silence`. */
  brief?: boolean | undefined;
}

/** A door that says nothing: whether it notices that we have nothing more to say, and closes. */
export type Silence = "hears" | "deaf";

export interface DetectTcpOptions extends DetectOptions {
  /** The connection that showed the port to be open: detection goes on with it. */
  connection: Connection;
}

/** What was seen and concluded; all of it but `connections` follows from `responses` and `tls`. */
export interface Detection {
  responses: Response[];
  tls: TlsSession | null;
  facts: Fact[];
  evidence: Evidence[];
  verdict: Verdict;
  flags: string[];
  connections: number;
  /** Service fingerprint of what a service-probes file did not know. */
  servicefp?: string | null;
  /** How to see later that this is still so; null: only by looking at everything. */
  recipe?: Recipe | null;
  /** Evidence and flags are those of an earlier detection. */
  cached?: true;
  /** Set where not a byte was said, and nothing was hung up on. */
  silence?: Silence | null;
}

/** An endpoint is given this many times the profile's wait, all in all. */
export const DEADLINE_FACTOR = 6;
/**
 * Most connections to one endpoint. DESIGN section 3 says 8, and that is what a silent port gets: the first, a TLS hello, six requests. Further
 * ones go only to a server that hangs up on strangers (lab: the median of all doors is 3), which answers nobody but the one protocol
 * that it speaks; and one is kept for the question that is asked on a clean connection, or alone, once somebody has been
 * recognised late or not at all.
 */
export const MOST_CONNECTIONS = 64;
/** Most questions that go out at once on one endpoint. */
export const RACE_WIDTH = 3;
