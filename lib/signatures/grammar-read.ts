import { isCoined, isDaemon, isGenericWord, isMaker, isPart, namesSomething } from "./grammar-words.ts";

/**
 * Readers of grammar claims: text to a name and a version, or null. All are linear in a text cut to MAX_TEXT, and prefer silence to a
 * guess: a name that is none misleads more than a missing one.
 */

export interface GrammarName {
  product: string;
  version: string | null;
  vendor?: string;
}

/** Longest text read, characters: names stand at the front. */
const MAX_TEXT = 320;
/** Words of one name. */
const MAX_WORDS = 5;

/** `1.2`, `v3.01a`, `10.0-RC1`, `7.0.0_GA_3079`, `11g`, `8`. */
const VERSION = /^[vVrR]?\d[\w.+~-]{0,40}$/;
/** With a dot in it: a number that is a version wherever it stands. */
const DOTTED_VERSION = /^[vV]?\d{1,6}(?:\.\d{1,8}){1,5}[\w+~-]{0,24}(?:\.[\w+~-]{1,12})*$/;
/** Four numbers are an address unless the first is small: versions seldom reach 10, scanned addresses seldom lie below. */
const ADDRESS = /^(?:[1-9]\d|1\d\d|2[0-5]\d)(?:\.\d{1,3}){3}$/;
/** Word of a name: letters first; no dots, which are hosts'. */
const WORD = /^[A-Za-z][\w+&!'’/-]{0,31}$/;

const named = (product: string, version: string | null): GrammarName | null => {
  // `Name-11g/11.1.1`: the release within the name is no part of it.
  const clean = product.replace(/[\s,;:/_-]+$/, "").replace(/-\d{1,2}[a-z]?$/, "");
  if (!namesSomething(clean) && !(version !== null && isDaemon(clean))) return null;
  // Two to four capitals without a version are an abbreviation of anything.
  if (version === null && /^[A-Z]{2,4}$/.test(clean)) return null;
  if (clean.length < 3) return null;
  return {
    product: clean,
    version: version === null ? null : version.replace(/^[vV](?=\d)/, "").replace(/[.,;:-]+$/, ""),
  };
};

/** In free text "Microsoft FTP service 5.0" names a maker and a kind, and no product. */
const onlyMaker = (words: readonly string[]) => words.every((word) => isMaker(word) || isGenericWord(word));

/** Text without what stands in round brackets. */
function withoutComments(text: string): string {
  let depth = 0;
  let plain = "";
  for (const character of text) {
    if (character === "(") depth += 1;
    plain += depth > 0 ? (character === ")" ? " " : "") : character;
    if (character === ")" && depth > 0) depth -= 1;
  }
  return plain.replace(/\s+/g, " ").trim();
}

/**
 * `Server`, `User-Agent` and their like: product tokens `Name/version` with comments (RFC 9110 section 10.1.5). UPnP wants
 * `OS/version UPnP/1.0 product/version` (UPnP Device Architecture 1.1 section 1.2.2), so there the last token counts. Many servers put
 * spaces into a name; such names are read up to the version.
 */
export function readTokens(value: string): GrammarName | null {
  // `Name/1.0 http://its.home/`: the address behind a whole token is the project's.
  const text = withoutComments(value.slice(0, MAX_TEXT)).replace(
    /(?<=^[\w-]{2,32}\/\d[\w.]{0,40}) https?:.*$/,
    "",
  );
  if (text === "" || /[<>{}"=@]|:\/\//.test(text.split(" ", 3).join(" "))) return null;
  const upnp = /\bUPnP\/\d\.\d,? *(?:DLNADOC\/\d\.\d\d,? *)?/i.exec(text);
  if (upnp) {
    const behind = text.slice(upnp.index + upnp[0].length).replace(/^[,; ]+/, "");
    return readProduct(behind) ?? readProduct(text.slice(0, upnp.index).replace(/[,; ]+$/, ""));
  }
  // A list by semicolons is no grammar of products; and what a server is powered by is the product.
  const [first = ""] = text.replace(/^.{0,80}?\bpowered by /i, "").split(";", 1);
  const found = readProduct(first);
  const release =
    found && found.version === null ? VERSION_IN_COMMENT.exec(value.slice(0, MAX_TEXT))?.[1] : undefined;
  return found && release && !ADDRESS.test(release) ? { ...found, version: release } : found;
}

/** `Name (1.2.3 (system))`: a comment right behind the name that begins with a version is about that name. */
const VERSION_IN_COMMENT = /^[A-Za-z][\w -]{1,47} \(v?(\d{1,6}(?:\.\d{1,8}){1,4}[\w+~-]{0,24})(?=[ ),;])/;

/** Words between a name and its version. */
const LINKS = /^(?:version|revision|ver\.?|release|rel\.?|v\.?|-|build)$/i;
/** `Phone Version 2.0`: the words that lead to a version are no part of the name. */
function withoutLinks(words: readonly string[]): readonly string[] {
  const last = words.findLastIndex((word) => !LINKS.test(word));
  return words.slice(0, last + 1);
}

/** `Oracle-HTTP-Server-12.2.1.4.0/2.4.39`: the name has its version in it; what stands behind the slash is a part's. */
const VERSIONED_NAME = /^([A-Za-z][\w+&!'’-]{1,31}?)[_-]?[vV]?(\d{1,6}(?:\.\d{1,8}){1,5})$/;

/** The first product in a list of tokens that is no part of another. */
function readProduct(text: string): GrammarName | null {
  const words = text.split(/[ ,;]+/).filter(Boolean);
  let name: string[] = [];
  let skipped = false;
  for (const word of words.slice(0, 12)) {
    const slash = word.lastIndexOf("/");
    const left = slash > 0 ? word.slice(0, slash) : null;
    const right = slash > 0 ? word.slice(slash + 1) : "";
    if (name.length > 0 && VERSION.test(word)) return named(withoutLinks(name).join(" "), word);
    if (left !== null && name.length > 0 && VERSION.test(left) && !WORD.test(left))
      return named(name.join(" "), left);
    if (left !== null && (VERSION.test(right) || right === "")) {
      if (name.length === 0 && isPart(left)) continue;
      // A finished name before this token is a product without a version; a name of generic words belongs to this token.
      if (name.length > 0 && !name.every(isGenericWord) && (!WORD.test(left) || isPart(left)))
        return named(name.join(" "), null);
      const own = VERSIONED_NAME.exec(left);
      const whole = own?.[1]
        ? named([...name, own[1]].join(" "), own[2] ?? null)
        : named([...(name.every(isPart) ? [] : name), left].join(" "), right === "" ? null : right);
      if (whole) return whole;
      // What stands behind a token that names nothing is its patch level as a rule; only a full token may still be a product.
      skipped = true;
      name = [];
      continue;
    }
    // `Name-1.2`, `Name_v3`, and a bracketless `Name1.2`.
    const glued =
      /^([A-Za-z][A-Za-z+!&'-]*?(?:[-_][A-Za-z][A-Za-z0-9]*)*?)[-_]?[vV]?(\d+(?:\.\d[\w+~-]*)+(?:\.(?:GA|Final|Beta\d*|CR\d+|SP\d+))?|\d+[a-z])$/.exec(
        word,
      );
    if (glued && name.length < MAX_WORDS) return named([...name, glued[1] ?? ""].join(" "), glued[2] ?? null);
    if (left !== null && WORD.test(left) && name.length === 0)
      return named(left, /\d/.test(right) ? right : null);
    if (skipped) continue;
    if (!WORD.test(word) || name.length >= MAX_WORDS)
      return name.length > 0 && name.length < MAX_WORDS ? named(name.join(" "), null) : null;
    name.push(word);
  }
  return name.length > 0 ? named(name.join(" "), null) : null;
}

/** RFC 4253 section 4.2: `softwareversion` is one word; what follows a space is comment. Some put the name there. */
export function readSshSoftware(value: string): GrammarName | null {
  const [software = "", comment = ""] = value.slice(0, MAX_TEXT).trim().split(" ", 2);
  const found =
    /^([A-Za-z][A-Za-z0-9+]*(?:[_.-][A-Za-z][A-Za-z0-9+]*)*?)(?:[_/-]?[vVrR]?(\d[\w.+~-]*))?$/.exec(software);
  // Two words without a version are the start of a sentence, and what has digits or few letters may be random.
  const bare = comment === "" && /^[A-Za-z_-]{5,}$/.test(software);
  if (found?.[1]) return found[2] === undefined && !bare ? null : named(found[1], found[2] ?? null);
  return /^\d[\w.]*$/.test(software) && WORD.test(comment) ? named(comment, software) : null;
}

/** What some write for a software version in spite of the rule: `Name SSH 1.2`, one word that says something and nothing behind it. */
export function readSshWords(value: string): GrammarName | null {
  const found = /^((?:[A-Za-z][\w+-]{1,31} ){1,4})[vV]?(\d[\w.]*)$/.exec(value.slice(0, MAX_TEXT).trim());
  const telling = (found?.[1] ?? "")
    .trim()
    .split(" ")
    .filter((word) => !isGenericWord(word));
  const [only = ""] = telling;
  return telling.length === 1 && only.length > 3 ? named(only, found?.[2] ?? null) : null;
}

/** A text whose whole sense is a name and a version: `Name 1.2`, `Name-1.2`, `Name Words v1.2 (build)`. */
export function readVersionText(value: string): GrammarName | null {
  const found = readProduct(withoutComments(value.slice(0, MAX_TEXT)));
  if (!found?.version) return null;
  const words = found.product.split(" ");
  // What people write instead of a name is a sentence: its words are small.
  const sentence = words.length > 1 && words.filter((word) => /^[a-z]/.test(word)).length * 2 >= words.length;
  return sentence || onlyMaker(words) ? null : found;
}

/**
 * Vendor identification of an H.323 call (H.225.0, VendorIdentifier): country and manufacturer in hexadecimal, productId, versionId, as
 * scanners join them: `0xb5003d53:Name Words:3.01 (library)`.
 */
export function readCallResponse(value: string): GrammarName | null {
  const found = /^0x[0-9a-f]{8}:([^:]{3,64})(?::v?(\d[\w.+-]{0,40})?|$)/i.exec(value.slice(0, MAX_TEXT));
  return found?.[1] ? named(found[1].trim(), found[2] ?? null) : null;
}

/** RFC 2971: `("name" "Cyrus" "version" "3.6")`. */
export function readImapId(value: string): GrammarName | null {
  const text = value.slice(0, 2048);
  const field = (key: string) => new RegExp(`"${key}" "([^"]{1,80})"`, "i").exec(text)?.[1] ?? null;
  const name = field("name");
  const version = field("version");
  return name ? named(name, version && VERSION.test(version) ? version : null) : null;
}

/** Tokens of a `Server` field that say how something is spoken, not what speaks. */
const NO_PART =
  /^(?:upnp|dlnadoc|dav|http|unix|linux|win32|win64|debian|ubuntu|centos|fedora|red|hat|microsoft|proxy)$/i;

/** One further token of a `Server` field: a part of the server, with its version. */
export function readPart(value: string): GrammarName | null {
  const found = /^([A-Za-z][\w.+-]{1,31})\/(\d[\w.+~-]{0,40})$/.exec(value.slice(0, 80));
  if (!found?.[1] || NO_PART.test(found[1])) return null;
  return { product: found[1], version: found[2] ?? null };
}

/** Where a generator's name ends. */
const GENERATOR_END = /[,;(]|!? - |\u0096/;

/** `<meta name="generator">` (HTML, section 4.2.5.1): "the software used to generate the document", with a version as a rule. */
export function readGenerator(value: string): GrammarName | null {
  const text = (value.trim().slice(0, 120).split(GENERATOR_END, 1)[0] ?? "").trim();
  const versioned = /^([A-Za-z][^\d]{0,40}?)!?[ /-]+[vV]?(\d[\w.+-]{0,20})(?= |$)/.exec(text);
  const name = (versioned?.[1] ?? text).replace(/!$/, "").trim();
  if (!/^[A-Za-z][\w.!&+-]{1,31}(?: [A-Za-z][\w.!&+-]{1,31}){0,3}$/.test(name) || !namesSomething(name))
    return null;
  return { product: name, version: versioned?.[2] ?? null };
}

/** `X-Powered-By`, by custom a product token. */
export function readPoweredBy(value: string): GrammarName | null {
  const found =
    /^([A-Za-z][\w.+-]*(?: (?!v\d)[A-Za-z][\w.+-]*){0,2})(?:[/ (]v?(\d[\w.+-]*))?(?=$|[ ,;()])/.exec(
      value.slice(0, 120),
    );
  const product = found?.[1];
  if (!product) return null;
  // Languages, of which every name is made in part. `5.4.45-0+deb7u14`: what a distribution counts is no release.
  return /^(?:PHP|ASP\.NET)$/i.test(product)
    ? { product, version: found[2]?.replace(/-\d.*$/, "") ?? null }
    : named(product, found[2] ?? null);
}

/** `Name/1.2 (System) Server at host port 80`, `Generated by Name version 1.2.`, `name/1.2 26Oct2018`. */
const SIGN_OFF =
  /(?:^|\s)((?:generated|powered) by )?([a-z][\w+-]{2,31})(\/| version | )v?(\d{1,4}(?:\.\d{1,6}){1,4}[\w+~-]{0,24})\.?(?: \([^()]{1,60}\)| \d{1,2}[a-z]{3}\d{4})?( (?:httpd |server )?at \S{1,255}(?: port \d{1,5})?)?$/i;

/** At the foot of an error page servers sign, with name and version, whatever they were told to say elsewhere. */
export function readSignOff(value: string, byName: (name: string) => unknown): GrammarName | null {
  const [, by, name = "", link, version = "", where] = SIGN_OFF.exec(value.slice(-MAX_TEXT)) ?? [];
  // A number behind a word ends many a sentence.
  return link !== " " || by || where || byName(name) ? named(name, version) : null;
}

/** Where a greeting stops being about the program. */
const DATE =
  /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?$|^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}$|^\d{1,2}:\d\d/i;

/** `ESMTP Name`, up to three words, where the greeting ends or only courtesy and a date follow. `player778` is one host of many. */
const SIGNED =
  /(?:^|\s)(?:E?SMTP|LMTP)\s+((?:[A-Z][\w-]{2,30}|[a-z](?![a-z]*\d{3})[\w-]{3,30})(?: [A-Z][\w-]{2,30}){0,2}?)(?:\s+(?:service|server|mail server|gateway))?(?:\s+[Rr]eady(?:\s+at)?)?[\s.!;,]*(?:$|[(]|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)/;

/** `host FTP server (Version 1.2)`: small letters alone before the words of every greeting, unless they say that they serve. */
const HOST_IN_FRONT =
  /^(?![a-z\d-]*(?:ftp|mail|smtp|pop|imap|news))[a-z][a-z\d-]{0,30} (?:FTP|E?SMTP|POP3|IMAP4?) /;

/** `host FTP server (Version 1.2) ready`: how the first of these servers and all its descendants greet. */
const HOST_OF_FTPD = /^(?![\w-]*ftp)[a-z][a-z\d-]*(?= FTP server \()/;

/**
 * FTP, SMTP, POP3, IMAP and NNTP greetings: `host Name 1.2 ready`, `host ESMTP Name (1.2)`, `Name FTP server version 1.2 ready`. The name
 * is what stands before the first dotted version, less the words that every greeting has. Without a version only `ESMTP Name` at the
 * end is read, which is how mail programs sign.
 */
export function readGreeting(value: string): GrammarName | null {
  const line = value.slice(0, MAX_TEXT).split(/[\r\n]/, 1)[0] ?? "";
  const words = line
    .replace(HOST_OF_FTPD, "")
    .replace(/\[[^\]]{0,200}\]?/g, " ")
    .split(/[\s()<>;,*=|]+/)
    .filter(Boolean);
  let name: string[] = [];
  for (const [index, word] of words.entries()) {
    if (DATE.test(word)) break;
    const bare = word.replace(/[.:!"]+$/, "");
    const slash = bare.lastIndexOf("/");
    const glued = slash > 0 ? bare.slice(slash + 1) : "";
    if (DOTTED_VERSION.test(bare) && !ADDRESS.test(bare)) {
      const told = significant(name);
      // A code of few capitals is what a maker calls it, not what the world does.
      const found = onlyMaker(name) || /^[A-Z]{2,4}$/.test(told) ? null : named(told, bare);
      if (found) return found;
    }
    const before = slash > 0 ? bare.slice(0, slash) : "";
    if (name.length > 0 && DOTTED_VERSION.test(before) && !ADDRESS.test(before)) {
      const found = onlyMaker(name) ? null : named(significant(name), before);
      if (found) return found;
    }
    if (DOTTED_VERSION.test(glued)) {
      const found = named(significant([...name, bare.slice(0, slash)]), glued);
      if (found) return found;
    }
    if (LINKS.test(bare) || ADDRESS.test(bare)) continue;
    // The host's name stands first, short as it may be; any other word with a dot ends what could be a name.
    if (!WORD.test(bare) || (index === 0 && HOST_IN_FRONT.test(line))) name = [];
    else name.push(bare);
  }
  const signed = SIGNED.exec(line);
  if (signed?.[1]) return named(signed[1], null);
  // A number behind it makes it the series of a device.
  const coined = words
    .map((word) => word.replace(/[.:!]+$/, ""))
    .filter((word, index) => isCoined(word) && !numbered(words[index + 1]));
  return new Set(coined).size === 1 && coined[0] ? named(coined[0], null) : null;
}

const numbered = (word = "") => /\d/.test(word) && !/^(?:POP[23]|IMAP4\w*)$/i.test(word);

/** The run of telling words at the end of what was read, generic words at both ends left out. */
function significant(words: readonly string[]): string {
  let end = words.length;
  while (end > 0 && isGenericWord(words[end - 1] ?? "")) end -= 1;
  let start = end;
  while (start > 0 && end - start < 4 && (!isGenericWord(words[start - 1] ?? "") || start === end))
    start -= 1;
  return words.slice(start, end).join(" ");
}

/** Behind a system or a protocol a number is not the program's version. */
const OF_ANOTHER = /\b(?:Windows|NT|SunOS|Solaris|Linux|AIX|VMS|OS X|Debian|Ubuntu|HTTP|TLS|SSL|port)[ /]*$/i;

/** The only number of a text that is written as versions are: where the text names one product, its version. */
export function readOnlyVersion(value: string): string | null {
  const text = value.slice(0, MAX_TEXT);
  const found = new Set<string>();
  for (const match of text.matchAll(
    /(?<![\w.@:/-])(?:[vV]\.?|[vV]ersion:?)?(\d{1,4}(?:\.\d{1,8}){1,4}[\w+~-]{0,24})(?![\w.:@/-])/g,
  ))
    if (match[1] && !ADDRESS.test(match[1]) && !OF_ANOTHER.test(text.slice(0, match.index)))
      found.add(match[1]);
  // `Version 1.8 (1.8.8.2)`: the longer tells the same more exactly.
  const exact = [...found].filter(
    (one) => ![...found].some((other) => other !== one && other.startsWith(one)),
  );
  return exact.length === 1 ? (exact[0] ?? null) : null;
}

/** The version in `vendorVersion` of an LDAP root entry, whatever else it says. */
export function readVendorVersion(value: string): string | null {
  return (
    /(?:^|[^\d.])(\d{1,6}(?:\.\d{1,8}){1,5}[\w+~-]{0,24})/.exec(
      rootAttribute(value, "vendorVersion") ?? "",
    )?.[1] ?? null
  );
}

/**
 * RFC 3045 in the bytes of an LDAP root entry: `vendorVersion` holds the server's version, with its name as a rule; where it is a number
 * alone, the company of `vendorName` has one directory server. An attribute is its name, a set (0x31) and a string (0x04), each with its
 * length (X.690 section 8).
 */
export function readRootDse(value: string): GrammarName | null {
  const version = rootAttribute(value, "vendorVersion");
  if (version === null) return null;
  if (!/^\d[\w.]*$/.test(version)) return readVersionText(version.replace(/\((?:tm|r)\)/gi, ""));
  const company = rootAttribute(value, "vendorName") ?? "";
  const vendor = (/\(([A-Z]{2,6})\)/.exec(company)?.[1] ?? company.split(/[,(]/, 1)[0] ?? "").trim();
  return /^[A-Z][\w &.-]{1,40}$/.test(vendor) ? { product: `${vendor} LDAP server`, version, vendor } : null;
}

function rootAttribute(value: string, name: string): string | null {
  const head = new RegExp(`${name}1[^\\x04]{1,5}\\x04\\x81?([\\s\\S])`, "i").exec(value);
  if (!head?.[1]) return null;
  const start = head.index + head[0].length;
  const text = value.slice(start, start + Math.min(head[1].charCodeAt(0), MAX_TEXT));
  return /^[\x20-\x7e]+$/.test(text) ? text.trim() : null;
}
