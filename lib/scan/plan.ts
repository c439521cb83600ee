/**
 * A plan is a small description of everything a scan will touch: groups of addresses with the ports asked of them. Batches are numbered, and
 * what is in batch n is computed from the plan alone (`plan-index.ts`), so a message needs only the number and a /8 costs as
 * much as one host. It is made once of a request (`make-plan.ts`), stored, and read by every function of the scan.
 */
import * as z from "zod";
import type { Endpoint } from "../model/endpoint.ts";
import { profileSchema, scanLimitsSchema, servicesSchema } from "../model/request.ts";
import { DEFAULT_LIMITS, DEFAULT_PROBERS } from "./politeness.ts";

const groupSchema = z.object({
  /** Addresses as `first-last`, CIDR or single, sorted and disjoint; asked for without a name. */
  ranges: z.array(z.string()),
  /** Addresses with the names they are asked for under. */
  named: z.array(z.object({ address: z.string(), names: z.array(z.string()) })),
  /** `-p` syntax. */
  ports: z.string(),
  /** Every address of the group is loopback, and nobody asked for limits: answers come at once, batches may be large. */
  loopback: z.boolean(),
});
export type PlanGroup = z.infer<typeof groupSchema>;

export const planSchema = z.object({
  scanId: z.string(),
  startedAt: z.iso.datetime(),
  deadlineAt: z.iso.datetime(),
  cause: z.string().nullable(),
  args: z.string(),
  /** Seed of the permutation of networks. */
  key: z.string(),
  profile: profileSchema,
  /** Checked again by the prober before it connects. */
  scope: z.array(z.string()),
  local: z.boolean(),
  /** Loopback TCP ports of the scan's own local cloud. */
  selfPorts: z.array(z.number()),
  /** Printers print what they are sent on these TCP ports: left alone unless asked for by number. */
  printerPorts: z.boolean(),
  /** Digests of the operator's packs, and how they are used (ScanRequest). */
  packs: z.array(z.string()).default([]),
  rpcPrograms: z.array(z.object({ number: z.number(), name: z.string() })).optional(),
  services: servicesSchema,
  builtin: z.boolean().default(true),
  allPorts: z.boolean().default(false),
  strictOrder: z.boolean().default(false),
  /** What earlier scans identified is not identified again while it answers the same. */
  cache: z.boolean().default(false),
  limits: scanLimitsSchema.default(DEFAULT_LIMITS),
  /** Batches that may run at once: what the limits are divided by. */
  probers: z.number().int().min(1).default(DEFAULT_PROBERS),
  /** Endpoints in one batch: said here, so that another release numbers a scan under way as this one does. */
  endpointsPerBatch: z.number().int().min(1).default(2_000),
  endpointsPerLoopbackBatch: z.number().int().min(1).default(200_000),
  /** What the scan may cost, USD; null: whatever it takes. */
  maxCostUsd: z.number().nullable().default(null),
  groups: z.array(groupSchema),
});
export type Plan = z.infer<typeof planSchema>;

/** When a scan's time is over, epoch ms: the plan's, unless a redrive gave it more. */
export const deadlineOf = (plan: Pick<Plan, "deadlineAt">, meta: Record<string, unknown> | null): number =>
  Date.parse(typeof meta?.deadlineAt === "string" ? meta.deadlineAt : plan.deadlineAt);

/** JetDirect and its neighbours (AppSocket): whatever arrives there is printed. */
export const PRINTER_PORTS = { first: 9100, last: 9107 };
export const isPrinterPort = ({ transport, port }: Pick<Endpoint, "transport" | "port">) =>
  transport === "tcp" && port >= PRINTER_PORTS.first && port <= PRINTER_PORTS.last;
