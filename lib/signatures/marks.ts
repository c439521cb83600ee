import type { Entry } from "./entries.ts";

/**
 * Marks: the short form of signatures that need no pattern of their own. A program's cookie has a fixed name, and so have its header fields,
 * its realm and the title of its login page; one line lists them all. `*` stands for whatever follows (`wcf_*`). Each product of a kind
 * becomes one ordinary entry, so that marks are loaded, listed, measured and left out as any signature is.
 */

/** By kind of mark, product (as the registry or, for parts, the world calls it) and its marks. */
export type MarksFile = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

interface Kind {
  fact: string | string[];
  /** Where the facts are of one service. */
  service?: string;
  flags?: string;
  /** Pattern of one mark, whose own text is quoted already; `open` where it ends in `*`. */
  pattern(quoted: string, open: boolean): string;
  /** What the fact says where a server bears the mark. */
  example(mark: string): string;
  /** What a program is made with or guarded by: a technology, not the product. */
  part?: true;
  version?: string;
}

const cookie: Kind = {
  fact: "http.cookie",
  service: "http",
  pattern: (quoted, open) => (open ? `${quoted}[^=]{0,64}=` : `${quoted}=`),
  example: (mark) => `${mark}=0123456789abcdef`,
};
const field: Kind = {
  fact: "http.header",
  service: "http",
  pattern: (quoted, open) => (open ? `${quoted}[\\w-]{0,48}: ` : `${quoted}: `),
  example: (mark) => `${mark}: 1`,
};

const KINDS: Readonly<Record<string, Kind>> = {
  cookies: cookie,
  fields: field,
  partCookies: { ...cookie, part: true },
  partFields: { ...field, part: true },
  realms: {
    fact: "http.wwwAuthenticate",
    service: "http",
    flags: "i",
    pattern: (quoted, open) =>
      `(?:Basic|Digest) (?:[^"]{1,40}"[^"]{0,80}", ?)?realm="?${quoted}${open ? "" : '(?:"|$)'}`,
    example: (mark) => `Basic realm="${mark}"`,
  },
  servers: {
    fact: "http.server",
    service: "http",
    flags: "i",
    // A version may follow even where the mark goes on.
    pattern: (quoted, open) => `${quoted}${open ? "" : "(?=$|[/ ;(])"}`,
    version: "(?:[/ -]v?(\\d[\\w.]*))?",
    example: (mark) => `${mark}/1.2`,
  },
  titles: {
    fact: "http.title",
    service: "http",
    flags: "i",
    pattern: (quoted, open) => `${quoted}${open ? "" : "$"}`,
    example: (mark) => mark,
  },
  // What stands at a greeting's front, or behind the host's name and what an IMAP server can do.
  greetings: {
    fact: ["smtp.banner", "pop3.banner", "imap.banner", "ftp.banner", "nntp.banner"],
    flags: "i",
    pattern: (quoted, open) =>
      `(?:\\[CAPABILITY [^\\]]{0,600}\\] )?(?:\\S{1,120} )?(?:E?SMTP )?${quoted}${open ? "" : "(?![\\w-])"}`,
    version: "(?:[ /-]+\\(?v?(\\d[\\w.-]*))?",
    example: (mark) => `mx.example.net ${mark} 1.2`,
  },
  // Domains of those who run mail for others: a greeting begins with its host's name (RFC 5321 section 4.2), and most say no more.
  hosts: {
    fact: "smtp.banner",
    service: "smtp",
    flags: "i",
    pattern: (quoted) => `(?:[\\w-]{1,63}\\.){0,8}${quoted}(?=[ ;,])`,
    example: (mark) => `mx1.${mark} ESMTP`,
  },
  // Parts of the names in certificates that programs make for themselves (RFC 4514): `O=Acme Generated`.
  certificates: {
    fact: ["tls.subject", "tls.issuer"],
    pattern: (quoted, open) => `(?:.{0,300}?, ?)?${quoted}${open ? "" : "(?:,|$)"}`,
    example: (mark) => `C=US,${mark}`,
  },
};

/** Kinds of marks that a file may have. */
const MARK_KINDS: readonly string[] = Object.keys(KINDS);

/** A mark as the bytes that a server sends, in facts one character each: names are written in any script, and sent in UTF-8. */
const bytes = (mark: string) => Buffer.from(mark, "utf8").toString("latin1");

const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** One entry for each product of a kind. @param keyOf key of a product's name in the registry; null where it has none */
export function entriesOfMarks(file: MarksFile, keyOf: (product: string) => string | null): Entry[] {
  return Object.entries(file).flatMap(([name, products]) => {
    const kind = KINDS[name];
    if (!kind) throw new RangeError(`marks are ${MARK_KINDS.join(", ")}, not ${name}`);
    return Object.entries(products).map(([product, marks]) =>
      entryOf(name, kind, product, marks.map(bytes), keyOf),
    );
  });
}

function entryOf(
  name: string,
  kind: Kind,
  product: string,
  marks: readonly string[],
  keyOf: (product: string) => string | null,
): Entry {
  const patterns = marks.map((mark) => kind.pattern(quote(mark.replace(/\*$/, "")), mark.endsWith("*")));
  const key = kind.part ? null : keyOf(product);
  const id = (key ?? product).toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return {
    id: `${typeof kind.fact === "string" ? kind.fact : name}/mark.${kind.part ? "part." : ""}${id}`,
    fact: kind.fact,
    pattern: `^(?:${patterns.join("|")})${kind.version ?? ""}`,
    ...(kind.flags && { flags: kind.flags }),
    ...(kind.part ? { technology: product } : key === null ? { label: product } : { product: key }),
    ...(kind.service && { service: kind.service }),
    ...(kind.version && { version: "$1" }),
    weight: WEIGHT,
    tests: marks.map((mark) => ({ input: kind.example(mark.replace(/\*$/, "1")) })),
  };
}

/** Nats: that of any entry that gives none (entries.ts). */
const WEIGHT = 6;
