import * as z from "zod";
import { endpointSchema } from "./endpoint.ts";
import { evidenceSchema } from "./evidence.ts";

/** How reading one response ended. `complete`: the reader had all that the protocol says there is. */
const readEndSchema = z.enum(["complete", "quiet", "timeout", "eof", "reset", "cap"]);
export type ReadEnd = z.infer<typeof readEndSchema>;

/** What came back for one probe. All bytes; never decoded as UTF-8. */
export interface Response {
  /** Probe name; `NULL` means: connected and listened. */
  probe: string;
  /** Inside TLS? */
  tls: boolean;
  /** Bytes received, at most 64 KiB. */
  data: Uint8Array;
  /** ms from sending (or from connecting, for NULL) to the first byte; null when none came. */
  firstByteMs: number | null;
  /** For how long it was waited, ms, where nothing came. */
  waitedMs?: number | undefined;
  end: ReadEnd;
  /** Ordinal of the connection that carried it, from 0. */
  connection: number;
}

/** What a TLS handshake showed. Certificates are DER, leaf first. */
export interface TlsSession {
  /** e.g. `TLSv1.3` */
  protocol: string;
  /** IANA name of the cipher suite */
  cipher: string;
  /** Application protocol that the server chose, or null */
  alpn: string | null;
  certificates: Uint8Array[];
  /** Taken up within a conversation that had begun in the clear (STARTTLS and its kind). */
  upgraded?: true | undefined;
}

/** Is the whole service inside TLS, from the first byte on? */
export function isTunnelled(tls: Pick<TlsSession, "upgraded"> | null): boolean {
  return tls !== null && !tls.upgraded;
}

/**
 * A named value read from responses by a protocol module: `http.server`, `ssh.software`, ...
 * `family` names the bytes it was read from, so that fusion knows which facts are not independent.
 */
export interface Fact {
  name: string;
  /** latin1 text: one character per byte */
  value: string;
  family: string;
}

export const PORT_STATES = ["open", "closed", "filtered", "open|filtered"] as const;

const base64 = z.base64();
export const storedResponseSchema = z.object({
  probe: z.string(),
  tls: z.boolean().default(false),
  data_b64: base64,
  firstByteMs: z.number().nullable().default(null),
  waitedMs: z.number().optional(),
  end: readEndSchema.default("complete"),
  connection: z.number().int().default(0),
});
const storedTlsSchema = z.object({
  protocol: z.string(),
  cipher: z.string(),
  alpn: z.string().nullable(),
  certificates_b64: z.array(base64),
  upgraded: z.literal(true).optional(),
});
const factSchema = z.object({ name: z.string(), value: z.string(), family: z.string() });

/** The one exchange that names the product, and the hash of what it says each time. */
export const recipeSchema = z.object({ probe: z.string(), tls: z.boolean(), hash: z.string() });
export type Recipe = z.infer<typeof recipeSchema>;

/** Everything one endpoint said, as stored and sent between functions (bytes in base64). */
export const observationSchema = z.object({
  scanId: z.string(),
  endpoint: endpointSchema,
  state: z.enum(PORT_STATES),
  /** Why the state is what it is, in Nmap's words: `syn-ack`, `conn-refused`, `no-response`, `udp-response`. */
  reason: z.string(),
  responses: z.array(storedResponseSchema),
  tls: storedTlsSchema.nullable(),
  facts: z.array(factSchema),
  evidence: z.array(evidenceSchema),
  /** `tcpwrapped`, `truncated`, `serial`, ... */
  flags: z.array(z.string()),
  /** Digest over the packs that made the evidence. */
  packs: z.string(),
  rttMs: z.number().nullable(),
  connections: z.number().int(),
  durationMs: z.number(),
  observedAt: z.iso.datetime(),
  /** Of what a service-probes file did not know (spec/version-detection.md, section 10), in one line. */
  servicefp: z.string().nullable().optional(),
  recipe: recipeSchema.nullable().optional(),
  /** The product was named before; what is recorded here is that the same still answers. */
  cached: z.boolean().optional(),
});
export type Observation = z.infer<typeof observationSchema>;

/** TLS that was seen without a session: inferred from what came, or it refused us (a name it does not know, no certificate, no common version). */
const TLS_FLAGS = ["tls-inferred", "tls-handshake-failed"];
/** TLS comes first at this endpoint. */
export const speaksTls = ({ tls, flags }: Pick<Observation, "tls" | "flags">): boolean =>
  isTunnelled(tls) || TLS_FLAGS.some((flag) => flags.includes(flag));
export type StoredResponse = z.infer<typeof storedResponseSchema>;

export function storeResponse(response: Response): StoredResponse {
  const { data, ...rest } = response;
  return { ...rest, data_b64: Buffer.from(data).toString("base64") };
}
export function loadResponse(stored: StoredResponse): Response {
  const { data_b64, ...rest } = stored;
  return { ...rest, data: Buffer.from(data_b64, "base64") };
}
export function storeTls(session: TlsSession | null): Observation["tls"] {
  if (!session) return null;
  const { certificates, ...rest } = session;
  return { ...rest, certificates_b64: certificates.map((der) => Buffer.from(der).toString("base64")) };
}
export function loadTls(stored: Observation["tls"]): TlsSession | null {
  if (!stored) return null;
  const { certificates_b64, ...rest } = stored;
  return { ...rest, certificates: certificates_b64.map((text) => Buffer.from(text, "base64")) };
}

/** Bytes as latin1 text: one character per byte, the form that patterns and facts use. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Printable form of hostile text for excerpts: anything outside 0x20-0x7E becomes `.`, at most `max` characters. */
export function printable(text: string, max = 120): string {
  return text.slice(0, max).replace(/[^\x20-\x7e]/g, ".");
}
