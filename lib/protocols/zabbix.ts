// Zabbix's passive agent: a key in a frame is answered with its value. `agent.version` is what every server asks; an agent answers
// only those whom its configuration allows and closes on others. A server (trapper) answers with JSON.
// Source: Zabbix manual, appendix "Protocols": header and data length; "Passive and active agent checks".
import { printable, type Response } from "../model/observation.ts";
import { join, little, reader } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Ask, Protocol } from "./types.ts";

const MAGIC = "ZBXD\x01";
const KEY = "agent.version";
/** Statistics, for whom the configuration allows them; everybody else is told so. Servers and proxies hang up on an agent's key. */
const STATISTICS = '{"request":"zabbix.stats"}';
const MAX_VALUE = 4096;

const ask = (probe: string, text: string): Ask => ({
  probe,
  data: join(MAGIC, little(text.length, 4), little(0, 4), text),
  complete: (received) => received.length > MAGIC.length + 8,
});

function read({ data }: Response): Reading | null {
  const r = reader(data);
  if (r.text(MAGIC.length) !== MAGIC) return null;
  const size = r.take(8);
  if (r.failed) return null;
  const length = Buffer.from(size).readUInt32LE(0);
  const value = r.text(Math.min(length, MAX_VALUE));
  if (r.failed || length === 0) return null;
  const server = /"response"\s*:\s*"/.test(value);
  const version = (
    server ? /"version":"(\d[\w.]{0,20})"/ : /^(\d{1,2}\.\d{1,2}(?:\.\d{1,3})?(?:(?:alpha|beta|rc)\d+)?)$/
  ).exec(value)?.[1];
  return {
    service: server ? "zabbix-trapper" : "zabbix-agent",
    weight: 9,
    excerpt: printable(value.replace(/\0/g, " ")),
    values: { [server ? "serverVersion" : "version"]: version, role: server ? "server" : "agent" },
  };
}

export const zabbix: Protocol = readingProtocol({
  name: "zabbix",
  prefix: "zabbix",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [ask("zabbix.agentVersion", KEY), ask("zabbix.stats", STATISTICS)],
  read,
});
