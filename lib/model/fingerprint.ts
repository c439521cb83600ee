import * as z from "zod";
import { endpointSchema } from "./endpoint.ts";
import { evidenceSchema } from "./evidence.ts";
import { PORT_STATES } from "./observation.ts";
import { outcomeSchema } from "./outcome.ts";

const probability = z.number().min(0).max(1);

/** Evidence that disagrees with the verdict: a result, not noise. */
const conflictSchema = z.object({
  field: z.enum(["service", "product", "version"]),
  /** What was concluded, and what the other evidence says. */
  claimed: z.string(),
  against: z.string(),
  /** Signatures on the losing side. */
  signatures: z.array(z.string()),
});
export type Conflict = z.infer<typeof conflictSchema>;

/** The fused verdict over one endpoint's evidence. */
export const verdictSchema = z.object({
  service: z.string().nullable(),
  /** `probed`: it answered as such; `table`: only the port number says so. */
  method: z.enum(["probed", "table"]),
  product: z.string().nullable(),
  vendor: z.string().nullable(),
  version: z.string().nullable(),
  info: z.string().nullable(),
  reportedHostname: z.string().nullable(),
  os: z.string().nullable(),
  device: z.string().nullable(),
  cpe: z.array(z.string()),
  confidence: probability,
  confidences: z.object({ service: probability, product: probability, version: probability }),
  technologies: z.array(
    z.object({ name: z.string(), version: z.string().nullable(), confidence: probability }),
  ),
  conflicts: z.array(conflictSchema),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** A port that a service-probes file bids us to leave alone (`Exclude`): its flag, and what is said in place of a product. */
export const EXCLUDED_FLAG = "excluded-from-version-scan";
export const EXCLUDED_TEXT = "excluded from version scan";
/** Flag of an endpoint on whose answers a pattern of the operator's file was given up for the steps it took. */
export const LIMIT_FLAG = "pattern-limit";

/** Flag of an endpoint that says nothing, as many others of its host do, and was therefore asked less than others are. */
export const ASKED_LESS_FLAG = "asked-less";

/** Nothing is known. */
export const NO_VERDICT: Verdict = {
  service: null,
  method: "table",
  product: null,
  vendor: null,
  version: null,
  info: null,
  reportedHostname: null,
  os: null,
  device: null,
  cpe: [],
  confidence: 0,
  confidences: { service: 0, product: 0, version: 0 },
  technologies: [],
  conflicts: [],
};

/** One line of results (DESIGN section 4; names are contract). */
export const resultSchema = z.object({
  type: z.literal("endpoint"),
  ...endpointSchema.shape,
  outcome: outcomeSchema,
  state: z.enum(PORT_STATES).nullable(),
  reason: z.string().nullable(),
  tls: z.boolean(),
  ...verdictSchema.shape,
  flags: z.array(z.string()),
  scripts: z.array(z.unknown()),
  findings: z.array(z.unknown()),
  servicefp: z.string().nullable(),
  evidence: z.array(evidenceSchema),
  packs: z.string().nullable(),
  observedAt: z.string().nullable(),
  cached: z.boolean(),
  scanId: z.string(),
  cause: z.string().nullable(),
});
export type Result = z.infer<typeof resultSchema>;
export type Fingerprint = Result;

/** The last line of a scan. */
export interface Summary {
  type: "summary";
  scanId: string;
  status: "done" | "incomplete" | "running" | "cancelled";
  /** What stopped it early: `deadline`, `budget`, `cancelled`, `failed endpoints`; null when it ended whole. */
  cause: string | null;
  planned: number;
  outcomes: Partial<Record<z.infer<typeof outcomeSchema>, number>>;
  addresses: number;
  costUsd: number;
  cost: { line: string; quantity: number; unit: string; usd: number }[];
  durationMs: number;
  startedAt: string;
  finishedAt: string | null;
  packs: string;
  /** The arguments of the scan as somebody would type them. */
  args: string;
}
