import * as z from "zod";

/**
 * Our own signatures, as written in YAML: a pattern over one fact or over one raw response, and what it
 * claims. Kept separate from evaluation, so that the same schema serves the built-in pack and its tests.
 */

/** Weight of an entry that gives none: a product named by an exact token, nats. */
export const DEFAULT_WEIGHT = 6;

/** `$1`..`$9` and literal text; a field whose template names an unset group is left out. */
const template = z.string().min(1).max(200);

const exampleSchema = z.strictObject({
  /** The fact's value, or the response: latin1 text, one character per byte. */
  input: z.string(),
  version: z.string().optional(),
});
export type EntryExample = z.infer<typeof exampleSchema>;

export const entrySchema = z
  .strictObject({
    /** Unique: `<fact>/<what>` by custom. */
    id: z.string().regex(/^[\w.:+-]+(?:\/[\w.:+-]+)*$/, "letters, digits, . : + - _ and /"),
    /** Name of the fact whose value is read, or of several that say the same things (`sip.server`, `sip.userAgent`). */
    fact: z.union([z.string(), z.array(z.string()).min(2)]).optional(),
    /** Or: the probe whose response is read; `any` for all. */
    response: z.string().optional(),
    /** PCRE subset (pattern.ts). */
    pattern: z.string().min(1),
    flags: z
      .string()
      .regex(/^(?:i|s|is|si)$/, "i, s or both")
      .optional(),
    /** Identity key in the registry of products. */
    product: z.string().optional(),
    /** Label of a product that has no identity of its own; a template, for families of products named after one pattern. */
    label: template.optional(),
    /** A part behind the service. Alone it takes the version; beside a product (what that is made of) it has none. */
    technology: z.string().optional(),
    service: z.string().optional(),
    version: template.optional(),
    info: template.optional(),
    hostname: template.optional(),
    os: template.optional(),
    device: template.optional(),
    vendor: template.optional(),
    /** Nats; 3 for a weak hint. */
    weight: z.number().min(-20).max(20).default(DEFAULT_WEIGHT),
    test: z.union([exampleSchema, z.array(exampleSchema).min(1)]).optional(),
    tests: z.array(exampleSchema).min(1).optional(),
    /** Inputs that must not match. */
    not: z.array(z.string()).optional(),
  })
  .refine((entry) => (entry.fact === undefined) !== (entry.response === undefined), {
    message: "exactly one of fact and response",
  })
  .refine((entry) => entry.product === undefined || entry.label === undefined, {
    message: "at most one of product and label",
  })
  .refine((entry) => entry.test !== undefined || entry.tests !== undefined, {
    message: "a test is required",
  });
export type Entry = z.infer<typeof entrySchema>;

export const entriesSchema = z.array(entrySchema);

/** Facts that the entry reads. */
export function factsOf(entry: Entry): readonly string[] {
  return entry.fact === undefined ? [] : typeof entry.fact === "string" ? [entry.fact] : entry.fact;
}

/** The entry's examples, however they were written. */
export function examplesOf(entry: Entry): EntryExample[] {
  const single = entry.test === undefined ? [] : Array.isArray(entry.test) ? entry.test : [entry.test];
  return [...single, ...(entry.tests ?? [])];
}

/** Longest value taken from hostile bytes into a field, characters. */
const MAX_FIELD = 120;

/** Fills a template; null when a group it names is unset, or nothing is left. Non-printable bytes become `.`. */
export function fillEntryTemplate(
  text: string | undefined,
  groups: readonly (string | undefined)[],
): string | null {
  if (text === undefined) return null;
  let unset = false;
  const filled = text.replace(/\$([1-9])/g, (_, digit: string) => {
    const group = groups[Number(digit)];
    if (group === undefined) unset = true;
    return group ?? "";
  });
  if (unset) return null;
  const clean = filled
    .slice(0, MAX_FIELD)
    .replace(/[^\x20-\x7e]/g, ".")
    .trim();
  return clean === "" ? null : clean;
}

/** The version that an entry claims: its template, without the punctuation that ends a sentence. */
export function versionOf(entry: Entry, groups: readonly (string | undefined)[]): string | null {
  return fillEntryTemplate(entry.version, groups)?.replace(/[.,;:-]+$/, "") || null;
}
