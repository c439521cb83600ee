// Zabbix's passive agent: a key in a frame is answered with its value. `agent.version` is what every server asks; an agent answers
// only those whom its configuration allows and closes on others. A server (trapper) answers with JSON.
// Source: Zabbix manual, appendix "Protocols": header and data length; "Passive and active agent checks".
import { printable, type Response } from "../model/observation.ts";
import { join, little, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const MAGIC = "ZBXD\x01";
const KEY = "agent.version";
const MAX_VALUE = 4096;

function read({ data }: Response): Reading | null {
  const r = reader(data);
  if (r.text(MAGIC.length) !== MAGIC) return null;
  const size = r.take(8);
  if (r.failed) return null;
  const length = Buffer.from(size).readUInt32LE(0);
  const value = r.text(Math.min(length, MAX_VALUE));
  if (r.failed || length === 0) return null;
  const version = /^\d{1,2}\.\d{1,2}(?:\.\d{1,3})?(?:(?:alpha|beta|rc)\d+)?$/.exec(value)?.[0];
  const server = /"response"\s*:\s*"/.test(value);
  return {
    service: server ? "zabbix-trapper" : "zabbix-agent",
    weight: 9,
    excerpt: printable(value.replace(/\0/g, " ")),
    values: { version, role: server ? "server" : "agent" },
  };
}

export const zabbix: Protocol = readingProtocol({
  name: "zabbix",
  prefix: "zabbix",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "zabbix.agentVersion",
      data: join(MAGIC, little(KEY.length, 4), little(0, 4), KEY),
      complete: (received) => received.length > MAGIC.length + 8,
    },
  ],
  read,
});
