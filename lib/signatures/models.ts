/**
 * Models: devices call themselves by a maker's series and a number (`DIR-615`, `Archer C7`), in the title of their page, in the realm of
 * their login and in greetings. One line of the file is a maker with its series: `TL-*` stands for any word that begins so and goes on
 * with a number; a series without `*` is the whole name; `*` alone stands for any word with a number that the maker's own name is put
 * before (`Sharp MX-2600N`), which only makers of nothing but devices have: such a maker's bare name is a device of its, too. Thousands of series are looked up by their first letters, as
 * patterns they would cost every cold start its time.
 */

/** By maker, its series. */
export type ModelsFile = Readonly<Record<string, readonly string[]>>;

/** A device by maker and model, and who makes it. */
export interface Model {
  maker: string;
  device: string;
}

/** `greeting`: a text in which who speaks stands first, so that a maker's name before the name of the service will do. */
export type ReadModel = (text: string, greeting?: boolean) => Model | null;

interface Series {
  maker: string;
  /** Beginning of the model in small letters; the maker's name, where any model may follow it. */
  begins: string;
  rest: RegExp;
}

/** Longest text read, characters. */
const MAX_TEXT = 200;
/** What may stand before a model. */
const BEFORE = /[\s(|:,;"]/;
/** Where a model ends. A dot and a digit would make it a version, a dot and a letter a host's name. */
const END = "(?![\\w-]|\\.\\w)";
/** What follows a series: a number (`WR841N`, `2820Vn`), or the rest of one that the series begins (`-8470` of `CT-8`). */
const NUMBER = new RegExp(`[a-z]{0,4}-?\\d[\\w+-]{0,15}(?:/[a-z\\d][\\w-]{1,12})?${END}`, "iy");
const REST = new RegExp(`[\\w+-]{0,15}${END}`, "y");
const NOTHING = new RegExp(END, "y");
/** Any model, behind a maker's name: letters and a digit, or three digits, and up to three words of its kind before. */
const ANY = new RegExp(
  `[ _-](?:[a-z][\\w/-]{1,15} ){0,3}?(?=[a-z-]{0,12}\\d)(?:[a-z]{1,8}[\\w-]{0,3}\\d|\\d{3})[\\w+-]{0,15}${END}`,
  "iy",
);
/** Characters of a series up to which a further digit is wanted, whatever it ends in. */
const SHORT = 4;
/** Letters by which series are looked up. */
const KEY = 2;

/** Where a greeting goes from who speaks to what is spoken: `Acme FTP server ready`. */
const SPOKEN =
  /[\s,.:(-]+(?:ftpd?|telnetd?|snmp|sip|rtsp|print|network|embedded|login|ready|server|services?|device|terminal|console)\b/i;

/** The first model that a text holds. */
export function modelReader(file: ModelsFile): ReadModel {
  const byKey = new Map<string, Series[]>();
  const makers = new Map<string, string>();
  for (const [maker, list] of Object.entries(file))
    for (const mark of list) {
      if (mark === "*") makers.set(maker.toLowerCase(), maker);
      const series = seriesOf(maker, mark);
      const key = series.begins.slice(0, KEY);
      byKey.set(key, [...(byKey.get(key) ?? []), series]);
    }
  for (const list of byKey.values()) list.sort((a, b) => b.begins.length - a.begins.length);
  return (text, greeting = false) => {
    const said = text.slice(0, MAX_TEXT);
    const small = said.toLowerCase();
    const alone = makers.get(small.trim());
    if (alone !== undefined) return { maker: alone, device: alone };
    for (let at = 0; at < small.length; at++) {
      if (at > 0 && !BEFORE.test(small[at - 1] ?? "")) continue;
      for (const { maker, begins, rest } of byKey.get(small.slice(at, at + KEY)) ?? []) {
        if (!small.startsWith(begins, at)) continue;
        rest.lastIndex = at + begins.length;
        if (!rest.test(said)) continue;
        const model = said.slice(at, rest.lastIndex || at + begins.length);
        const own = model.toLowerCase().startsWith(maker.toLowerCase())
          ? model.slice(maker.length).replace(/^[ _-]/, "")
          : model;
        return { maker, device: `${maker} ${own}` };
      }
    }
    const bare = greeting ? makers.get((small.split(SPOKEN, 1)[0] ?? "").trim()) : undefined;
    return bare === undefined ? null : { maker: bare, device: bare };
  };
}

function seriesOf(maker: string, mark: string): Series {
  if (mark === "*") return { maker, begins: maker.toLowerCase(), rest: ANY };
  const begins = mark.replace(/\*$/, "").toLowerCase();
  if (!mark.endsWith("*")) return { maker, begins, rest: NOTHING };
  return { maker, begins, rest: /\d$/.test(begins) && begins.length > SHORT ? REST : NUMBER };
}
