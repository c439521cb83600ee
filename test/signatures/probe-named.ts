import type { Transport } from "../../lib/model/endpoint.ts";
import type { ProbeFile, ServiceProbe } from "../../lib/signatures/service-probes.ts";

/** The probe of this name, of this transport if there is one. */
export function probeNamed(file: ProbeFile, name: string, transport: Transport): ServiceProbe | null {
  if (file.nullProbe?.name === name && transport === "tcp") return file.nullProbe;
  const probes = file.probes.filter((probe) => probe.name === name);
  return probes.find((probe) => probe.transport === transport) ?? probes[0] ?? null;
}
