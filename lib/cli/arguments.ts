import { InputError } from "../model/errors.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `15m`, `2h`, `500ms` as ms. @throws InputError */
export function durationMs(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  if (amount === undefined)
    throw new InputError(`"${text}" is no duration; write for example 90s, 15m or 2h`, text);
  return Number(amount) * (UNITS[unit] ?? 0);
}

/** The same, with the option's name before what is wrong. @throws InputError */
export const named =
  <T>(option: string, read: (text: string) => T) =>
  (text: string): T => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${option}: ${error.message}`, error.token, error.position);
    }
  };

/** A version intensity, 0 to 9. @throws InputError */
export function intensity(text: string): number {
  if (!/^[0-9]$/.test(text)) throw new InputError(`"${text}" is not an intensity from 0 to 9`, text);
  return Number(text);
}

const PORTS = 65_535;

/** A port, or a number of ports, from 1 on. @throws InputError */
export function positive(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > PORTS)
    throw new InputError(`"${text}" is not a whole number from 1 to ${PORTS}`, text);
  return Number(text);
}

/** The most that a request may allow itself, USD (`lib/model/request.ts`). */
const MOST_USD = 1_000_000;

/** An amount of USD above 0, `0.05` or `$0.05`. @throws InputError */
export function usd(text: string): number {
  const amount = /^\$?(\d+(?:\.\d+)?)$/.exec(text.trim())?.[1];
  if (Number(amount) > MOST_USD) throw new InputError(`${text} is more than ${MOST_USD} US dollars`, text);
  if (amount === undefined || !(Number(amount) > 0))
    throw new InputError(`"${text}" is no amount of US dollars; write for example 0.05 or 2`, text);
  return Number(amount);
}
