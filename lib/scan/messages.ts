/** What travels through the queues. Every message may come twice, late or out of order: receivers are idempotent. */
import * as z from "zod";
import { evidenceSchema } from "../model/evidence.ts";
import { PORT_STATES, recipeSchema } from "../model/observation.ts";
import { usageSchema } from "./cost.ts";

const scanId = z.string();
const index = z.number().int().min(0);

/** dispatch queue: dispatch the chains `from` up to, not including, `to` of a plan. */
export const subPlanSchema = z.object({ scanId, from: index, to: index });
export type SubPlan = z.infer<typeof subPlanSchema>;

/** probe queue: probe what is still pending of a batch. The plan says what is in it. */
export const batchMessageSchema = z.object({ scanId, batch: index, generation: index });
export type BatchMessage = z.infer<typeof batchMessageSchema>;

/** One open endpoint as the aggregator needs it: claims, not bytes (those are archived). */
const sightingSchema = z.object({
  index,
  state: z.enum(PORT_STATES),
  reason: z.string(),
  tls: z.boolean(),
  evidence: z.array(evidenceSchema),
  flags: z.array(z.string()),
  packs: z.string(),
  observedAt: z.string(),
  servicefp: z.string().nullable().optional(),
  recipe: recipeSchema.nullable().optional(),
  cached: z.boolean().optional(),
});
export type Sighting = z.infer<typeof sightingSchema>;

/** What one invocation used, for the cost receipt. */
const meterSchema = z.object({
  /** Lambda request id: makes the record idempotent. */
  invocation: z.string(),
  usage: usageSchema,
  /** Not its last word: what counts if that never comes. */
  underWay: z.literal(true).optional(),
});
export type Meter = z.infer<typeof meterSchema>;

/** observation queue: what a prober found out since its last message. `settled`: [outcome code, first index, how many]. */
export const observationMessageSchema = z.object({
  scanId,
  batch: index,
  sightings: z.array(sightingSchema),
  settled: z.array(z.tuple([z.number().int().min(1), index, z.number().int().min(1)])),
  meter: meterSchema.nullable(),
});
export type ObservationMessage = z.infer<typeof observationMessageSchema>;

/** tick queue: look after a scan. `lost`: go on failing these chains, of a sub-plan that is this dead letter. */
export const tickMessageSchema = z.object({
  scanId,
  lost: z.object({ from: index, to: index, messageId: z.string() }).optional(),
});
export type TickMessage = z.infer<typeof tickMessageSchema>;
