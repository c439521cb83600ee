import { OUTCOMES, type OutcomeCounts } from "../model/outcome.ts";

// Numbers and small values as people read them; shared by the writers.

const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;
/** Less is told in hours. */
const LEAST_DAYS = 2;

/** `0.4 s`, `12.3 s`, `4 min 5 s`, `2 h 3 min`, `3 days`. */
export function durationText(ms: number): string {
  const tenths = (ms / MS_PER_SECOND).toFixed(1);
  if (Number(tenths) < SECONDS_PER_MINUTE) return `${tenths} s`;
  const seconds = Math.round(ms / MS_PER_SECOND);
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  if (minutes < MINUTES_PER_HOUR) return `${minutes} min ${seconds % SECONDS_PER_MINUTE} s`;
  const hours = Math.floor(minutes / MINUTES_PER_HOUR);
  if (hours < LEAST_DAYS * HOURS_PER_DAY) return `${hours} h ${minutes % MINUTES_PER_HOUR} min`;
  return counted(Math.round(hours / HOURS_PER_DAY), "day", "days");
}

/** `1 address`, `1,000 addresses`. */
export function counted(n: number, one: string, many: string): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}

/** A probability as a percentage; only certainty itself is 100%. */
export function percent(probability: number): string {
  return `${probability < 1 ? Math.min(99, Math.round(100 * probability)) : 100}%`;
}

/** Least amount that is shown as a number, USD: one request of the cheapest kind costs about this. */
const LEAST_USD = 1e-6;

/** `$0`, `$0.0021`, `$1.25`: two digits that say something, whatever the size. */
export function usdText(usd: number): string {
  if (usd <= 0) return "$0";
  if (usd < LEAST_USD) return "less than $0.000001";
  // toPrecision writes plain digits down to 1e-6.
  return `$${usd < 1 ? usd.toPrecision(2) : usd.toFixed(2)}`;
}

/** `3 fingerprinted, 7 closed`, in the order of the contract. */
export function outcomesText(outcomes: OutcomeCounts): string {
  return OUTCOMES.flatMap((name) => {
    const count = outcomes[name] ?? 0;
    return count > 0 ? [`${count.toLocaleString("en-US")} ${name}`] : [];
  }).join(", ");
}

/** The entries of `Result.scripts` that are script outputs: an id and its text. */
export function scriptOutputs(scripts: readonly unknown[]): { id: string; output: string }[] {
  return scripts.flatMap((script) => {
    if (typeof script !== "object" || script === null) return [];
    const { id, output } = script as { id?: unknown; output?: unknown };
    return typeof id === "string" && typeof output === "string" ? [{ id, output }] : [];
  });
}
