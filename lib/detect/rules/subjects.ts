/**
 * What a rule reads, as latin1 text with the family of its bytes: whole responses, header lines and bodies of HTTP messages, certificates,
 * greetings. Where only facts are known (`doorplate match` takes them), these stand in.
 */
import { type Fact, latin1, type Response, type TlsSession } from "../../model/observation.ts";
import { parseMessage } from "../../protocols/http-message.ts";
import { tls as tlsProtocol } from "../../protocols/tls.ts";
import {
  type PatternType,
  RULE_PROBE_PREFIX,
  type RulePattern,
  type RuleProbe,
} from "../../signatures/rules/types.ts";

export interface Subject {
  text: string;
  /** Probe or fact. */
  source: string;
  /** Family of the bytes at an offset of the text. */
  family(offset: number): string;
}

export interface Heard {
  responses: readonly Response[];
  facts: readonly Fact[];
  tls: TlsSession | null;
}

const BANNER = "banner";
const CERTIFICATE = "tls.certificate";
const isOwn = ({ probe }: Response) => probe.startsWith(RULE_PROBE_PREFIX);
export const isHttp = ({ data }: Response) => parseMessage(data, "HTTP") !== null;

/** A whole response: of an HTTP message the head is the same bytes that other evidence rests on. */
function whole(response: Response): Subject {
  const { probe, data } = response;
  const text = latin1(data);
  const rest = probe === "NULL" ? BANNER : `answer:${probe}`;
  const message = parseMessage(data, "HTTP");
  if (!message) return { text, source: probe, family: () => rest };
  const end = text.search(/\r?\n\r?\n/);
  const head = end < 0 ? text : text.slice(0, end);
  // The body as the server meant it, not in chunks.
  const full = end < 0 ? text : `${head}\r\n\r\n${latin1(message.body)}`;
  return { text: full, source: probe, family: (offset) => (offset < head.length ? "http.headers" : rest) };
}

/** What a probe of a rule reads. `anyAnswer`: also what other probes were told, since nobody has asked this one. */
export function subjectsOfProbe(probe: RuleProbe, heard: Heard, anyAnswer: boolean): Subject[] {
  const passive = probe.request === null || probe.request.trim() === "";
  const reads = (response: Response) => {
    if (response.probe === probe.probe) return true;
    if (isOwn(response)) return false;
    if (probe.type === "http")
      return isHttp(response) && (anyAnswer || (passive && response.probe === "http.get"));
    if (probe.type === "tls" && !response.tls) return false;
    return passive || anyAnswer;
  };
  const found = heard.responses.filter(reads).map(whole);
  if (probe.type === "tls") found.push(...certificate(heard));
  if (found.length === 0 && heard.responses.length === 0) found.push(...fromFacts(probe, heard.facts));
  return found;
}

/** Facts alone are known: HTTP rules read those of HTTP, as header lines where they are, the others any banner. */
function fromFacts({ type }: RuleProbe, facts: readonly Fact[]): Subject[] {
  const ofHttp = (name: string) => name.startsWith("http.");
  if (type === "tls") return [];
  return facts
    .filter(({ name }) => (type === "http" ? ofHttp(name) : !ofHttp(name) && !name.startsWith("tls.")))
    .map(({ name, value, family }) => ({
      text: name === "http.server" ? `Server: ${value}` : value,
      source: name,
      family: () => family,
    }));
}

function certificate({ facts, tls }: Heard): Subject[] {
  const told = facts.some(({ name }) => name === "tls.subject") ? facts : tlsProtocol.facts([], tls);
  const lines = told
    .filter(({ name }) => /^tls\.(?:subject|issuer|san|serial)$/.test(name))
    .map(({ name, value }) => `${name.slice("tls.".length)}: ${value}`);
  return lines.length === 0
    ? []
    : [{ text: lines.join("\n"), source: CERTIFICATE, family: () => CERTIFICATE }];
}

const READERS: Record<PatternType, (pattern: RulePattern, heard: Heard) => Subject[]> = {
  banner: (_, { responses, facts }) =>
    responses.length > 0 ? responses.map(whole) : factSubjects(facts, (name) => /(?:^|\.)banner$/.test(name)),

  ssh_banner: (_, { responses, facts }) => {
    const greetings = responses.map(whole).filter(({ text }) => /^SSH-\d/m.test(text.slice(0, 4096)));
    return greetings.length > 0 ? greetings : factSubjects(facts, (name) => name === "ssh.banner");
  },

  http_header: ({ header }, { responses, facts }) => {
    const found = responses.flatMap(({ probe, data }) =>
      (parseMessage(data, "HTTP")?.headers ?? []).flatMap(({ name, value }) => {
        if (header !== null && name.toLowerCase() !== header) return [];
        return [
          {
            text: header === null ? `${name}: ${value}` : value,
            source: probe,
            family: () => "http.headers",
          },
        ];
      }),
    );
    if (responses.length > 0) return found;
    if (header === "server" || header === null) return factSubjects(facts, (name) => name === "http.server");
    return factSubjects(facts, (name) => name === "http.header")
      .filter(({ text }) => text.toLowerCase().startsWith(`${header}:`))
      .map((subject) => ({ ...subject, text: subject.text.slice(header.length + 1).trim() }));
  },

  http_content: (_, { responses, facts }) => {
    const found = responses.flatMap(({ probe, data }) => {
      const body = parseMessage(data, "HTTP")?.body;
      return body ? [{ text: latin1(body), source: probe, family: () => `answer:${probe}` }] : [];
    });
    const ofPage = /^http\.(?:body|title|errorPage|generator)$/;
    return responses.length > 0 ? found : factSubjects(facts, (name) => ofPage.test(name));
  },

  tls_cert: (_, heard) => certificate(heard),
};

export const subjectsOfPattern = (pattern: RulePattern, heard: Heard): Subject[] =>
  READERS[pattern.type](pattern, heard);

function factSubjects(facts: readonly Fact[], wanted: (name: string) => boolean): Subject[] {
  return facts
    .filter(({ name }) => wanted(name))
    .map(({ name, value, family }) => ({ text: value, source: name, family: () => family }));
}
