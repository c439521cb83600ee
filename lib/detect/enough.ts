/** When a profile says that enough is known: product and version are read, and both pass its threshold. */
import { fuse } from "../evidence/fuse.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Session } from "../protocols/types.ts";
import type { Conversation } from "./conversation.ts";
import type { DetectOptions } from "./detection.ts";
import { interpret } from "./interpret.ts";

/**
 * A `Server` field is right as a rule, and typed with ease, and so is what a name server says of itself: a name that only those give is, for
 * the question whether to ask on, no surer than this, so that `standard` and slower profiles see the error page or the answers that might
 * contradict it. The order of its fields says no more than that: it is a server's, and says nothing of the program made with it.
 */
const TYPED_ONLY = 0.94;
const isTyped = ({ family, source }: Evidence) =>
  family === "http.headers" || family === "http.order" || source.startsWith("dns.version");

function enough(
  { knowledge, endpoint, profile }: Pick<DetectOptions, "knowledge" | "endpoint" | "profile">,
  { responses, tls }: Pick<Conversation, "responses" | "tls">,
): boolean {
  const { evidence } = interpret(knowledge, responses, tls, [], endpoint);
  const threshold = profile.confidenceThreshold;
  const typed = evidence.every((piece) => !piece.claim.product || isTyped(piece));
  if (typed && threshold > TYPED_ONLY) return false;
  const { product, confidence, confidences } = fuse({
    ...endpoint,
    ports: knowledge.ports,
    evidence,
    asked: true,
  });
  return product !== null && confidence >= threshold && confidences.version >= threshold;
}

/** A session in which nothing more is asked once that is so, less what might take it back: the slower profiles ask that even so. */
export function untilEnough<S extends Session>(
  options: Pick<DetectOptions, "knowledge" | "endpoint" | "profile">,
  talk: Pick<Conversation, "responses" | "tls">,
  session: S,
): S {
  return {
    ...session,
    async ask(ask, how) {
      const needless = ask.evenIfEnough
        ? options.profile.confidenceThreshold <= TYPED_ONLY && enough(options, talk)
        : enough(options, talk);
      return needless ? null : session.ask(ask, how);
    },
  };
}
