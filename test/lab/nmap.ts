import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { XMLParser } from "fast-xml-parser";
import * as z from "zod";
import type { Said } from "./judge.ts";
import type { Network } from "./network.ts";
import type { RunningDoor } from "./start.ts";

/** Attributes of `<port>` and `<service>` in nmap.dtd; a missing one is absent. */
const portSchema = z.object({
  protocol: z.enum(["tcp", "udp"]),
  portid: z.coerce.number(),
  service: z
    .object({
      name: z.string().optional(),
      product: z.string().optional(),
      version: z.string().optional(),
      tunnel: z.string().optional(),
    })
    .optional(),
});
const runSchema = z.object({
  nmaprun: z.object({ host: z.object({ ports: z.object({ port: z.array(portSchema) }) }) }),
});

/** What `nmap -sV` says of the same doors: information, to stand beside ours. */
export async function nmap(doors: readonly RunningDoor[], { prefix }: Network) {
  const list = (transport: string, letter: string) =>
    doors.filter((door) => door.transport === transport).map(({ port }) => `${letter}:${port}`);
  const ports = [...list("tcp", "T"), ...list("udp", "U")].join(",");
  const options = ["-n", "-Pn", "-sT", "-sU", "-sV", "-p", ports, "-oX", "-", "127.0.0.1"];
  const [command = "", ...args] = [...prefix, "nmap", ...options];
  const began = performance.now();
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
    isArray: (name) => name === "port",
  });
  const said = runSchema.parse(parser.parse(stdout)).nmaprun.host.ports.port.map(
    ({ protocol, portid, service }): Said => ({
      port: portid,
      transport: protocol,
      service: service?.name ?? null,
      product: service?.product ?? null,
      version: service?.version ?? null,
      tls: service?.tunnel === "ssl",
    }),
  );
  return { said, seconds: (performance.now() - began) / 1000 };
}
