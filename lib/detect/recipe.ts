/**
 * The one exchange that names an endpoint's product, so that it can be made again: listening, or one opening request. When the same words come
 * back, less what changes by itself (dates, counters, tokens), the same product answers. Where no single exchange told as much as all of
 * them together, there is no recipe, and the endpoint is identified anew each time.
 */
import { createHash } from "node:crypto";
import { fuse } from "../evidence/fuse.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { isTunnelled, latin1, type Recipe, type Response, type TlsSession } from "../model/observation.ts";
import { parseMessage } from "../protocols/http-message.ts";
import type { Ask, AskContext } from "../protocols/types.ts";
import type { Detection } from "./detection.ts";
import { interpret, type Knowledge } from "./interpret.ts";
import { masked } from "./stable-text.ts";

/** The recipe for what was detected; null when there is none. Pure. */
export function recipeOf(knowledge: Knowledge, endpoint: Endpoint, detection: Detection): Recipe | null {
  const { verdict, responses } = detection;
  if (!verdict.product) return null;
  // What was shown after STARTTLS is not shown to who makes one exchange.
  const tls = isTunnelled(detection.tls) ? detection.tls : null;
  for (const response of responses) {
    if (response.data.length === 0 || response.tls !== (tls !== null)) continue;
    if (response.probe !== "NULL" && !askNamed(knowledge, { ...endpoint, tls: response.tls }, response.probe))
      continue;
    const { evidence } = interpret(knowledge, [response], tls, [], endpoint);
    const alone = fuse({ ...endpoint, ports: knowledge.ports, evidence, asked: true });
    if (alone.product === verdict.product && alone.version === verdict.version)
      return {
        probe: response.probe,
        tls: response.tls,
        hash: exchangeHash(knowledge, endpoint, response, tls),
      };
  }
  return null;
}

/** The opening request of this name. */
export function askNamed({ protocols }: Knowledge, context: AskContext, probe: string): Ask | null {
  for (const { protocol } of protocols) {
    if (!protocol.transports.includes(context.transport)) continue;
    const ask = protocol.openers(context).find((one) => one.probe === probe);
    if (ask) return ask;
  }
  return null;
}

/** SHA-256 over what the exchange claims and over its stable words, hex. */
export function exchangeHash(
  knowledge: Knowledge,
  endpoint: Endpoint,
  response: Response,
  tls: TlsSession | null,
): string {
  const { evidence } = interpret(knowledge, [response], tls, [], endpoint);
  const claims = evidence
    .map(({ signature, claim }) => JSON.stringify([signature, Object.entries(claim).sort()]))
    .sort();
  return createHash("sha256")
    .update(JSON.stringify([claims, stableWords(response.data)]))
    .digest("hex");
}

/** Fields of an HTTP message whose values say who made it; of the others the names count. */
const TELLING = /^(?:server|x-powered-by|x-generator|x-aspnet-version|via|www-authenticate)$/i;
/** Text is looked at as far as this, bytes. */
const LOOKED_AT = 2_048;

/** What one server says the same each time. Of bytes that are no text nothing is kept: their claims have to do. */
export function stableWords(data: Uint8Array): string {
  const message = parseMessage(data, "HTTP");
  if (message) {
    const fields = message.headers.map(({ name, value }) =>
      TELLING.test(name) ? `${name}: ${masked(value)}` : name,
    );
    return [message.version, message.status, ...fields].join("\n");
  }
  const text = latin1(data.subarray(0, LOOKED_AT));
  return /^[\t\r\n\x20-\x7e\x80-\xff]*$/.test(text) ? masked(text) : "";
}
