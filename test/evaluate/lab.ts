/**
 * Real daemons, recorded: a line is an Observation with `expected: {service, product, version}`, names as one or several that are right
 * (`services`, `products`: every spelling that is right), null where no answer shows them (`test/lab/observations.ts` writes it). Several answers an endpoint and true ports: what a corpus
 * of banners lacks. Weights are never fitted on it, so it is a test of them.
 */
import { readFileSync } from "node:fs";
import * as z from "zod";
import { DoorplateError, EXIT } from "../../lib/model/errors.ts";
import { loadResponse, loadTls, observationSchema } from "../../lib/model/observation.ts";
import { sameProduct, sameService, sameVersion } from "../lab/compare.ts";
import type { Case } from "./corpus.ts";

const names = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value) => (value == null || value.length === 0 ? null : [value].flat()));
const lineSchema = observationSchema.extend({
  id: z.string(),
  expected: z
    .object({
      service: names,
      services: names.optional(),
      product: names,
      products: names.optional(),
      version: z.string().nullish(),
    })
    .transform(({ service, services, product, products, version }) => ({
      service: services ?? service,
      product: product && (products ?? product),
      version,
    })),
});

/** @throws DoorplateError naming the line that is none */
export function readLab(file: string): Case[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new DoorplateError(`cannot read the lab's recording ${file}: ${(cause as Error).message}`, {
      cause,
      exitCode: EXIT.environment,
    });
  }
  return text
    .split("\n")
    .map((line, index) => [line, index + 1] as const)
    .filter(([line]) => line.trim() !== "")
    .map(([line, number]): Case => {
      const { id, endpoint, responses, tls, expected } = parse(line, `${file}:${number}`);
      const { service, product, version } = expected;
      return {
        id,
        fingerprint: id,
        product: product?.[0] ?? id,
        kind: "lab",
        wire: true,
        transport: endpoint.transport,
        port: endpoint.port,
        responses: responses.map(loadResponse),
        facts: [],
        tls: loadTls(tls),
        judge: (verdict) => ({
          service: service && verdict.service ? sameService(service, verdict.service) : null,
          product: product && verdict.product ? sameProduct(product, verdict.product) : null,
          version: version && verdict.version ? sameVersion(version, verdict.version) : null,
          asks: { product: product !== null, version: typeof version === "string" },
        }),
      };
    });
}

function parse(line: string, where: string): z.infer<typeof lineSchema> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DoorplateError(`${where} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const read = lineSchema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new DoorplateError(`${where}: ${issue?.path.join(".")}: ${issue?.message}`);
}
