/**
 * `scan --dry-run`: the plan and what it is likely to take, by arithmetic. Nothing is started and no packet leaves, not even to a resolver: a name counts
 * as one address, and may turn out to be out of scope when it is resolved.
 */

import { DEFAULT_MAX_CONCURRENCY } from "../../infra/local/client.ts";
import { EXIT, InputError } from "../model/errors.ts";
import type { ScanRequest } from "../model/request.ts";
import { jsonLine } from "../report/json.ts";
import { counted, durationText, usdText } from "../report/text.ts";
import { leastScanUsd } from "../scan/budget.ts";
import { type Estimate, estimate } from "../scan/estimate.ts";
import { makePlan, paceOf } from "../scan/make-plan.ts";
import type { Plan } from "../scan/plan.ts";
import { indexPlan } from "../scan/plan-index.ts";
import { DEFAULT_PROBERS } from "../scan/politeness.ts";
import { parseTargets } from "../targets/parse.ts";
import type { Lookup } from "../targets/resolve.ts";
import { scopeFrom } from "../targets/scope.ts";
import type { ScanOptions } from "./scan-request.ts";

/** Stand-ins for names not resolved, one each: of a unique local prefix (RFC 4193) that was drawn by lot, and that nobody else should have. */
const STAND_IN_NETWORK = "fd5e:d00f:91c4::/48";

const EVERYTHING = ["0.0.0.0/0", "::/0"];

export async function dryRun(request: ScanRequest, options: ScanOptions): Promise<number> {
  const names = [
    ...new Set(
      parseTargets(request.targets).flatMap((target) => (target.kind === "name" ? [target.name] : [])),
    ),
  ];
  const isHere = (name: string) => name === "localhost";
  const lookup: Lookup = async (name, family) => {
    if (isHere(name)) return family === 4 ? ["127.0.0.1"] : [];
    return family === 6 ? [`fd5e:d00f:91c4::${(names.indexOf(name) + 1).toString(16)}`] : [];
  };
  const local = options.cloud === undefined;
  // What a stack allows, its functions know; here only what nobody may touch is refused.
  const entries = local ? (options.scope ?? []) : EVERYTHING;
  const probers = local ? DEFAULT_MAX_CONCURRENCY : DEFAULT_PROBERS;
  const { plan, skipped } = await makePlan(request, {
    scanId: request.scanId ?? "",
    scope: scopeFrom([...entries, STAND_IN_NETWORK], { allowLoopback: local }),
    scopeEntries: entries,
    local,
    selfPorts: [],
    startedAt: new Date(),
    lookup,
    probers,
  });
  const unresolved = names.filter((name) => !isHere(name)).length;
  const index = indexPlan(plan);
  const here = estimate(plan, { index, concurrency: probers });
  const onAws = local ? estimateOnAws(request, plan) : here;
  const found = {
    ...here,
    leastUsd: leastScanUsd(index.batches),
    onAws: onAws && { concurrency: onAws.concurrency, wallSeconds: onAws.wallSeconds },
    unresolved,
    skipped,
  };
  const deadlineS = request.deadlineMs / 1000;
  process.stdout.write(
    options.format === "table"
      ? text(found, deadlineS, options.cloud)
      : `${jsonLine({ type: "plan", ...found, deadlineS })}\n`,
  );
  return EXIT.done;
}

/** The same plan in a stack. Null: a limit may be enough for the probers here, and too low to be divided among those on AWS. */
function estimateOnAws(request: ScanRequest, plan: Plan): Estimate | null {
  try {
    return estimate({ ...plan, ...paceOf(request, plan.profile, DEFAULT_PROBERS) });
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

interface Found extends Estimate {
  /** What it takes to plan and end the scan before a port is asked, USD. */
  leastUsd: number;
  /** The same in the stack of `infra/topology.ts`; null where the request's limits are too low for it. */
  onAws: { concurrency: number; wallSeconds: number } | null;
  unresolved: number;
  skipped: string[];
}

function text(plan: Found, deadlineS: number, stack: string | undefined): string {
  const times = [
    ...(stack ? [] : [`${durationText(plan.wallSeconds * 1000)} here with ${plan.concurrency}`]),
    ...(plan.onAws
      ? [`${durationText(plan.onAws.wallSeconds * 1000)} on AWS with ${plan.onAws.concurrency}`]
      : []),
  ];
  const lines = [
    "plan, nothing was sent:",
    row(
      "endpoints",
      `${plan.endpoints.toLocaleString("en-US")} on ${counted(plan.addresses, "address", "addresses")}`,
    ),
    row("batches", plan.batches.toLocaleString("en-US")),
    row("invocations", `about ${plan.invocations.toLocaleString("en-US")}`),
    row("wall time", `about ${times.join(", ")} probers at once`),
    "",
    `estimate at AWS prices (${plan.prices.region}, ${plan.prices.date}), ${100 * plan.openShare}% of the ports open:`,
    ...plan.cost.map(({ line, quantity, unit, usd }) =>
      row(
        line,
        `${Math.ceil(quantity).toLocaleString("en-US").padStart(15)} ${unit.padEnd(12)} ${usdText(usd)}`,
      ),
    ),
    row("together", usdText(plan.costUsd)),
  ];
  if (plan.maxCostUsd !== null && plan.costUsd > plan.maxCostUsd)
    lines.push(
      plan.maxCostUsd < plan.leastUsd
        ? `--max-cost ${usdText(plan.maxCostUsd)} is less than planning and ending it takes, ${usdText(plan.leastUsd)}: it would be refused`
        : `--max-cost ${usdText(plan.maxCostUsd)} is less: what does not fit would end as expired`,
    );
  if (plan.wallSeconds > deadlineS)
    lines.push(
      `the deadline of ${durationText(deadlineS * 1000)} is earlier: what is left then would end as expired`,
    );
  if (plan.unresolved > 0)
    lines.push(
      `${counted(plan.unresolved, "name was", "names were")} not resolved: one address each was assumed`,
    );
  if (stack) lines.push(`whether the stack ${stack} may scan these targets is asked when the scan is`);
  for (const line of plan.skipped) lines.push(`left out: ${line}`);
  return `${lines.join("\n")}\n`;
}

const row = (name: string, value: string) => `  ${name.padEnd(28)} ${value}`;
