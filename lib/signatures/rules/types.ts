/**
 * Custom rules as they travel: what the YAML says, checked, with defaults filled in. Texts are latin1, one character a byte, as patterns are.
 */
import type { PortRange } from "../../targets/ports.ts";

export const RULE_PROBE_TYPES = ["http", "tcp", "udp", "tls"] as const;
export type RuleProbeType = (typeof RULE_PROBE_TYPES)[number];

/** Fields of a claim that a pattern's group may fill. */
export const EXTRACTED = ["version", "product", "vendor", "info", "hostname", "os", "device"] as const;
export type Extracted = (typeof EXTRACTED)[number];

export interface RuleEntry {
  pattern: string;
  /** Null: the entry identifies. */
  extract: Extracted | null;
  /** Capture group that is extracted. */
  group: number;
  /** 0 to 1. */
  confidence: number;
}

export interface RuleProbe {
  type: RuleProbeType;
  /** Null: wherever the type fits. */
  ports: readonly PortRange[] | null;
  /** What is sent, with `{{target}}` and `{{port}}` still in it; null: listen, or the root page. */
  request: string | null;
  /** The name under which its response is recorded: equal requests of several rules share one. */
  probe: string;
  /** Every identifying entry must match. */
  all: boolean;
  entries: readonly RuleEntry[];
}

export const PATTERN_TYPES = ["banner", "http_header", "http_content", "tls_cert", "ssh_banner"] as const;
export type PatternType = (typeof PATTERN_TYPES)[number];

/** A pattern over what other probes heard. */
export interface RulePattern {
  type: PatternType;
  id: string | null;
  /** `http_header`: name of the field, lower case; null: all lines. */
  header: string | null;
  pattern: string;
  /** Capture group with the version. */
  versionGroup: number | null;
  confidence: number;
  /** Ids or types of patterns of the same rule that must match, too. */
  requires: readonly string[];
}

export interface Rule {
  name: string;
  /** Null: not said. */
  service: string | null;
  product: string;
  vendor: string | null;
  /** CPE 2.3 formatted strings. */
  cpe: readonly string[];
  os: string | null;
  device: string | null;
  info: string | null;
  ports: readonly PortRange[] | null;
  all: boolean;
  probes: readonly RuleProbe[];
  patterns: readonly RulePattern[];
}

/** Names of rules' responses begin with this. */
export const RULE_PROBE_PREFIX = "rule:";
