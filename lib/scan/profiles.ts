import { InputError } from "../model/errors.ts";
import type { Profile } from "../model/request.ts";
import { webPorts } from "../registry/ports.ts";
import { formatPorts, portSet } from "../targets/ports.ts";

/** The built-in profiles (DESIGN section 5). */
const PROFILES: Record<string, Profile> = {
  fast: {
    name: "fast",
    ports: null,
    topTcp: 100,
    topUdp: 0,
    maxProbesPerPort: 2,
    timeoutMs: 1000,
    intensity: 2,
    confidenceThreshold: 0.9,
    scripts: [],
  },
  standard: {
    name: "standard",
    ports: null,
    topTcp: 1000,
    topUdp: 20,
    maxProbesPerPort: 6,
    timeoutMs: 3000,
    intensity: 7,
    confidenceThreshold: 0.95,
    scripts: [],
  },
  thorough: {
    name: "thorough",
    ports: "T:1-65535",
    topTcp: 0,
    topUdp: 100,
    maxProbesPerPort: 10,
    timeoutMs: 5000,
    intensity: 9,
    confidenceThreshold: 0.99,
    scripts: ["default", "safe"],
  },
  web: {
    name: "web",
    ports: null,
    topTcp: 0,
    topUdp: 0,
    maxProbesPerPort: 6,
    timeoutMs: 3000,
    intensity: 5,
    confidenceThreshold: 0.95,
    scripts: ["http-*", "ssl-*"],
  },
};

export const PROFILE_NAMES = [...Object.keys(PROFILES), "aggressive"];

/** @throws InputError for a name that is none of them */
export function profileByName(name: string): Profile {
  const profile = PROFILES[name === "aggressive" ? "thorough" : name];
  if (!profile)
    throw new InputError(`No profile is called "${name}"; there are ${PROFILE_NAMES.join(", ")}`, name);
  return name === "web" ? { ...profile, ports: formatPorts(portSet({ tcp: webPorts() })) } : profile;
}
