// DNS over UDP and TCP. The opener asks `version.bind` in the CHAOS class, which most servers answer in words
// of their own; then `id.server` and a plain query for the root show behaviour (recursion, response code), and two questions that no
// server can answer (a class that is reserved, a version of EDNS that is not defined) show how it refuses, which no configuration changes.
// Never a zone transfer, never a name of anybody's.
// Source: RFC 1035 section 4 (message, compression, TCP length), RFC 4892 (id.server, version in CH class),
// RFC 6895 section 3.2 (class 0 is reserved), RFC 6891 section 6.1.3 (BADVERS).
import { type Fact, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named } from "./binary.ts";
import { type DnsMessage, type DnsRecord, messageOf, TYPE } from "./dns-message.ts";
import type { Ask, AskContext, Protocol, Recognition, Session } from "./types.ts";

/** Every resolver is born with the root's servers; who has to ask for them cannot reach anybody, ms. */
const ROOT_MS = 700;
/** Our query identifiers, echoed by the server; one for each question. */
const ID = { version: 0x4450, id: 0x4451, hostname: 0x4452, root: 0x4453, class: 0x4454, edns: 0x4455 };
const CLASS = { reserved: 0, in: 1, chaos: 3 };
/** RFC 6891: payload size that we offer, bytes, and a version of EDNS that is not defined (only 0 is). */
const EDNS = { size: 1232, version: 1 };
/** AD and CD in a question's second byte of flags: some copy them into their answer, whatever it is. */
const COPIED = 0x30;

function query(
  id: number,
  name: string,
  type: number,
  queryClass: number,
  recurse: boolean,
  additional = 0,
): Uint8Array {
  const labels = name === "" ? [] : name.split(".");
  return join(
    big(id, 2),
    recurse ? 1 : 0,
    queryClass === CLASS.reserved || additional > 0 ? COPIED : 0,
    big(1, 2),
    big(0, 4),
    big(additional, 2),
    ...labels.flatMap((label) => [label.length, label]),
    0,
    big(type, 2),
    big(queryClass, 2),
  );
}

/** The same question, framed for TCP where needed. */
function ask(context: Pick<AskContext, "transport">, probe: string, message: Uint8Array): Ask {
  const tcp = context.transport === "tcp";
  return {
    probe: tcp ? `${probe}-tcp` : probe,
    data: tcp ? join(big(message.length, 2), message) : message,
    complete: (received) =>
      tcp
        ? received.length >= 2 && received.length >= 2 + (received[0] ?? 0) * 256 + (received[1] ?? 0)
        : received.length >= 12,
  };
}

/** A question for the root with EDNS of a version that is not defined. */
const badVersion = join(
  query(ID.edns, "", TYPE.ns, CLASS.in, false, 1),
  0,
  big(TYPE.opt, 2),
  big(EDNS.size, 2),
  0,
  EDNS.version,
  big(0, 4),
);

const versionBind = query(ID.version, "version.bind", TYPE.txt, CLASS.chaos, false);

function recognise(response: Response): Recognition | null {
  const message = messageOf(response.data);
  if (!message?.response || (message.opcode !== 0 && message.opcode !== 2) || message.rcode > 10) return null;
  const question = message.questions[0];
  const ours = Object.values(ID).includes(message.id);
  const told = message.answers.find((answer) => answer.type === TYPE.txt && answer.class === CLASS.chaos);
  const excerpt = printable(told ? `${told.name} TXT "${told.text}"` : `rcode ${message.rcode}`);
  if (question && (question.name === "version.bind" || told))
    return { service: "domain", weight: 9, excerpt };
  if (question && message.whole) return { service: "domain", weight: ours ? 9 : 7, excerpt };
  // a bare header, as refusals are: only the identifier that we or Nmap's status probe sent makes it telling
  if (message.whole && response.data.length <= 14 && message.rcode > 0)
    return { service: "domain", weight: ours ? 7 : 4, excerpt };
  return null;
}

const RCODES: Record<number, string> = {
  0: "NOERROR",
  1: "FORMERR",
  2: "SERVFAIL",
  3: "NXDOMAIN",
  4: "NOTIMP",
  5: "REFUSED",
  16: "BADVERS",
};

function read(response: Response): Fact[] {
  const message = recognise(response) && messageOf(response.data);
  if (!message) return [];
  const family = familyOf(response);
  const text = (name: string) =>
    message.answers.find((answer) => answer.name === name && answer.type === TYPE.txt)?.text;
  const version = text("version.bind");
  const facts = named("dns", family, {
    "version.bind": version,
    version_bind: version,
    "id.server": text("id.server"),
    "hostname.bind": text("hostname.bind"),
    rcode: RCODES[message.rcode] ?? message.rcode,
  });
  const told = message.answers.find(({ name, type }) => name === "version.bind" && type === TYPE.txt);
  if (told) facts.push({ name: "dns.manner", value: manner(message, told), family: "reply:dns.manner" });
  if (message.questions[0]?.class === CLASS.in)
    facts.push({ name: "dns.recursion", value: message.recursionAvailable ? "yes" : "no", family });
  return facts;
}

/** How the version is told, whatever it is: `aa ra 1+0 ttl 0`. Flags, answers and authorities, seconds to live are compiled in. */
function manner(message: DnsMessage, { ttl }: DnsRecord): string {
  const flags = [message.authoritative ? "aa" : "", message.recursionAvailable ? "ra" : ""];
  return [...flags, `${message.answers.length}+${message.authorities}`, `ttl ${ttl}`]
    .filter(Boolean)
    .join(" ");
}

async function converse(session: Session): Promise<void> {
  const { context } = session;
  await session.ask(ask(context, "dns.idServer", query(ID.id, "id.server", TYPE.txt, CLASS.chaos, false)));
  await session.ask(
    ask(context, "dns.hostnameBind", query(ID.hostname, "hostname.bind", TYPE.txt, CLASS.chaos, false)),
  );
  await session.ask({
    ...ask(context, "dns.root", query(ID.root, "", TYPE.ns, CLASS.in, true)),
    timeoutMs: ROOT_MS,
  });
  const refused = await session.ask(
    ask(context, "dns.class", query(ID.class, "", TYPE.ns, CLASS.reserved, false)),
  );
  // Who is silent about the one will be silent about the other.
  if (refused && refused.data.length > 0) await session.ask(ask(context, "dns.edns", badVersion));
}

/** How it refuses what nobody can answer, and what it does not tell: `REFUSED ra q; BADVERS ra q opt 1232; NOTIMP ra q`. */
function refusals(responses: readonly Response[]): Fact[] {
  const answers = responses.map(({ data }) => messageOf(data)).filter((one) => one?.response);
  const asked = [ID.class, ID.edns, ID.id].map((id) => answers.find((message) => message?.id === id));
  const value = asked.map((message) => (message ? refusal(message) : "")).join("; ");
  return asked[0] && asked[1] ? [{ name: "dns.refusals", value, family: "reply:dns.refusals" }] : [];
}

function refusal(message: DnsMessage): string {
  const rcode = message.rcode + (message.edns?.rcode ?? 0) * 16;
  const words = [
    RCODES[rcode] ?? `${rcode}`,
    message.authoritative && "aa",
    message.recursionAvailable && "ra",
    message.checkingDisabled && "cd",
    message.questions.length > 0 && "q",
    message.edns && `opt ${message.edns.size}`,
  ];
  return words.filter(Boolean).join(" ");
}

export const dns: Protocol = {
  name: "dns",
  transports: ["udp", "tcp"],
  speaksFirst: "client",
  openers: (context) => [ask(context, "dns.versionBind", versionBind)],
  recognise,
  converse,
  facts: (responses) => distinct([...responses.flatMap(read), ...refusals(responses)]),
};
