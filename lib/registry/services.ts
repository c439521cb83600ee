/**
 * `--services FILE`: a table of services that the operator brings, one `name port/protocol [frequency] [aliases] # comment` a line, as in
 * /etc/services, with the open frequency where a scanner's file has one. Names and ranking are the file's; what no such file holds (which other
 * services a port is used for, TLS, web ports) stays as it is built in.
 */
import { InputError } from "../model/errors.ts";
import { type ServiceRow, serviceRowSchema } from "../model/request.ts";
import {
  builtinKnowledge,
  builtinPorts,
  type PortRegistry,
  portRegistry,
  REGISTERED_PRIOR,
} from "./ports.ts";

/** How scanners' files call a port that has a frequency and no name. */
const NAMELESS = "unknown";

/**
 * Ports beyond TCP and UDP are registered too, and not scanned.
 * @throws InputError naming the line that is no service, or when there is none
 */
export function parseServices(fileText: string): ServiceRow[] {
  const rows: ServiceRow[] = [];
  for (const [index, line] of fileText.split(/\r?\n/).entries()) {
    const [service, place, third = ""] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (!service) continue;
    const wrong = (what: string) => new InputError(`line ${index + 1}: ${what}`, place ?? service, index);
    const [, port, protocol = ""] = /^(\d{1,5})\/([a-z]+)$/i.exec(place ?? "") ?? [];
    if (port === undefined || Number(port) > 65_535)
      throw wrong(`"${place ?? ""}" behind ${service} is not port/protocol, as in 22/tcp`);
    const frequency = /^(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?$/i.test(third) ? Number(third) : 0;
    const transport = protocol.toLowerCase();
    if (transport !== "tcp" && transport !== "udp") continue;
    const row = serviceRowSchema.safeParse({ port: Number(port), transport, service, frequency });
    if (!row.success) throw wrong(`"${service}" is no name; it has 1 to 64 printable characters`);
    rows.push(row.data);
  }
  if (rows.length === 0)
    throw new InputError("there is no service in it; a line is a name and a port, as in: ssh 22/tcp", "");
  return rows;
}

/** The registry of such a table; without one, the built-in registry. */
export function registryOf(rows: readonly ServiceRow[] | undefined): PortRegistry {
  if (!rows) return builtinPorts;
  // Without frequencies the built-in order stands, as far as the table knows the ports.
  const measured = rows.some((row) => row.frequency > 0);
  const order = (transport: "tcp" | "udp") => {
    const known = rows.filter((row) => row.transport === transport && row.port > 0);
    if (!measured) {
      const ports = new Set(known.map((row) => row.port));
      return builtinKnowledge.order[transport].filter((port) => ports.has(port));
    }
    const ranked = known.filter((row) => row.frequency > 0).sort((a, b) => b.frequency - a.frequency);
    return [...new Set(ranked.map((row) => row.port))];
  };
  const named = portRegistry(
    rows.filter(({ service }) => service !== NAMELESS),
    { ...builtinKnowledge, order: { tcp: order("tcp"), udp: order("udp") } },
  );
  return {
    ...named,
    servicesOf(port, transport) {
      const service = named.serviceName(port, transport);
      const builtin = builtinPorts.servicesOf(port, transport);
      if (service === null || service === builtinPorts.serviceName(port, transport)) return builtin;
      // Where the table says something else, it is believed first, and what the port is known for takes what is left.
      const others = builtin.filter((other) => other.service !== service);
      const left = 1 - REGISTERED_PRIOR;
      return [
        { service, prior: REGISTERED_PRIOR },
        ...others.map((other) => ({ ...other, prior: other.prior * left })),
      ];
    },
  };
}
