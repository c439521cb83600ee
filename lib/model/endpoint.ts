import * as z from "zod";

export const transportSchema = z.enum(["tcp", "udp"]);
export type Transport = z.infer<typeof transportSchema>;

/**
 * One door: an address (canonical text, IPv4 dotted or IPv6 compressed), a transport, a port, and the
 * name under which it was asked for, if any. The name is part of every key: one address may serve many.
 */
export const endpointSchema = z.object({
  host: z.string(),
  hostname: z.string().nullable(),
  port: z.number().int().min(0).max(65535),
  transport: transportSchema,
});
export type Endpoint = z.infer<typeof endpointSchema>;

/** `tcp#443#www.example.com`: the endpoint's key below its address, as used in the table. */
export function portKey(endpoint: Omit<Endpoint, "host">): string {
  return `${endpoint.transport}#${endpoint.port}#${endpoint.hostname ?? ""}`;
}

/** `127.0.0.1:22`, `[::1]:22`, with `/udp` where it is not TCP. */
export function endpointText(endpoint: Endpoint): string {
  const host = endpoint.hostname ?? (endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host);
  return `${host}:${endpoint.port}${endpoint.transport === "udp" ? "/udp" : ""}`;
}
