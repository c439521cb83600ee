import { NO_VERDICT } from "../model/fingerprint.ts";
import type { Profile } from "../model/request.ts";
import { DEADLINE_FACTOR, type Detection } from "./detection.ts";

/**
 * How long the operator's files may ask one endpoint. Beside the built-in detection they have what a profile gives an
 * endpoint. Alone they stand for `nmap -sV`, which gives a silent port about 30 windows of 5 s at the default intensity. Side by side that is
 * 11 s; an endpoint that takes one connection at a time is given the time for one after the other.
 */
const ALONE_MS = 165_000;
const STRICT_MS = 240_000;

export function fileDeadlineMs(how: {
  builtin: boolean;
  profile: Pick<Profile, "timeoutMs">;
  strictOrder: boolean;
}): number {
  if (how.strictOrder) return STRICT_MS;
  return how.builtin ? how.profile.timeoutMs * DEADLINE_FACTOR : ALONE_MS;
}

/** Nothing asked, nothing heard. */
export const EMPTY_DETECTION: Detection = {
  responses: [],
  tls: null,
  facts: [],
  evidence: [],
  verdict: NO_VERDICT,
  flags: [],
  connections: 0,
};
