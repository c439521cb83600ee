/** Nmap and Doorplate with the same service-probes file over the same doors, field by field. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { XMLParser } from "fast-xml-parser";
import * as z from "zod";
import type { Result } from "../../lib/model/fingerprint.ts";
import { cpe23FromUri } from "../../lib/signatures/cpe-uri.ts";
import type { Network } from "./network.ts";

/** What both say of one port; absent is null. */
export interface Said {
  port: number;
  transport: "tcp" | "udp";
  /** `probed` or `table`. */
  method: string;
  service: string | null;
  tls: boolean;
  product: string | null;
  version: string | null;
  info: string | null;
  hostname: string | null;
  os: string | null;
  device: string | null;
  cpe: string;
}

const text = z.string().optional();
const portSchema = z.object({
  protocol: z.enum(["tcp", "udp"]),
  portid: z.coerce.number(),
  state: z.object({ state: z.string() }),
  service: z
    .object({
      name: text,
      product: text,
      version: text,
      extrainfo: text,
      hostname: text,
      ostype: text,
      devicetype: text,
      tunnel: text,
      method: text,
      cpe: z.array(z.string()).default([]),
    })
    .optional(),
});
const runSchema = z.object({
  nmaprun: z.object({ host: z.object({ ports: z.object({ port: z.array(portSchema) }) }) }),
});

/** As formatted strings, since a URI can be written in two ways. */
const cpes = (names: readonly string[]) =>
  [...new Set(names.map((name) => name.toLowerCase()))].sort().join(" ");

/** `nmap -sV` over ports in `-p` syntax. */
export async function nmapSays(ports: string, udp: boolean, { prefix }: Network) {
  const options = ["-n", "-Pn", udp ? "-sU" : "-sT", "-sV", "-p", ports, "-oX", "-", "127.0.0.1"];
  const [command = "", ...args] = [...prefix, "nmap", ...options];
  const began = performance.now();
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
  const seconds = (performance.now() - began) / 1000;
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
    parseTagValue: false,
    // A field may begin with a blank.
    trimValues: false,
    isArray: (name) => name === "port" || name === "cpe",
  });
  const said = runSchema
    .parse(parser.parse(stdout))
    .nmaprun.host.ports.port.filter(({ state }) => state.state === "open")
    .map(
      ({ protocol, portid, service: s }): Said => ({
        port: portid,
        transport: protocol,
        method: s?.method ?? "table",
        service: s?.name ?? null,
        tls: s?.tunnel === "ssl",
        product: s?.product ?? null,
        version: s?.version ?? null,
        info: s?.extrainfo ?? null,
        hostname: s?.hostname ?? null,
        os: s?.ostype ?? null,
        device: s?.devicetype ?? null,
        cpe: cpes((s?.cpe ?? []).map(cpe23FromUri)),
      }),
    );
  return { said, seconds };
}

export function doorplateSays(result: Result): Said {
  const { port, transport, method, service, tls, product, version, info, os, device } = result;
  return {
    port,
    transport,
    method,
    service,
    tls,
    product,
    version,
    info,
    hostname: result.reportedHostname,
    os,
    device,
    cpe: cpes(result.cpe),
  };
}

/** Why Nmap says more than its probes file does, where it does. */
function explanation(nmap: Said, doorplate: Said, field: keyof Said): string | null {
  if (nmap.info?.startsWith("RPC #") && ["service", "version", "info"].includes(field))
    return "Nmap asked for RPC programs, which is no part of the file";
  if (field === "service" && nmap.service?.includes(" "))
    return "one of Nmap's version scripts (NSE) renamed it";
  if (field === "product" && doorplate.product && nmap.product?.startsWith(`${doorplate.product}; `))
    return "one of Nmap's version scripts (NSE, snmp-info) added to it";
  return null;
}

export interface Difference {
  /** `tcp/22 version: nmap "1", doorplate "2"` */
  text: string;
  explanation: string | null;
}

/**
 * The fields in which the two differ. A name that only a table gives is no verdict: the tables are two, so there only
 * the method is compared.
 */
export function differences(nmap: Said, doorplate: Said | undefined): Difference[] {
  const door = `${nmap.transport}/${nmap.port}`;
  if (!doorplate) return [{ text: `${door}: not seen by doorplate`, explanation: null }];
  const table = nmap.method === "table" && doorplate.method === "table";
  return (Object.keys(nmap) as (keyof Said)[])
    .filter((field) => !(table && field === "service") && nmap[field] !== doorplate[field])
    .map((field) => ({
      text: `${door} ${field}: nmap ${JSON.stringify(nmap[field])}, doorplate ${JSON.stringify(doorplate[field])}`,
      explanation: explanation(nmap, doorplate, field),
    }));
}
