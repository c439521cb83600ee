import table from "./rpc.yaml";

// Programs of ONC RPC by number: our own list (rpc.yaml), or one that the operator brings (`--rpc FILE`), in the format
// of rpc(5). Order is meaning: the grinder asks in it.

export interface RpcProgram {
  /** 32-bit, unsigned. */
  number: number;
  name: string;
  aliases: readonly string[];
}

const MAX_NUMBER = 0xffffffff;

/** Of rpc.yaml; its shape is checked by the tests, not at every cold start. */
type Table = Record<"common" | "sun" | "makers", string>;

// Folded scalars join lines by one blank.
const { common, sun, makers } = table as Table;

/** Every program of rpc.yaml, in the order to ask for them. */
export const builtinRpcPrograms: readonly RpcProgram[] = [common, sun, makers].flatMap((list) =>
  list
    .trim()
    .split(", ")
    .map((item) => {
      const [number, name = "", ...aliases] = item.split(" ");
      return { number: Number(number), name, aliases };
    }),
);

const names = new Map(builtinRpcPrograms.map(({ number, name }) => [number, name]));

/** `nfs` for 100003; null for a number that we do not know. */
export function rpcProgramName(number: number): string | null {
  return names.get(number) ?? null;
}

/**
 * Reads a table of RPC programs: on each line optional blanks, a name (no blank, no `#`), blanks and a decimal number; aliases
 * may follow up to a `#`. Lines of another form are passed over, file order is kept (spec/version-detection.md, section 11).
 */
export function parseRpcFile(text: string): RpcProgram[] {
  return text.split("\n").flatMap((line) => {
    const [, name, digits, rest = ""] = /^[ \t]*([^\s#]+)[ \t]+(\d{1,10})(?!\d)([^#]*)/.exec(line) ?? [];
    const number = Number(digits);
    if (name === undefined || !(number <= MAX_NUMBER)) return [];
    return [{ number, name, aliases: rest.split(/\s+/).filter((word) => word !== "") }];
  });
}
