/** What an invocation of the prober knows and has, in a test: nothing by itself, and all the time that it needs. */
import { randomUUID } from "node:crypto";
import { protocols } from "../../lib/protocols/index.ts";
import type { Plan } from "../../lib/scan/plan.ts";
import { indexPlan } from "../../lib/scan/plan-index.ts";
import type { ProbeContext } from "../../lib/scan/probe-run.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";

/** For tests in which endpoints are identified. */
export const BUILTIN = { protocols, packs: [builtinPack()] };

/** What goes wrong with an endpoint fails the test, unless it says otherwise. */
export const proberContext = (plan: Plan, more: Partial<ProbeContext> = {}): ProbeContext => ({
  plan,
  index: indexPlan(plan),
  knowledge: { protocols: [], packs: [] },
  files: null,
  packs: "sha256:test",
  remainingMs: () => 300_000,
  now: () => performance.now(),
  wallClock: () => new Date(),
  invocation: randomUUID(),
  memoryMb: 1024,
  onError: (error) => {
    throw error;
  },
  ...more,
});
