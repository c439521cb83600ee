/**
 * Who only plays a service: a loop of nc, a honeypot's script, a port that says one line whatever it is asked. A line is cheap to copy, so
 * what it names is believed less where the questions that follow show that nobody listens to them:
 *
 * - it greets, and has no answer to what every server of its protocol answers (`Protocol.owed`);
 * - its answer to that is its greeting over again;
 * - its answer to what is like no other question (`Protocol.unlike`) is the one that it gave before;
 * - it answers before anybody has asked, in a protocol in which the client speaks first.
 *
 * The first leaves a name in doubt, as a server may be out of order; the others are a recording's own doing.
 */
import { RECORDING, SILENCE } from "../evidence/roles.ts";
import { RECORDED_SHARE } from "../evidence/weights.ts";
import type { Evidence } from "../model/evidence.ts";
import { latin1, type Response } from "../model/observation.ts";
import type { Protocol, Registered } from "../protocols/types.ts";
import { masked } from "./stable-text.ts";

/** A greeting that is none: nobody is listened to who is turned away by it. */
const TURNED_AWAY = /^(?:[45]\d\d[ -]|-ERR|\* BYE)/;
/** Shorter answers than this are alike by chance: `OK`, a prompt. Bytes. */
const TELLING_BYTES = 4;
/** As much of an answer is compared, bytes. */
const COMPARED = 4096;

const spoke = ({ data }: Response) => data.length > 0;

/** What is said against the names that were heard: evidence of no weight, whose excerpt is the reason. */
export function pretences(spoken: readonly Registered[], responses: readonly Response[]): Evidence[] {
  return spoken.flatMap(({ protocol }) => [
    ...silence(protocol, responses),
    ...[repeated(protocol, responses)].flatMap((seen) => (seen ? [against(protocol, RECORDING, seen)] : [])),
  ]);
}

/** With a recording among the evidence all that is named is one thing said once, and worth less; an operator's own rule stays what he says it is. */
export function believedLess(evidence: Evidence[]): Evidence[] {
  if (!evidence.some(({ source }) => source === RECORDING)) return evidence;
  return evidence
    .filter(({ source }) => source !== SILENCE)
    .map((piece) =>
      (piece.claim.product || piece.claim.technology) && !piece.signature.startsWith("rules:")
        ? { ...piece, family: RECORDING, weight: piece.weight * RECORDED_SHARE }
        : piece,
    );
}

/** What a result is marked with. */
export function pretenceFlags(evidence: readonly Evidence[]): string[] {
  const has = (wanted: string) => evidence.some(({ source }) => source === wanted);
  return [...(has(RECORDING) ? ["recording"] : []), ...(has(SILENCE) ? ["greets-only"] : [])];
}

interface Reason {
  service: string;
  excerpt: string;
}

const against = (protocol: Protocol, source: string, { service, excerpt }: Reason): Evidence => ({
  source,
  family: source,
  claim: { service },
  weight: 0,
  excerpt,
  signature: `builtin:protocol/${protocol.name}`,
});

/** Greets in this protocol, and says nothing (or nothing in it) to what is owed an answer. */
function silence(protocol: Protocol, responses: readonly Response[]): Evidence[] {
  const { owed, answersOwed } = protocol;
  if (!owed) return [];
  const asked = responses.filter(({ probe }) => probe === owed);
  if (asked.length === 0 || asked.some(({ data }) => data.length > 0 && (answersOwed?.(data) ?? true)))
    return [];
  const greeted = responses.find((response) => response.probe === "NULL" && spoke(response));
  if (greeted && TURNED_AWAY.test(latin1(greeted.data.subarray(0, 8)))) return [];
  const seen = greeted && protocol.recognise(greeted);
  return seen ? [against(protocol, SILENCE, { service: seen.service, excerpt: `no answer to ${owed}` })] : [];
}

function repeated(protocol: Protocol, responses: readonly Response[]): Reason | null {
  for (const response of responses) {
    if (response.data.length < TELLING_BYTES) continue;
    const early = response.probe === "NULL" ? protocol.unasked?.(response) : null;
    if (early) return { service: early.service, excerpt: "answers before it is asked" };
    const again = earlier(protocol, response, responses);
    if (again) return again;
  }
  return null;
}

/** An earlier answer that this one should not be like, and is. */
function earlier(protocol: Protocol, response: Response, responses: readonly Response[]): Reason | null {
  const { probe } = response;
  if (probe !== protocol.owed && probe !== protocol.unlike) return null;
  const before = (other: Response) => other !== response && other.tls === response.tls && spoke(other);
  // Of its own questions the first: of those that follow one may well be answered as what is no question.
  const own = responses.find((other) => before(other) && other.probe !== probe && isOwn(protocol, other));
  const same = responses.find(
    (other) =>
      before(other) &&
      // Who greets does so on each connection, whatever is asked there.
      (other.probe === "NULL"
        ? protocol.speaksFirst === "server" && other.connection === response.connection
        : probe === protocol.unlike && other === own) &&
      alike(other, response),
  );
  const seen = same && !protocol.indifferent?.(same.data) && protocol.recognise(same);
  if (!seen) return null;
  const other = same.probe === "NULL" ? "its greeting" : `its answer to ${same.probe}`;
  return { service: seen.service, excerpt: `${probe} is answered with ${other}` };
}

/** Strangers' requests are refused alike. */
const isOwn = ({ name }: Protocol, { probe }: Response) => probe.startsWith(`${name}.`);

const alike = (a: Response, b: Response) =>
  Math.abs(a.data.length - b.data.length) < TELLING_BYTES && words(a) === words(b);
const words = ({ data }: Response) => masked(latin1(data.subarray(0, COMPARED)));
