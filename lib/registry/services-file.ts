import { InputError } from "../model/errors.ts";
import { builtinKnowledge, type PortRegistry, type PortRow, portRegistry } from "./ports.ts";

// `--services FILE`: a table of services that the operator brings, one `name port/protocol [frequency] [aliases] # comment`
// a line, as in /etc/services, with the open frequency where a scanner's file has one. What the file does not hold
// (priors, TLS, web ports) stays the built-in knowledge.

/**
 * @throws InputError naming the line that is no service
 */
export function parseServices(fileText: string): PortRegistry {
  const rows: (PortRow & { frequency: number })[] = [];
  for (const [index, line] of fileText.split(/\r?\n/).entries()) {
    const [service, place, third] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (!service) continue;
    const match = /^(\d{1,5})\/([a-z]+)$/i.exec(place ?? "");
    const port = Number(match?.[1]);
    if (!match || port > 65535)
      throw new InputError(
        `services file, line ${index + 1}: "${place ?? ""}" is not port/protocol, as in 22/tcp`,
        place ?? service,
        index,
      );
    const transport = match[2]?.toLowerCase();
    // SCTP and DCCP are registered too, and not scanned.
    if (transport !== "tcp" && transport !== "udp") continue;
    const frequency = /^(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?$/i.test(third ?? "") ? Number(third) : 0;
    rows.push({ port, transport, service, frequency });
  }
  // Without frequencies the built-in order stands, as far as the file knows the ports.
  const measured = rows.some((row) => row.frequency > 0);
  const order = (transport: "tcp" | "udp") => {
    const known = rows.filter((row) => row.transport === transport);
    if (!measured) {
      const ports = new Set(known.map((row) => row.port));
      return builtinKnowledge.order[transport].filter((port) => ports.has(port));
    }
    const ranked = known.filter((row) => row.frequency > 0).sort((a, b) => b.frequency - a.frequency);
    return [...new Set(ranked.map((row) => row.port))];
  };
  return portRegistry(rows, { ...builtinKnowledge, order: { tcp: order("tcp"), udp: order("udp") } });
}
