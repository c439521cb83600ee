/**
 * A first signature for an unknown service, in the grammar of service-probes files: the open counterpart of sending a
 * service fingerprint in. What was heard becomes one anchored `match` line for each probe (`softmatch` where too little
 * is fixed to be sure), under the probe that asked. Made to be read, corrected and named by a person.
 */
import { latin1, loadResponse, type Observation, printable } from "../model/observation.ts";
import { draftPieces, escapeByte, type PatternPiece } from "./draft-pattern.ts";

/** Fewer fixed bytes than this make a softmatch, and an end anchor where the whole answer is known. */
const SURE_BYTES = 6;
/** Longest line of a service-probes file, bytes, less what stands around the data of a probe. */
const MAX_PROBE_DATA = 8000;
/** The service that nobody has named yet. */
const UNNAMED = "unknown";

interface Heard {
  probe: string;
  tls: boolean;
  /** latin1 */
  text: string;
}

/**
 * The text of a service-probes file that matches the observation's own answers. `request` tells what a probe sent: where it does not
 * know (null), the lines stand there as comments. No address and no name of the endpoint goes into it.
 */
export function draftSignatures(
  observation: Pick<Observation, "endpoint" | "responses">,
  request: (probe: string) => Uint8Array | null,
): string {
  const { endpoint } = observation;
  const names = [endpoint.hostname, endpoint.host].filter((name) => name !== null);
  const heard: Heard[] = observation.responses
    .map(loadResponse)
    .filter(({ data }) => data.length > 0)
    .map(({ probe, tls, data }) => ({ probe, tls, text: latin1(data) }));
  const groups = Map.groupBy(heard, ({ probe }) => probe);
  // The probe that listens only stands first in a file, as it is the first to run.
  const order = [...groups.keys()].sort((a, b) => Number(b === "NULL") - Number(a === "NULL"));
  const lines = [
    "# A draft from one observation. Before use: name the service, check what is fixed and what is general,",
    "# and try it on other installations.",
    ...order.flatMap((probe) => {
      const answers = groups.get(probe) ?? [];
      const header = probeHeader(probe, answers, endpoint, request(probe));
      const section = answers.length === 0 ? [] : ["", ...comments(answers, endpoint)];
      const body = [...(header ?? []), ...matchLines(answers, names)];
      return [...section, ...(header ? body : unknownProbe(body))];
    }),
  ];
  return `${lines.join("\n")}\n`;
}

type Place = Observation["endpoint"];

function comments(answers: readonly Heard[], { port, transport }: Place): string[] {
  return answers.map(
    ({ probe, tls, text }) =>
      `# ${printable(probe)} on ${port}/${transport}${tls ? " inside TLS" : ""}: ${text.length} bytes`,
  );
}

function unknownProbe(body: readonly string[]): string[] {
  return [
    "# What this probe sent is not known here: put these lines below it.",
    ...body.map((line) => `# ${line}`),
  ];
}

/** `Probe` and the port; null when nobody knows what to send. */
function probeHeader(
  probe: string,
  answers: readonly Heard[],
  { port, transport }: Place,
  data: Uint8Array | null,
): string[] | null {
  if (probe === "NULL") return transport === "tcp" ? ["Probe TCP NULL q||"] : null;
  if (!data || data.length === 0) return null;
  const name = probe.replace(/[^\w.-]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  const escaped = [...data].map(escapeDataByte).join("");
  if (name === "" || escaped.length + name.length > MAX_PROBE_DATA) return null;
  const inTls = answers.some(({ tls }) => tls);
  return [
    `Probe ${transport.toUpperCase()} ${name} q|${escaped}|`,
    `${inTls ? "sslports" : "ports"} ${port}`,
  ];
}

/** Probe data knows fewer escapes than patterns, and needs none for punctuation. */
function escapeDataByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (char === "\\") return "\\\\";
  if (byte < 0x20 || byte > 0x7e || char === "|") return /[\r\n\t]/.test(char) ? escapeByte(byte) : hex(byte);
  return char;
}

const hex = (byte: number) => `\\x${byte.toString(16).padStart(2, "0")}`;

/** One line for all answers where they begin alike, else one for each. */
function matchLines(answers: readonly Heard[], names: readonly string[]): string[] {
  const drafts = answers.map(({ text }) => draftPieces(text, names));
  const common = drafts.reduce((a, b) => a.slice(0, commonLength(a, b)));
  const whole = answers.every(({ text }, n) => drafts[n]?.length === common.length && covers(text, names));
  if (drafts.length === 1 || fixedBytes(common) >= SURE_BYTES) return [matchLine(common, whole)];
  return [...new Set(drafts.map((pieces, n) => matchLine(pieces, covers(answers[n]?.text ?? "", names))))];
}

function commonLength(a: readonly PatternPiece[], b: readonly PatternPiece[]): number {
  const differs = a.findIndex((piece, n) => piece.source !== b[n]?.source);
  return differs < 0 ? a.length : differs;
}

const fixedBytes = (pieces: readonly PatternPiece[]) => pieces.reduce((sum, { literal }) => sum + literal, 0);

/** Do the pieces reach to the end of the text, byte for byte? */
function covers(text: string, names: readonly string[]): boolean {
  const pieces = draftPieces(text, names);
  return pieces.length === text.length && fixedBytes(pieces) === text.length;
}

function matchLine(pieces: readonly PatternPiece[], whole: boolean): string {
  const fixed = fixedBytes(pieces);
  const templates: string[] = [];
  const told = new Set<string>();
  let source = "^";
  for (const [index, piece] of pieces.entries()) {
    if (piece.tells === null || told.has(piece.tells)) {
      source += piece.source;
      continue;
    }
    told.add(piece.tells);
    source += `(${piece.source})`;
    const product = piece.tells === "version" ? productBefore(pieces.slice(0, index)) : null;
    if (product) templates.push(`p/${product}/`);
    templates.push(`${piece.tells === "version" ? "v" : "h"}/$${told.size}/`);
  }
  if (whole && fixed < SURE_BYTES) source += "$";
  const keyword = fixed >= SURE_BYTES ? "match" : "softmatch";
  return [`${keyword} ${UNNAMED} m|${source}|`, ...templates].join(" ");
}

/** The word that stands before a version: `Acme` of `Acme/1.2`, `Acme v1.2`, `Acme version 1.2`. */
function productBefore(pieces: readonly PatternPiece[]): string | null {
  const text = pieces
    .slice(-60)
    .map(({ source, literal }) => (literal === 0 || source.length > 1 ? "\n" : source))
    .join("");
  const word = /([A-Za-z][A-Za-z\d_-]{1,39})[ /_-]?(?:[ ,]?(?:[vV]|[vV]er(?:sion)?|release) ?)?$/.exec(
    text,
  )?.[1];
  return word && !/^(?:v|ver|version|release)$/i.test(word) ? word : null;
}
