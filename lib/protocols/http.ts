import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { iconFacts, linkedIcon } from "./favicon.ts";
import { HINT_PROBE, hintsFor, hintText } from "./http-hints.ts";
import { type HttpMessage, header, headerValues, messageComplete, parseMessage } from "./http-message.ts";
import { pageGenerator, pageTitle, visibleText } from "./http-page.ts";
import { bytes } from "./reply-lines.ts";
import type { Ask, AskContext, Protocol, Session } from "./types.ts";

/** A fixed path that no site has: servers that hide their name in fields sign their error page. */
const MISSING_PAGE = "/doorplate-no-such-page";
/** Where an icon lies when no page says so; asked only when the server does not name itself. */
const DEFAULT_ICON = "/favicon.ico";
const ICON_PROBE = "http.favicon";
/** Probe, and first part of the families of what its answer says. */
const REFUSAL_PROBE = "http.refusal";
/** Nothing has to be looked up to refuse; who waits for more of the line says nothing, ms. */
const REFUSAL_MS = 500;
/**
 * A line that is no request (RFC 9112 section 3): nothing that a proxy could pass on, so whoever refuses it listens on the port. A person at
 * a terminal types as much.
 */
const NO_REQUEST: Ask = {
  probe: REFUSAL_PROBE,
  data: bytes("HELP\r\n\r\n"),
  complete: messageComplete("HTTP"),
  timeoutMs: REFUSAL_MS,
  evenIfEnough: true,
};
const REDIRECT_PROBE = "http.redirect";
/** Longest path that a redirect may lead to, characters. */
const MAX_PATH = 200;
/** Bytes of a body kept as the fact `http.body`. */
const MAX_BODY = 4096;
/** Bytes of a page in which a link to its icon is looked for: the head of the page. */
const MAX_PAGE = 16_384;
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

/** `Host` (RFC 9110 section 7.2): brackets around IPv6, the port only where it is not the scheme's. */
export function hostField(context: AskContext): string {
  const name = context.hostname ?? (isIPv6(context.host) ? `[${context.host}]` : context.host);
  return context.port === (context.tls ? 443 : 80) ? name : `${name}:${context.port}`;
}

function get(probe: string, path: string, context: AskContext, last: boolean): Ask {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${hostField(context)}`,
    "User-Agent: Mozilla/5.0 (compatible; Doorplate)",
    "Accept: */*",
    ...(last ? ["Connection: close"] : []),
  ];
  return { probe, data: bytes(`${lines.join("\r\n")}\r\n\r\n`), complete: messageComplete("HTTP") };
}

/** A page without a status line: HTTP/0.9, or a server that forgets its manners. */
const BARE_PAGE = /^\s{0,16}<(?:!doctype html|html|head|title)\b/i;

/** HTTP/1 (RFC 9110, RFC 9112): one GET of the root, one of a missing page, its icon where that may tell more, where an answer gave an
 * application away, the path that tells its version, and a line that whoever listens has to refuse. Of redirects one is followed, and only
 * to a path of this very server: an application that sends everybody from its root to its login page says there who it is. */
export const http: Protocol = {
  name: "http",
  transports: ["tcp"],
  speaksFirst: "client",

  openers: (context) => [get("http.get", "/", context, true)],

  recognise({ data, probe }) {
    const message = parseMessage(data, "HTTP");
    if (message) {
      const excerpt = printable(`HTTP/${message.version} ${message.status} ${message.reason}`);
      // The request is well formed: whoever calls it bad may have expected TLS (nginx, Apache and Go say so in this way).
      const mayBeTunnel = message.status === 400 && probe !== REFUSAL_PROBE;
      return { service: "http", weight: 9, excerpt, mayBeTunnel };
    }
    const start = latin1(data.subarray(0, 64));
    return BARE_PAGE.test(start) ? { service: "http", weight: 3, excerpt: printable(start.trim()) } : null;
  },

  async converse(session) {
    const errorSeen = session.responses.some(({ data }) => (parseMessage(data, "HTTP")?.status ?? 0) === 404);
    // The opener said "close": what is left of its connection only waits for its end. The rest shares one, where the server lets it.
    let fresh = true;
    const ask = async (request: Ask) => {
      if (await askAgain(session, request, fresh)) fresh = false;
    };
    const asked = (probe: string, path: string) => get(probe, path, session.context, false);
    const elsewhere = redirectPath(session);
    if (elsewhere) await ask(asked(REDIRECT_PROBE, elsewhere));
    if (!errorSeen) await ask(asked("http.404", MISSING_PAGE));
    const icon = iconPath(session.responses);
    if (icon) await ask(asked(ICON_PROBE, icon));
    for (const { name, path } of hintsFor(session.responses)) await ask(asked(HINT_PROBE + name, path));
    // Last, since it ends the connection.
    await ask(NO_REQUEST);
  },

  facts(responses) {
    const list = factList();
    let read = 0;
    for (const { data, probe } of responses) {
      const message = parseMessage(data, "HTTP");
      if (probe === REFUSAL_PROBE) {
        refusalFacts(message, data, list.add);
        continue;
      }
      if (!message || read >= MAX_MESSAGES) continue;
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
      headerFacts(message, list.add, read === 0);
      bodyFacts(message, list.add, read === 0);
      read += 1;
    }
    return list.facts;
  },
};

/** Asks on the connection at hand; a server that closed it just then is asked once more on another. */
async function askAgain(session: Session, ask: Ask, fresh: boolean): Promise<Response | null> {
  const answer = await session.ask(ask, { fresh });
  return !fresh && answer?.data.length === 0 && answer.end !== "timeout"
    ? session.ask(ask, { fresh: true })
    : answer;
}

/** The path to which the root sends everybody (RFC 9110 section 15.4); null when that is another server, another scheme, or no plain path. */
export function redirectPath({ context, responses }: Pick<Session, "context" | "responses">): string | null {
  const root = responses.find(({ probe }) => probe === "http.get");
  const message = root && parseMessage(root.data, "HTTP");
  const location = message && message.status >= 301 && message.status <= 308 && header(message, "location");
  if (!location) return null;
  const own = `${context.tls ? "https" : "http"}://`;
  const [, authority, path = "/"] = /^(https?:\/\/[^/?#]{1,255})?(\/[^#]*)?/i.exec(location) ?? [];
  const same =
    authority === undefined
      ? location.startsWith("/") && !location.startsWith("//")
      : [hostField(context), `${context.hostname ?? context.host}:${context.port}`].some(
          (host) => authority.toLowerCase() === own + host.toLowerCase(),
        );
  return same && path !== "/" && path.length <= MAX_PATH && /^\/[!-~]*$/.test(path) ? path : null;
}

/** Facts of an icon that came whole: a cut one has another hash. */
function wholeIcon(message: HttpMessage): Fact[] {
  const length = header(message, "content-length");
  const whole = length === null || Number(length) === message.body.length;
  return message.status === 200 && whole && !header(message, "content-encoding")
    ? iconFacts(message.body)
    : [];
}

/** The icon worth asking for: one that a page links, or the usual one when no field names the server. */
function iconPath(responses: readonly Response[]): string | null {
  const messages = responses.flatMap(({ data }) => parseMessage(data, "HTTP") ?? []);
  const pages = messages.filter((message) => message.status < 400 && !header(message, "content-encoding"));
  for (const page of pages) {
    const linked = linkedIcon(latin1(page.body.subarray(0, MAX_PAGE)));
    if (linked) return linked;
  }
  return messages.length > 0 && !messages.some((message) => header(message, "server")) ? DEFAULT_ICON : null;
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
  for (const value of headerValues(message, "set-cookie"))
    add("http.cookie", value.split(";", 1)[0]?.trim(), family);
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
