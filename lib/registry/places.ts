/** Where a program stands among others on the same port: our own table (places.yaml), by key of the registry of products. */
import table from "./places.yaml";

/** Of places.yaml; its shape is checked by the tests, not at every cold start. */
export interface Places {
  fronts: readonly string[];
  parts: string;
  shaped: string;
  scripted: string;
  whole: string;
  replacing: string;
  "shown-by": Readonly<Record<string, string>>;
  "made-with": Readonly<Record<string, string>>;
  engines: string;
  fields: Readonly<Record<string, string>>;
  /** Patterns by keys, by what they are the answer to. */
  answers: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Place {
  /** How far in front it usually stands; 0 for applications, and for servers that come inside of them. */
  rank: number;
  /** It comes inside of programs. */
  part: boolean;
  /** Its order of fields is known. */
  shaped: boolean;
  /** It runs in an interpreter. */
  scripted: boolean;
  /** Who is named beside it is made with it only if that is its `base`. */
  whole: boolean;
  /** It puts its own name in the place of the origin's. */
  replaces: boolean;
  /** The probe whose answer shows it, whatever it was told to say. */
  shownBy: string | null;
  /** What it is built on. */
  base: string | null;
  /** It speaks its protocol itself: nothing that others are built on answers in its place. */
  own: boolean;
  /** Fields of HTTP (lower case): at least one of them is in what it answers. Empty where nothing is known. */
  fields: readonly string[];
  /** What its answer to a probe, or a fact of it, is like. Empty where nothing is known. */
  answers: readonly Answer[];
}

export interface Answer {
  /** A probe, or a fact. */
  to: string;
  like: RegExp;
}

export const places = table as Places;
export const keysIn = (list: string): string[] => list.trim().split(/\s+/);

const parts = new Set(keysIn(places.parts));
const shaped = new Set(keysIn(places.shaped));
const scripted = new Set(keysIn(places.scripted));
const whole = new Set(keysIn(places.whole));
const replacing = new Set(keysIn(places.replacing));
const rows = places.fronts.length;
const ranks = new Map(places.fronts.flatMap((list, row) => keysIn(list).map((key) => [key, rows - row])));
/** By key, under which heading it is listed. */
const headings = (lists: Readonly<Record<string, string>>) =>
  new Map(Object.entries(lists).flatMap(([heading, list]) => keysIn(list).map((key) => [key, heading])));
const bases = headings(places["made-with"]);
const probes = headings(places["shown-by"]);
const engines = new Set(keysIn(places.engines));
const fields = new Map(Object.entries(places.fields).map(([key, list]) => [key, keysIn(list.toLowerCase())]));
const answers = new Map<string, Answer[]>();
for (const [to, patterns] of Object.entries(places.answers)) {
  for (const [keys, pattern] of Object.entries(patterns)) {
    const answer = { to, like: new RegExp(pattern, "i") };
    for (const key of keysIn(keys)) answers.set(key, [...(answers.get(key) ?? []), answer]);
  }
}
const NONE: readonly never[] = [];

/** Of any product: one that stands in no list is an application. */
export const placeOf = (key: string): Place => ({
  rank: ranks.get(key) ?? 0,
  part: parts.has(key),
  shaped: shaped.has(key),
  scripted: scripted.has(key),
  whole: whole.has(key),
  replaces: replacing.has(key),
  shownBy: probes.get(key) ?? null,
  base: bases.get(key) ?? null,
  own: engines.has(key) || parts.has(key) || ranks.has(key),
  fields: fields.get(key) ?? NONE,
  answers: answers.get(key) ?? NONE,
});
