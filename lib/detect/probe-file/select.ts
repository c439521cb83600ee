import type { PackProbe } from "../../signatures/probe-pack.ts";
import { inRanges } from "../../signatures/service-probes.ts";
import type { PortContext, PortState } from "./state.ts";

/** At this intensity a soft match no longer narrows the choice. */
const EVERYTHING = 9;

/** Is the probe registered for the port: in `ports`, inside TLS in `sslports`? */
export function isRegistered(probe: PackProbe, { port }: PortContext, tunnel: boolean): boolean {
  return inRanges(tunnel ? probe.sslPorts : probe.ports, port);
}

/**
 * The next probe by section 4: NULL, then the registered ones in file order whatever their rarity, then the others
 * up to the intensity. After a soft match only probes that can name its service are left. Null: exhausted.
 */
export function selectNext(
  context: PortContext,
  { phase, index, tunnel, soft, service }: Pick<PortState, "phase" | "index" | "tunnel" | "soft" | "service">,
): { probe: PackProbe | null; phase: PortState["phase"]; index: number } {
  const { pack, transport, intensity } = context;
  if (phase === "initial" && transport === "tcp" && pack.nullProbe)
    return { probe: pack.nullProbe, phase: "probable", index: 0 };
  const useful = (probe: PackProbe) =>
    intensity >= EVERYTHING || (service !== null && probe.services.has(service));
  for (const inPhase of phase === "other" ? (["other"] as const) : (["probable", "other"] as const)) {
    const registered = inPhase === "probable";
    const from = inPhase === phase ? index : 0;
    for (const [at, probe] of pack.probes.entries()) {
      if (at < from || probe.transport !== transport) continue;
      if (isRegistered(probe, context, tunnel) !== registered) continue;
      if (soft ? useful(probe) : registered || probe.rarity <= intensity)
        return { probe, phase: inPhase, index: at + 1 };
    }
  }
  return { probe: null, phase: "other", index: pack.probes.length };
}
