import * as z from "zod";

/**
 * What a signature says when it matches. Product names are the pack's own label until fusion maps them to
 * one identity (`lib/registry`). CPEs are 2.3 formatted strings.
 */
const claimSchema = z.object({
  service: z.string().optional(),
  product: z.string().optional(),
  vendor: z.string().optional(),
  version: z.string().optional(),
  info: z.string().optional(),
  hostname: z.string().optional(),
  os: z.string().optional(),
  device: z.string().optional(),
  cpe: z.array(z.string()).optional(),
  /** A part behind the service (language, framework, CMS): never competes with the product. */
  technology: z.object({ name: z.string(), version: z.string().nullable() }).optional(),
});
export type Claim = z.infer<typeof claimSchema>;

/** One claim with where it comes from. Pieces that rest on the same bytes share a `family`. */
export const evidenceSchema = z.object({
  /** The fact or the probe that was read, e.g. `http.server`, `NULL`. */
  source: z.string(),
  /** The bytes it rests on, e.g. `banner`, `http.headers`, `tls.certificate`. */
  family: z.string(),
  claim: claimSchema,
  /** Log-likelihood ratio of the claim, in nats. */
  weight: z.number(),
  /** The part of the bytes that matched, printable, at most 120 characters. */
  excerpt: z.string(),
  /** `<pack>:<signature>`, e.g. `builtin:http.server/nginx`. */
  signature: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;
