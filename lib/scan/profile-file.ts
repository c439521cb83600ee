/** A profile of the operator's own: YAML of the fields that DESIGN section 5 lists. What it leaves out is as in `standard`. */
import * as z from "zod";
import type { Profile } from "../model/request.ts";
import { builtinPorts, type PortRegistry } from "../registry/ports.ts";
import { knownFields, type Mistake, readYaml } from "../signatures/yaml-document.ts";
import { parsePorts } from "../targets/ports.ts";
import { profileByName } from "./profiles.ts";

const MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000 };

/** Seconds as a number, or `500ms`, `3s`, `1m`; to ms. */
const timeout = z.union([z.number(), z.string()]).transform((value, context) => {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|m)?$/.exec(String(value)) ?? [];
  const ms = Math.round(Number(amount) * (MS[unit] ?? 1));
  if (ms >= 100 && ms <= 300_000) return ms;
  context.addIssue({
    code: "custom",
    message: `timeout must be from 0.1 to 300 seconds; write a number of seconds, or as in 500ms or 3s`,
  });
  return z.NEVER;
});

const TOP = /^top[ -]?(\d{1,5})$/i;

/** `-p` syntax, a list of it, `all`, or `top 100`. */
const portsOf = (registry: PortRegistry) =>
  z
    .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)])
    .transform((value, context): Pick<Profile, "ports" | "topTcp" | "topUdp"> => {
      const text = [value].flat().join(",").trim();
      const top = Number(TOP.exec(text)?.[1] ?? 0);
      if (top > 0) return { ports: null, topTcp: Math.min(top, 65_535), topUdp: 0 };
      const written = text.toLowerCase() === "all" ? "1-65535" : text;
      try {
        if (text !== "") parsePorts(written, registry);
        else context.addIssue({ code: "custom", message: "ports names none; write as in 22,80,8000-8100" });
      } catch (error) {
        context.addIssue({
          code: "custom",
          message: `${(error as Error).message}; or write all, or top 100`,
        });
      }
      return { ports: written, topTcp: 0, topUdp: 0 };
    });

const fieldsOf = (registry: PortRegistry) => ({
  name: z.string().trim().min(1).max(60).optional(),
  description: z.string().optional(),
  max_probes_per_port: z.int().min(1).max(100).optional(),
  timeout: timeout.optional(),
  enable_os_detection: z.boolean().optional(),
  intensity: z.int().min(0).max(9).optional(),
  confidence_threshold: z
    .number()
    .gt(0, "confidence_threshold must be above 0 and at most 1")
    .max(1, "confidence_threshold is a probability from 0 to 1; 95 % is 0.95")
    .optional(),
  scripts: z
    .union([z.string(), z.array(z.string().min(1).max(64)).max(64)])
    .transform((value) => (typeof value === "string" ? value.split(/[\s,]+/).filter(Boolean) : value))
    .optional(),
  ports: portsOf(registry).optional(),
});

export interface ProfileReading {
  /** Null when there are mistakes. */
  profile: Profile | null;
  mistakes: Mistake[];
  /** Fields that were accepted and do nothing, in words. */
  notes: string[];
}

/** Names no ports of its own: then those hold that are the default of a scan. */
const NO_PORTS = { ports: null, topTcp: 0, topUdp: 0 };

/** Never throws: what is wrong is in `mistakes`, all of it. `registry`: where names of ports come from. */
export function readProfile(text: string, name: string, registry = builtinPorts): ProfileReading {
  const fields = fieldsOf(registry);
  const { value, mistakes } = readYaml(text, z.strictObject(fields, knownFields(fields)));
  if (!value) return { profile: null, mistakes, notes: [] };
  const standard = profileByName("standard");
  const notes: string[] = [];
  if (value.enable_os_detection !== undefined)
    notes.push(
      "enable_os_detection changes nothing: the operating system is read from what services say, no packet is sent for it",
    );
  if (value.scripts?.length) notes.push("scripts are kept with the plan, but this version has none to run");
  return {
    profile: {
      name: value.name ?? name,
      ...(value.ports ?? NO_PORTS),
      maxProbesPerPort: value.max_probes_per_port ?? standard.maxProbesPerPort,
      timeoutMs: value.timeout ?? standard.timeoutMs,
      intensity: value.intensity ?? standard.intensity,
      confidenceThreshold: value.confidence_threshold ?? standard.confidenceThreshold,
      scripts: value.scripts ?? standard.scripts,
    },
    mistakes: [],
    notes,
  };
}
