/** What a rule sends: an HTTP request written by hand made proper, placeholders filled, and the name that its response goes by. */
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { RULE_PROBE_PREFIX, type RuleProbeType } from "./types.ts";

/** Largest request, bytes. */
export const MAX_REQUEST = 16_384;

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/;
/** RFC 9110 section 9.2.1: asking with these changes nothing. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const HEADER_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*$/;
const PLACEHOLDER = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
const PLACES = new Set(["target", "port"]);

export interface ReadRequest {
  /** Lines joined by CRLF, ending in a blank line (before a body). */
  text: string;
  problems: string[];
  warnings: string[];
}

/** An HTTP/1 request as written in a rule. */
export function httpRequest(written: string): ReadRequest {
  const lines = written
    .replace(/\r\n?/g, "\n")
    .replace(/^\n+|\n+$/g, "")
    .split("\n");
  const blank = lines.indexOf("");
  const head = blank < 0 ? lines : lines.slice(0, blank);
  const body = blank < 0 ? "" : lines.slice(blank + 1).join("\n");
  const problems: string[] = [];
  const warnings: string[] = [];
  const [, method, path] = REQUEST_LINE.exec(head[0] ?? "") ?? [];
  if (!method || !path) {
    const first = JSON.stringify((head[0] ?? "").slice(0, 60));
    problems.push(`request begins with ${first}; its first line must read as in: GET /health HTTP/1.1`);
  } else if (method === "POST")
    warnings.push("POST may change something on the server: that this request does not is yours to know");
  else if (!SAFE.has(method))
    problems.push(
      `request uses ${method}: a scan does not change what it looks at; use GET, HEAD or OPTIONS`,
    );
  head.slice(1).forEach((line) => {
    if (!HEADER_LINE.test(line))
      problems.push(
        `request has the line ${JSON.stringify(line.slice(0, 60))}; a header line reads as in: Host: {{target}}`,
      );
  });
  const has = (name: string) => head.some((line) => line.toLowerCase().startsWith(`${name}:`));
  if (problems.length === 0 && !has("host"))
    warnings.push("request has no Host line, which HTTP/1.1 asks for; add: Host: {{target}}");
  if (body !== "" && !has("content-length"))
    head.push(`Content-Length: ${Buffer.byteLength(body, "latin1")}`);
  return { text: `${head.join("\r\n")}\r\n\r\n${body}`, problems, warnings };
}

/** Placeholders that do not exist. */
export function unknownPlaces(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([whole, name = ""]) => (PLACES.has(name) ? [] : [whole]));
}

/** The bytes to send. In HTTP an IPv6 address stands in brackets (RFC 9110 section 7.2). */
export function fillRequest(
  text: string,
  type: RuleProbeType,
  { host, hostname, port }: { host: string; hostname: string | null; port: number },
): Uint8Array {
  const target = hostname ?? (type === "http" && isIPv6(host) ? `[${host}]` : host);
  const filled = text.replace(PLACEHOLDER, (_, name: string) => (name === "port" ? String(port) : target));
  return Buffer.from(filled, "latin1");
}

/** One name for equal requests, whoever asks them. */
export function probeName(type: RuleProbeType, request: string | null): string {
  const hash = createHash("sha256")
    .update(`${type}\n${request ?? ""}`, "latin1")
    .digest("hex")
    .slice(0, 8);
  const [, method, path = ""] =
    type === "http" ? (REQUEST_LINE.exec(request?.split("\r\n", 1)[0] ?? "") ?? []) : [];
  const shown = method ? `${method} ${path.replace(/[^\x21-\x7e]/g, ".").slice(0, 40)}` : type;
  return `${RULE_PROBE_PREFIX}${shown}#${hash}`;
}

/** What an http rule without a request of its own asks for. */
export const ROOT_REQUEST = httpRequest(
  "GET / HTTP/1.1\nHost: {{target}}\nUser-Agent: Mozilla/5.0 (compatible; Doorplate)\nAccept: */*",
).text;
