/**
 * Questions to AWS services of which we ask one or two things and bundle no client: signed (Signature Version 4) with the credentials that the
 * SDK finds, asked again when the service is busy, read whole. An SDK client for each of them would be most of the function's bundle.
 */
import { EC2Client } from "@aws-sdk/client-ec2";
import { SignatureV4 } from "@smithy/signature-v4";
import { XMLParser } from "fast-xml-parser";
import * as z from "zod";
import { EnvironmentError } from "../model/errors.ts";
import { findings, inWords } from "../model/wording.ts";

export interface Question {
  /** Signing name, which begins the host name, too: `elasticloadbalancing`. */
  service: string;
  /** As the SDKs spell it in `AWS_ENDPOINT_URL_<id>` (AWS SDKs reference guide, "Service-specific endpoints"). */
  endpointId: string;
  /** For services that are everywhere at one place; signed for `us-east-1`. */
  global?: boolean;
  method: "GET" | "POST";
  /** Asked for only where the protocol is JSON: services of the query protocol would take it as a wish. */
  json?: boolean;
  path: string;
  /** Of the query string (GET), or of the form (POST); undefined ones are left out. */
  parameters: Record<string, string | undefined>;
}

/** @throws EnvironmentError with the service's own code when it refuses, or does not answer */
export type Ask = (question: Question) => Promise<string>;

export interface AskOptions {
  environment?: NodeJS.ProcessEnv;
  fetch?: typeof globalThis.fetch;
  pause?: (ms: number) => Promise<void>;
}

/** Tries of one request: Describe calls of a whole account are throttled together. */
const ATTEMPTS = 6;
/** Pause before the second try, ms; doubled each time, and shortened by chance so that not all come back at once. */
const FIRST_PAUSE_MS = 250;
/** Longest wait for one answer, ms. */
const ANSWER_MS = 20_000;
/** Answers that say "later" (AWS SDKs reference guide, "Retry behavior"). */
const BUSY = /Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|PriorRequestNotComplete/;

/** Under which domain a region's services are: `amazonaws.com`, or that of its partition. */
export function awsDomain(region: string): string {
  const { config } = new EC2Client({ region });
  const { url } = config.endpointProvider({ Region: region, UseDualStack: false, UseFIPS: false });
  return url.hostname.slice(`ec2.${region}.`.length);
}

export function asker(region: string, options: AskOptions = {}): Ask {
  const { environment = process.env, fetch = globalThis.fetch } = options;
  const pause = options.pause ?? ((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)));
  // For what the SDK knows: credentials, and how to hash.
  const { config } = new EC2Client({ region });
  const domain = awsDomain(region);

  const once = async (question: Question) => {
    const { service, endpointId, global = false, method, path, parameters, json = false } = question;
    const place = global ? `${service}.${domain}` : `${service}.${region}.${domain}`;
    const base =
      environment[`AWS_ENDPOINT_URL_${endpointId}`] ?? environment.AWS_ENDPOINT_URL ?? `https://${place}`;
    const url = new URL(path, base);
    const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined);
    const form = method === "POST" ? new URLSearchParams(given).toString() : undefined;
    const query = form === undefined ? Object.fromEntries(given) : {};
    const signer = new SignatureV4({
      service,
      region: global ? "us-east-1" : region,
      credentials: config.credentials,
      sha256: config.sha256,
    });
    const headers: Record<string, string> = { host: url.host, accept: json ? "application/json" : "*/*" };
    if (form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8";
    const { protocol, hostname, pathname } = url;
    const signed = await signer.sign({
      method,
      protocol,
      hostname,
      path: pathname,
      query,
      headers,
      body: form,
    });
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const { host: _, ...sent } = signed.headers;
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(url, {
      method,
      headers: sent,
      body: form ?? null,
      signal,
      redirect: "error",
    });
    const text = await response.text();
    // The REST JSON protocol tells the code in a header, sometimes with where it is documented.
    const type = response.headers.get("x-amzn-errortype")?.split(":")[0];
    return { status: response.status, text, code: type ?? errorCode(text) ?? `HTTP ${response.status}` };
  };

  return async (question) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await once(question).catch((cause: unknown) => ({
        status: 0,
        text: "",
        code: `nothing (${String(cause)})`,
        cause,
      }));
      if (answer.status === 200) return answer.text;
      const { code } = answer;
      const later = answer.status === 0 || answer.status === 429 || answer.status >= 500 || BUSY.test(code);
      if (!later || attempt === ATTEMPTS)
        throw new EnvironmentError(`${question.service} says ${code}`, {
          cause: "cause" in answer ? answer.cause : undefined,
        });
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    }
  };
}

/** `<Code>AccessDenied</Code>` of the query and REST XML protocols, `__type` or `message` of the JSON ones. */
function errorCode(text: string): string | null {
  const [xml, type, message] = [
    /<Code>([\w.]{1,100})<\/Code>/,
    /"__type"\s*:\s*"([^"]{1,200})"/,
    /"message"\s*:\s*"([^"]{1,200})"/i,
  ].map((pattern) => pattern.exec(text)?.[1]);
  return xml ?? type ?? message ?? null;
}

/** Pages of a list, until one names no next. */
export async function pages<P>(
  read: (marker: string | undefined) => Promise<P>,
  next: (page: P) => string | null | undefined,
): Promise<P[]> {
  const all: P[] = [];
  let marker: string | undefined;
  do {
    const page = await read(marker);
    all.push(page);
    marker = next(page) || undefined;
  } while (marker !== undefined);
  return all;
}

/** Elements that stand in a list, whose wrapper is empty, or text, when there is none. */
const LISTED = new Set(["member", "DistributionSummary", "CNAME"]);
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => LISTED.has(name),
});

/**
 * What is under the root element, by a schema in which lists are `xmlList`.
 * @throws EnvironmentError when it is not the answer that was expected: half a list is none
 */
export function readXml<T>(text: string, schema: z.ZodType<T>): T {
  let root: unknown;
  try {
    const { "?xml": _, ...rest } = parser.parse(text) as Record<string, unknown>;
    root = Object.values(rest)[0];
  } catch (cause) {
    throw new EnvironmentError("AWS answered with what is no XML", { cause });
  }
  return checked(root, schema);
}

/** @throws EnvironmentError when it is not the answer that was expected */
export function readJson<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return checked(JSON.parse(text), schema);
  } catch (cause) {
    if (cause instanceof EnvironmentError) throw cause;
    throw new EnvironmentError("AWS answered with what is no JSON", { cause });
  }
}

function checked<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value, inWords);
  if (parsed.success) return parsed.data;
  throw new EnvironmentError(`AWS answered otherwise than expected (${findings(parsed.error).join("; ")})`);
}

/** A list of `tag` elements; an empty element is an empty list. */
export const xmlList = <T>(tag: string, item: z.ZodType<T>) =>
  z
    .union([
      z.literal("").transform((): T[] => []),
      z.object({ [tag]: z.array(item) }).transform((o) => o[tag] as T[]),
    ])
    .default([]);
