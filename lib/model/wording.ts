/**
 * What zod finds wrong, in our words: a reader of the message knows the fields, not the library. Each says what the field must be, so that it can follow
 * the field's name or path.
 */
import type * as z from "zod";

/** What zod tells of one finding before it has a message. */
interface RawIssue {
  readonly code?: string | undefined;
  readonly expected?: unknown;
  readonly input?: unknown;
  readonly values?: unknown;
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly format?: unknown;
  readonly keys?: unknown;
}

const KINDS: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a group of fields",
  record: "a group of fields",
  nonoptional: "required",
};

/** `must be at least 1`; undefined leaves what a schema says itself. */
export function wording(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type": {
      const expected = String(issue.expected ?? "something else");
      const wanted = KINDS[expected] ?? expected;
      if (issue.input === undefined) return `is missing; it is ${wanted}`;
      const quoted = expected === "string" && ["number", "boolean"].includes(typeof issue.input);
      return `must be ${wanted}${quoted ? `; write "${String(issue.input)}" in quotes` : ""}`;
    }
    case "invalid_value":
      return `must be one of ${list(issue.values).join(", ")}`;
    case "too_small":
      return amount("at least", issue.minimum, issue.origin);
    case "too_big":
      return amount("at most", issue.maximum, issue.origin);
    case "invalid_format":
      return issue.format === "base64" ? "must be base64" : undefined;
    case "invalid_union":
      return "has a value of the wrong kind";
    default:
      return undefined;
  }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function amount(limit: string, bound: unknown, origin: unknown): string {
  const many = Number(bound) === 1 ? "" : "s";
  if (origin === "string") return `must have ${limit} ${bound} character${many}`;
  if (origin === "array") return `must have ${limit} ${bound} ${many ? "entries" : "entry"}`;
  return `must be ${limit} ${bound}`;
}

/** For `safeParse` of what is no YAML: findings in these words. */
export const inWords: z.core.ParseContext<z.core.$ZodIssue> = { error: (issue) => wording(issue) };

/** Every finding with its path before it: `limits.connections: must be at least 1`. */
export const findings = (error: z.ZodError): string[] =>
  error.issues.map((issue) => {
    const path = issue.path.join(".");
    const message =
      issue.code === "unrecognized_keys" ? `"${issue.keys.join('", "')}" is unknown here` : issue.message;
    return path === "" ? message : `${path}: ${message}`;
  });
