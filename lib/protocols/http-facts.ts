/**
 * What HTTP answers say: fields one by one, their order, title, generator and text of pages, the icon, what a hinted path told, and how a line that is
 * no request was refused.
 */
import { createHash } from "node:crypto";
import { type Fact, latin1, type Response } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { iconFacts } from "./favicon.ts";
import { HINT_PROBE, hintText } from "./http-hints.ts";
import { type HttpMessage, header, headerValues, parseMessage } from "./http-message.ts";
import { BARE_PAGE, pageGenerator, pageTitle, visibleText } from "./http-page.ts";

/** The probe that asks for an icon. */
export const ICON_PROBE = "http.favicon";
/** The probe of a line that is no request, and first part of the families of what its answer says. */
export const REFUSAL_PROBE = "http.refusal";
/** The probe of a request without a host. */
export const HOSTLESS_PROBE = `${REFUSAL_PROBE}.host`;
/** Bytes of a body kept as the fact `http.body`. */
const MAX_BODY = 4096;
/** Messages of one endpoint whose body is read. */
const MAX_MESSAGES = 4;

/** Fields that say nothing about who made the message, or that have a fact of their own. All others become `http.header`. */
const ORDINARY = new Set(
  `accept-ranges age allow alt-svc cache-control connection content-encoding content-language content-length content-location
  content-security-policy content-type cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date etag
  expires keep-alive last-modified link location p3p permissions-policy pragma public referrer-policy retry-after server set-cookie
  set-cookie2 strict-transport-security trailer transfer-encoding upgrade vary via www-authenticate x-content-type-options
  x-frame-options x-powered-by x-xss-protection access-control-allow-credentials access-control-allow-headers
  access-control-allow-methods access-control-allow-origin access-control-expose-headers access-control-max-age`.split(
    /\s+/,
  ),
);

/** A servlet container's session is its application's, by the path under which that is deployed (Jakarta Servlet 6.0, section 4.4.3). */
const CONTEXT = /^JSESSIONID=.{0,200}?; ?path=\/([\w.-]{4,40})\/?(?:;|$)/i;

export function httpFacts(responses: readonly Response[]): Fact[] {
  const list = factList();
  let read = 0;
  for (const { data, probe } of responses) {
    const message = parseMessage(data, "HTTP");
    if (probe === REFUSAL_PROBE) {
      refusalFacts(message, data, list.add);
      continue;
    }
    if (probe === HOSTLESS_PROBE) {
      // Who passed the other line on may pass this one on as well: only its own words count, and these are looked for by name.
      if (message && message.status >= 400)
        list.add("http.hostless", `${message.status} ${visibleText(latin1(message.body))}`, HOSTLESS_PROBE);
      continue;
    }
    if (!message) continue;
    if (probe === ICON_PROBE) {
      for (const { name, value, family } of wholeIcon(message)) list.add(name, value, family);
      continue;
    }
    if (probe.startsWith(HINT_PROBE)) {
      const read = message.status === 200 && !header(message, "content-encoding");
      const told = read ? hintText(probe, message.body) : "";
      if (read)
        for (const value of headerValues(message, "server")) list.add("http.server", value, "http.headers");
      if (told !== "") list.add("http.hint", `${probe.slice(HINT_PROBE.length)} ${told}`, "http.hint");
      continue;
    }
    if (read >= MAX_MESSAGES) continue;
    headerFacts(message, list.add, read === 0);
    bodyFacts(message, list.add, read === 0);
    read += 1;
  }
  return list.facts;
}

/** Facts of an icon that came whole: a cut one has another hash. */
function wholeIcon(message: HttpMessage): Fact[] {
  const length = header(message, "content-length");
  const whole = length === null || Number(length) === message.body.length;
  return message.status === 200 && whole && !header(message, "content-encoding")
    ? iconFacts(message.body)
    : [];
}

type Add = (name: string, value: string | null | undefined, family: string) => void;

function headerFacts(message: HttpMessage, add: Add, first: boolean): void {
  const family = "http.headers";
  const names = message.headers.map((field) => field.name.toLowerCase()).join(",");
  // Order and casing of fields are habits of a program, apart from the name it gives itself.
  const order = message.headers.map((field) => field.name).join(",");
  if (order) add("http.order", `${message.status} ${message.reason.slice(0, 40)}: ${order}`, "http.order");
  add("http.etag", header(message, "etag"), "http.etag");
  if (first) {
    add("http.status", String(message.status), family);
    add("http.headers", names, family);
    // Order and casing of the fields that every response of a server repeats; our own hash: SHA-256, 16 hex digits.
    const shape = message.headers.map((field) => field.name).join(",");
    if (shape)
      add(
        "http.headersHash",
        createHash("sha256").update(shape, "latin1").digest("hex").slice(0, 16),
        family,
      );
  }
  for (const value of headerValues(message, "server")) {
    add("http.server", value, family);
    if (value.includes("(")) add("http.server.comment", value, family);
    for (const token of serverTokens(value).slice(1)) add("http.server.module", token, family);
  }
  for (const value of headerValues(message, "x-powered-by")) add("http.poweredBy", value, family);
  for (const value of headerValues(message, "set-cookie")) {
    add("http.cookie", value.split(";", 1)[0]?.trim(), family);
    add("http.context", CONTEXT.exec(value)?.[1], family);
  }
  for (const value of headerValues(message, "www-authenticate")) add("http.wwwAuthenticate", value, family);
  add("http.location", header(message, "location"), family);
  for (const value of headerValues(message, "link")) add("http.link", value, family);
  add("http.via", header(message, "via"), family);
  add("http.allow", header(message, "allow"), family);
  for (const field of message.headers) {
    const name = field.name.toLowerCase();
    if (!ORDINARY.has(name)) add("http.header", `${name}: ${field.value}`, family);
  }
}

/** What the one that listens says of itself; its page comes bare where it takes the line for a request of HTTP/0.9. */
function refusalFacts(message: HttpMessage | null, data: Uint8Array, add: Add): void {
  if (message && message.status < 400) return;
  for (const value of message ? headerValues(message, "server") : [])
    add("http.server", value, `${REFUSAL_PROBE}.headers`);
  const text = latin1(message?.body ?? data);
  if (!message && !BARE_PAGE.test(text)) return;
  add("http.body", text.slice(0, MAX_BODY), REFUSAL_PROBE);
  add("http.errorPage", visibleText(text), REFUSAL_PROBE);
}

/** The products of a `Server` field (RFC 9110 section 10.2.4) without the comments between them. */
export function serverTokens(value: string): string[] {
  let depth = 0;
  let plain = "";
  for (const character of value.slice(0, 1024)) {
    if (character === "(") depth += 1;
    plain += depth > 0 ? " " : character;
    if (character === ")" && depth > 0) depth -= 1;
  }
  return plain.split(/[ ,;]+/).filter(Boolean);
}

function bodyFacts(message: HttpMessage, add: Add, first: boolean): void {
  if (message.body.length === 0) return;
  // A coded body is not text; its hash still tells pages apart.
  const coding = header(message, "content-encoding");
  const family = message.status >= 400 ? "http.errorPage" : "http.body";
  if (first) add("http.body.md5", createHash("md5").update(message.body).digest("hex"), family);
  if (coding && coding.toLowerCase() !== "identity") return;
  const text = latin1(message.body);
  add("http.body", text.slice(0, MAX_BODY), family);
  add("http.title", pageTitle(text), family);
  add("http.generator", pageGenerator(text), family);
  if (message.status >= 400) add("http.errorPage", visibleText(text), family);
}
