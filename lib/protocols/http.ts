import { isIPv6 } from "node:net";
import { latin1, printable, type Response } from "../model/observation.ts";
import { linkedIcon } from "./favicon.ts";
import { HOSTLESS_PROBE, httpFacts, ICON_PROBE, REFUSAL_PROBE } from "./http-facts.ts";
import { HINT_PROBE, hintsFor } from "./http-hints.ts";
import { header, messageComplete, parseMessage } from "./http-message.ts";
import { BARE_PAGE } from "./http-page.ts";
import { bytes } from "./reply-lines.ts";
import type { Ask, AskContext, Protocol, Session } from "./types.ts";

/** A fixed path that no site has: servers that hide their name in fields sign their error page. */
export const MISSING_PAGE = "/doorplate-no-such-page";
/** Where an icon lies when no page says so; asked only when the server does not name itself. */
const DEFAULT_ICON = "/favicon.ico";
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
/**
 * A request without `Host`, which every server has to refuse (RFC 9112 section 3.2): asked of who refused the other with nothing but a status
 * line. Caches pass one line on to a handler of their own and answer the other with their whole page.
 */
const HOSTLESS: Ask = {
  probe: HOSTLESS_PROBE,
  data: bytes("GET / HTTP/1.1\r\n\r\n"),
  complete: messageComplete("HTTP"),
  timeoutMs: REFUSAL_MS,
  evenIfEnough: true,
};
const REDIRECT_PROBE = "http.redirect";
/** Longest path that a redirect may lead to, characters. */
const MAX_PATH = 200;
/** And that of the whole address it is part of. */
const MAX_LOCATION = 500;
/** Bytes of a page in which a link to its icon is looked for: the head of the page. */
const MAX_PAGE = 16_384;

/** What a server says to whoever is not to be served, before it has read what he asks (RFC 9110 sections 15.5.1, 15.5.4 and 15.5.8). */
const INDIFFERENT = new Set([400, 403, 407]);

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

/** HTTP/1 (RFC 9110, RFC 9112): one GET of the root, one of a missing page, its icon where that may tell more, where an answer gave an
 * application away, the path that tells its version, and a line that whoever listens has to refuse. Of redirects two are followed, and only
 * to a path of this very server: an application that sends everybody from its root to its login page says there who it is. */
export const http: Protocol = {
  name: "http",
  transports: ["tcp"],
  speaksFirst: "client",

  unlike: REFUSAL_PROBE,
  indifferent: (data) => INDIFFERENT.has(parseMessage(data, "HTTP")?.status ?? 0),
  // A time-out or a refusal may come unasked, a page does not.
  unasked(response) {
    const status = parseMessage(response.data, "HTTP")?.status ?? 500;
    return status < 400 || status === 401 || status === 404 ? http.recognise(response) : null;
  },

  openers: (context) => [get("http.get", "/", context, true)],

  recognise({ data, probe }) {
    const message = parseMessage(data, "HTTP");
    if (message) {
      const excerpt = printable(`HTTP/${message.version} ${message.status} ${message.reason}`);
      // The request is well formed: whoever calls it bad may have expected TLS (nginx, Apache and Go say so in this way), and
      // who sends to TLS on a port of its own may mean this one.
      const toTls =
        message.status >= 301 && /^https:\/\/[^/]{1,260}:\d/i.test(header(message, "location") ?? "");
      const mayBeTunnel = (message.status === 400 && probe !== REFUSAL_PROBE) || toTls;
      return { service: "http", weight: 9, excerpt, mayBeTunnel };
    }
    const start = latin1(data.subarray(0, 64));
    return BARE_PAGE.test(start) ? { service: "http", weight: 3, excerpt: printable(start.trim()) } : null;
  },

  async converse(session) {
    // Who has nothing to say to the root is silent about other pages, too.
    const mute = session.responses.some(
      ({ probe, data, end }) => probe === "http.get" && data.length === 0 && end === "timeout",
    );
    if (mute) return void (await session.ask(NO_REQUEST, { fresh: true }));
    const errorSeen = session.responses.some(({ data }) => (parseMessage(data, "HTTP")?.status ?? 0) === 404);
    // The opener said "close": what is left of its connection only waits for its end. The rest shares one, where the server lets it.
    let fresh = true;
    let silent = false;
    const ask = async (request: Ask) => {
      const answer = await askAgain(session, request, fresh);
      silent ||= answer?.data.length === 0 && answer.end === "timeout";
      // What is left of an answer that was cut short, or did not come yet, would be taken for the next one.
      if (answer) fresh = answer.end === "cap" || answer.end === "timeout";
      return answer;
    };
    // Who lets one page wait lets others wait.
    const askFor = async (probe: string, path: string) => {
      if (!silent) await ask(get(probe, path, session.context, false));
    };
    const elsewhere = redirectPath(session);
    if (elsewhere) await askFor(REDIRECT_PROBE, elsewhere);
    // Many send to their folder first, and from there to its page.
    const further = elsewhere && redirectPath(session, REDIRECT_PROBE, elsewhere);
    if (further) await askFor(`${REDIRECT_PROBE}.on`, further);
    if (!errorSeen) await askFor("http.404", MISSING_PAGE);
    const icon = iconPath(session.responses);
    if (icon) await askFor(ICON_PROBE, icon);
    for (const { name, path } of hintsFor(session.responses)) await askFor(HINT_PROBE + name, path);
    // Last, since it ends the connection.
    const refused = await ask(NO_REQUEST);
    if (refused && parseMessage(refused.data, "HTTP")?.headers.length === 0)
      await session.ask(HOSTLESS, { fresh: true });
  },

  facts: httpFacts,
};

/** Asks on the connection at hand; a server that closed it just then is asked once more on another. */
async function askAgain(session: Session, ask: Ask, fresh: boolean): Promise<Response | null> {
  const answer = await session.ask(ask, { fresh });
  return !fresh && answer?.data.length === 0 && answer.end !== "timeout"
    ? session.ask(ask, { fresh: true })
    : answer;
}

/**
 * The path to which the answer to `probe` sends everybody (RFC 9110 section 15.4); null when that is another server, another scheme, where we
 * came from, or no plain path.
 */
export function redirectPath(
  { context, responses }: Pick<Session, "context" | "responses">,
  probe = "http.get",
  from = "/",
): string | null {
  const answer = responses.findLast((response) => response.probe === probe);
  const message = answer && parseMessage(answer.data, "HTTP");
  const location = message && message.status >= 301 && message.status <= 308 && header(message, "location");
  if (!location || location.length > MAX_LOCATION) return null;
  const scheme = context.tls ? "https" : "http";
  const own = [hostField(context), `${context.hostname ?? context.host}:${context.port}`].flatMap(
    (host) => URL.parse(`${scheme}://${host}${from}`) ?? [],
  );
  const target = own[0] && URL.parse(location, own[0].href);
  if (!target || !own.some(({ origin }) => origin === target.origin)) return null;
  const path = target.pathname + target.search;
  return path !== "/" && path !== from && path.length <= MAX_PATH ? path : null;
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
