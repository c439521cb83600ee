// NATS: the server greets with `INFO` and a JSON object that names its version. Nothing is sent.
// Source: docs.nats.io "Client Protocol" (INFO).
import * as z from "zod";
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { distinct, named } from "./binary.ts";
import type { Protocol, Recognition } from "./types.ts";

const text = z.string().max(300).optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const infoSchema = z.object({
  server_id: text,
  server_name: text,
  version: text,
  go: text,
  cluster: text,
  git_commit: text,
  auth_required: flag,
  tls_required: flag,
  jetstream: flag,
});
export type NatsInfo = z.infer<typeof infoSchema>;

/** The object after `INFO `, or null. */
function parseInfo(data: Uint8Array): NatsInfo | null {
  const line = /^INFO (\{[^\r\n]{2,16000}\}) ?\r?\n/.exec(latin1(data.subarray(0, 16_384)))?.[1];
  if (!line) return null;
  try {
    const info = infoSchema.safeParse(JSON.parse(line));
    return info.success && info.data.server_id ? info.data : null;
  } catch {
    return null; // not JSON
  }
}

function recognise({ data }: Response): Recognition | null {
  const info = parseInfo(data);
  return info ? { service: "nats", weight: 9, excerpt: printable(`INFO ${info.version ?? ""}`) } : null;
}

function read({ data }: Response): Fact[] {
  const info = parseInfo(data);
  if (!info) return [];
  return named("nats", "banner", {
    version: info.version,
    go: info.go,
    serverName: info.server_name,
    cluster: info.cluster,
    commit: info.git_commit,
    auth: info.auth_required === undefined ? null : info.auth_required ? "required" : "none",
    jetstream: info.jetstream ? "yes" : null,
  });
}

export const nats: Protocol = {
  name: "nats",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
