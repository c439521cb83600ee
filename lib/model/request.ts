import * as z from "zod";
import { transportSchema } from "./endpoint.ts";

/** How hard to look. The built-in ones are `fast`, `standard`, `thorough` and `web` (DESIGN section 5). */
export const profileSchema = z.object({
  name: z.string(),
  /** Port specification in `-p` syntax, or null for the profile's `top` counts. */
  ports: z.string().nullable(),
  topTcp: z.number().int().min(0),
  topUdp: z.number().int().min(0),
  maxProbesPerPort: z.number().int().min(1),
  /** Longest wait for an answer to one probe, ms. */
  timeoutMs: z.number().int().min(100).max(300_000),
  intensity: z.number().int().min(0).max(9),
  /** Probing stops as soon as the confidence passes this. */
  confidenceThreshold: z.number().gt(0).max(1),
  scripts: z.array(z.string()),
});
export type Profile = z.infer<typeof profileSchema>;

/** A row of a table of services (`--services`): a port's name, and the share of hosts on which it was found open. */
export const serviceRowSchema = z.object({
  port: z.number().int().min(0).max(65_535),
  transport: transportSchema,
  service: z.string().regex(/^[!-~]{1,64}$/, "1 to 64 printable characters without a blank"),
  frequency: z.number().min(0).default(0),
});
export type ServiceRow = z.infer<typeof serviceRowSchema>;
/** Every port of both transports. */
const MOST_SERVICES = 131_072;
export const servicesSchema = z.array(serviceRowSchema).min(1).max(MOST_SERVICES).optional();

const rate = z.number().positive().max(1_000_000);
const atOnce = z.number().int().min(1).max(1_000_000);
/** How gently a scan goes about it; a network is a /24, or a /120 of IPv6. Rates hold over any ten seconds. */
export const scanLimitsSchema = z.strictObject({
  /** Connections open at once, and started per second, in all. */
  connections: atOnce,
  newPerSecond: rate,
  connectionsPerNetwork: atOnce,
  newPerSecondPerNetwork: rate,
  connectionsPerHost: atOnce,
  newPerSecondPerHost: rate,
});
export type ScanLimits = z.infer<typeof scanLimitsSchema>;

const targetText = z.string().trim().min(1).max(1024);

/** What somebody asked for: by the command line, an event, or a direct invocation. */
export const scanRequestSchema = z.strictObject({
  /** Made by the dispatcher when absent; the same id and request give the same plan, so a retry is harmless. */
  scanId: z
    .string()
    .regex(/^[0-9A-Za-z-]{8,64}$/, "8 to 64 letters, digits and hyphens")
    .optional(),
  targets: z.array(targetText).min(1, "at least one target"),
  excludes: z.array(targetText).default([]),
  /** `-p` syntax; absent: the profile's ports. */
  ports: z.string().min(1).optional(),
  topPorts: z.number().int().min(1).max(65535).optional(),
  /** `fast`, `standard`, `thorough`, `aggressive`, `web`; absent: `standard`, with all TCP ports on loopback. Or a profile
   * of one's own: without ports (`ports` null, both `top` 0) those are scanned that are the default. */
  profile: z.union([z.string(), profileSchema]).optional(),
  /** Names are resolved to IPv6 addresses (`-6`), else to IPv4 ones first. */
  ipv6: z.boolean().default(false),
  skipOutOfScope: z.boolean().default(false),
  /** Digests of compiled packs that lie in the archive under `packs/`: the operator's service-probes files, rules and Recog directories. */
  packs: z
    .array(z.string().regex(/^sha256:[0-9a-f]{64}$/, "sha256:<64 hex digits>"))
    .max(32)
    .default([]),
  /** Built-in signatures, grammar claims and protocol modules. */
  builtin: z.boolean().default(true),
  /** How rare a probe of a service-probes file may be, 0 to 9; absent: the profile's. */
  intensity: z.number().int().min(0).max(9).optional(),
  /** Ports that a service-probes file excludes are probed, too; so are printers. */
  allPorts: z.boolean().default(false),
  /** Probes of a service-probes file go out one by one, each in its full time, as Nmap sends them. */
  strictOrder: z.boolean().default(false),
  /** Use what a scan of the last day identified where the same still answers; absent: in the cloud, not locally. */
  cache: z.boolean().optional(),
  /** ms from the start after which what is left ends as `expired`. */
  deadlineMs: z.number().int().min(1_000).max(86_400_000).default(3_600_000),
  /** USD that the scan may cost by the price table (`lib/scan/prices.ts`), never more; what does not fit ends as `expired`. */
  maxCostUsd: z.number().positive().max(1_000_000).optional(),
  /** RPC programs to try, in order; absent: the built-in list. */
  rpcPrograms: z
    .array(z.object({ number: z.number().int().min(0).max(0xffff_ffff), name: z.string().min(1).max(64) }))
    .max(5_000)
    .optional(),
  /** Names and ranking of ports; absent: the built-in table. */
  services: servicesSchema,
  /** What is left out is `DEFAULT_LIMITS`' (`lib/scan/politeness.ts`); all absent: those, and none on loopback. */
  limits: scanLimitsSchema.partial().optional(),
  /** Endpoints in a batch; absent: as many as one prober gets through. Fewer show progress sooner and keep more probers busy. */
  endpointsPerBatch: z.number().int().min(1).max(2_000).optional(),
  /** Where the request came from, kept in every result as `cause`. */
  cause: z.string().max(256).nullable().default(null),
  /** The arguments as typed, for reports. */
  args: z.string().max(4096).default(""),
  /** Seed of the permutation of networks and hosts; absent: derived from the scan id. */
  key: z.string().max(64).optional(),
});
export type ScanRequest = z.infer<typeof scanRequestSchema>;
export type ScanRequestInput = z.input<typeof scanRequestSchema>;
