/**
 * YAML that somebody wrote, read against a schema, with the place of every mistake in it: line and column as editors count them. All mistakes are
 * found in one reading, so that nobody fixes one to be told of the next.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type * as z from "zod";
import { wording } from "../model/wording.ts";

export interface Mistake {
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  reason: string;
}

export type DocumentPath = readonly PropertyKey[];

export interface YamlReading<T> {
  /** Null when there are mistakes. */
  value: T | null;
  /** In the order of the text. */
  mistakes: Mistake[];
  /** The place of a value: of the nearest one around it, where it is absent. */
  place(path: DocumentPath): Pick<Mistake, "line" | "column">;
}

/** Largest file that is read, characters. */
const MAX_TEXT = 1024 * 1024;
/** Most values that anchors may repeat. */
const MAX_ALIASES = 100;

/**
 * Reads one document. `prepare` may change it before the schema sees it.
 * @param schema says in its messages what is wrong; types, missing and unknown fields are worded here
 */
export function readYaml<T>(
  text: string,
  schema: z.ZodType<T>,
  prepare?: (document: Document) => void,
): YamlReading<T> {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const start = { line: 1, column: 1 };
  if (text.length > MAX_TEXT) {
    const reason = `the file has ${text.length} characters; at most ${MAX_TEXT} are read`;
    return { value: null, mistakes: [{ ...start, reason }], place: () => start };
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (path: DocumentPath) => at(nodeAt(document, path)?.range?.[0] ?? 0);
  const mistakes: Mistake[] = document.errors.map(({ pos, message }) => ({ ...at(pos[0]), reason: message }));
  if (mistakes.length > 0) return { value: null, mistakes, place };
  prepare?.(document);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return { value: null, mistakes: [{ ...start, reason: (error as Error).message }], place };
  }
  const parsed = schema.safeParse(value, { error: (issue) => worded(issue) });
  if (parsed.success) return { value: parsed.data, mistakes: [], place };
  for (const issue of parsed.error.issues) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const where = at(keyAt(document, issue.path, key)?.range?.[0] ?? 0);
        mistakes.push({ ...where, reason: `"${key}" is unknown here${known(issue.message)}` });
      }
    } else mistakes.push({ ...place(issue.path), reason: issue.message });
  }
  mistakes.sort((a, b) => a.line - b.line || a.column - b.column);
  return { value: null, mistakes, place };
}

/** A finding in our words, with the field's name before it. */
function worded(
  issue: Parameters<typeof wording>[0] & { path?: PropertyKey[] | undefined },
): string | undefined {
  const name = String(issue.path?.at(-1) ?? "the file");
  const text = wording(issue);
  return text && `${/^\d+$/.test(name) ? "this entry" : name} ${text}`;
}

/** What a schema says of fields that it does not know: the names of those that it does. */
const known = (message: string) => (message.startsWith("known are ") ? `; ${message}` : "");

/** The message of a strict object about fields that it does not know. */
export const knownFields = (shape: Record<string, unknown>) => ({
  error: (issue: { code?: string }) =>
    issue.code === "unrecognized_keys" ? `known are ${Object.keys(shape).join(", ")}` : undefined,
});

/** The deepest node on the way that exists. */
function nodeAt(document: Document, path: DocumentPath): Node | null {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node as Node;
  }
  return null;
}

function keyAt(document: Document, path: DocumentPath, key: string): Node | null {
  const map = nodeAt(document, path);
  if (!isMap(map)) return map;
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isNode(pair?.key) ? pair.key : map;
}
