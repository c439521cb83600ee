/**
 * Who may speak to the local cloud: processes that hold this run's random key, and no web page.
 *
 * A page in a browser can reach loopback, but it cannot leave out `Origin`, nor name our `Host` by DNS rebinding. Another user of the machine
 * can do both, but does not know the secret: every request is signed (Signature Version 4), and the signature is verified. The payload's
 * hash is taken from the signed header where the client sends one, and computed where it does not.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface SignedRequest {
  method: string;
  /** Path and query as sent. */
  url: string;
  headers: IncomingHttpHeaders;
}

interface Authorization {
  accessKeyId: string;
  /** `date/region/service/aws4_request`. */
  scope: string;
  signedHeaders: string[];
  signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(\w{1,128})\/([\w/-]{1,128}), ?SignedHeaders=([^\s,]{1,2048}), ?Signature=([0-9a-f]{64})$/;

/** New credentials for one run, in the form AWS gives them. */
export function randomCredentials(): Credentials {
  const id = randomBytes(10).toString("hex").toUpperCase().slice(0, 16);
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString("base64") };
}

function parseAuthorization(header: string | undefined): Authorization | null {
  const [, accessKeyId, scope, signedHeaders, signature] = AUTHORIZATION.exec(header ?? "") ?? [];
  if (
    accessKeyId === undefined ||
    scope === undefined ||
    signedHeaders === undefined ||
    signature === undefined
  )
    return null;
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(";"), signature };
}

/** Why a browser's or a stranger's request is refused before its body is read; null when it may go on. */
export function refuseOrigin(headers: IncomingHttpHeaders, port: number): string | null {
  if (headers.origin !== undefined) return "requests from web pages are refused (Origin)";
  const host = headers.host?.toLowerCase();
  return host === `127.0.0.1:${port}` || host === `localhost:${port}` ? null : "foreign Host";
}

/**
 * Why the signature is refused; null when it is right. `body` is asked for only where the client did not sign a payload hash in a header
 * (botocore does so for S3 alone).
 */
export function refuseSignature(
  request: SignedRequest,
  credentials: Credentials,
  body: () => Uint8Array,
): string | null {
  const authorization = parseAuthorization(request.headers.authorization);
  if (authorization === null) return "not signed (Signature Version 4)";
  if (authorization.accessKeyId !== credentials.accessKeyId) return "unknown access key";
  const declared = request.headers["x-amz-content-sha256"];
  const payloadHash = typeof declared === "string" ? declared : sha256(body());
  const expected = sign(
    request,
    credentials.secretAccessKey,
    authorization.scope,
    authorization.signedHeaders,
    payloadHash,
  );
  return timingSafeEqual(Buffer.from(expected), Buffer.from(authorization.signature))
    ? null
    : "wrong signature";
}

/** The signature (hex) by AWS' "Signature Version 4 signing process". `scope` is `date/region/service/aws4_request`. */
export function sign(
  request: SignedRequest,
  secret: string,
  scope: string,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const [path = "/", query = ""] = request.url.split("?", 2);
  const [, , service = ""] = scope.split("/");
  const canonical = [
    request.method,
    // Every service but S3 encodes the path a second time.
    service === "s3" ? path : path.split("/").map(encode).join("/"),
    canonicalQuery(query),
    ...signedHeaders.map(
      (name) =>
        `${name}:${String(request.headers[name] ?? "")
          .trim()
          .replace(/ +/g, " ")}`,
    ),
    "",
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
  const when = String(request.headers["x-amz-date"] ?? "");
  return hmac(
    signingKey(secret, scope),
    `AWS4-HMAC-SHA256\n${when}\n${scope}\n${sha256(canonical)}`,
  ).toString("hex");
}

/** Keys of a day, a region and a service, of which a run has a handful: deriving one costs more than checking a signature with it. */
const KEYS_KEPT = 64;
const keys = new Map<string, Buffer>();

function signingKey(secret: string, scope: string): Buffer {
  const name = `${secret} ${scope}`;
  const known = keys.get(name);
  if (known) return known;
  const [date = "", region = "", service = ""] = scope.split("/");
  const key = [date, region, service, "aws4_request"].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
  // A stranger may name any scope.
  if (keys.size >= KEYS_KEPT) keys.clear();
  keys.set(name, key);
  return key;
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const pairs = [...new URLSearchParams(query)].map(
    ([name, value]) => [encode(name), encode(value)] as const,
  );
  pairs.sort(([a, x], [b, y]) => (a === b ? Number(x > y) || -1 : Number(a > b) || -1));
  return pairs.map((pair) => pair.join("=")).join("&");
}

/** Percent-encoding by RFC 3986: encodeURIComponent leaves five characters too many. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
