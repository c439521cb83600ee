import {
  PAGE_WORDS_BEFORE,
  PAGE_WORDS_BEHIND,
  plainTitle,
  RELEASE_BEHIND,
  realmOf,
  titleParts,
} from "./grammar-known.ts";
import type { GrammarName } from "./grammar-read.ts";
import { isCoined, isGenericWord, isModel, namesSomething } from "./grammar-words.ts";

/**
 * Names that nobody has listed, in the title of a page, the realm of a login and the name of a cookie. Most titles are of companies and
 * persons, so a name is believed only in company: behind its maker's name (`Cisco Nexus Dashboard`), beside the words by which a program's
 * page calls itself (`Quokka Web Interface`), or, where it is a coined word, before a dotted version or beside a login. Asked last, when
 * nothing that listens has said who it is.
 */

/** The maker that goes by a name, as the registry of products spells it; null for all else. */
export type MakerOf = (name: string) => string | null;

/** What was read: a program's name, or a device's by its maker and kind. */
export interface StrangerName extends GrammarName {
  device?: true;
}

/** Longest name, words, and a maker's share of them. */
const MAX_WORDS = 5;
const MAX_MAKER_WORDS = 3;

/** Kinds of devices: behind a maker's name they say what listens, if not which. */
const DEVICE =
  /^(?:router|gateway|switch|camera|modem|printer|firewall|phone|encoder|decoder|recorder|repeater|extender|projector|display|thermostat|inverter|intercom|nas|nvr|dvr|ups|pdu|plc|hmi|kvm|bmc|mfp)$/i;
/** Ways in which a program's page names itself. None of them is part of the name. */
const OWN_PAGE =
  / (?:web[ -]?(?:based )?(?:ui|gui|interface|console|client|admin(?:istration)?|manager|configurator|management|access|server)|(?:admin(?:istrator|istration)?|management|control|configuration|server) (?:console|interface|ui|gui|panel|utility|center|page|tool)|setup wizard|configurator|control panel|rest api|api (?:explorer|documentation|server))$/i;
/** Kinds of programs: behind a maker's name and a word more they are a name, however plain (`Logitech Media Server`). */
const PROGRAM =
  /^(?:server|manager|center|centre|suite|controller|client|agent|monitor|proxy|director|orchestrator|analyzer|designer|viewer|explorer|launcher|scheduler)$/i;
/** A coined word whose end says that it is a program (`QuokkaDB`): no company is called so. */
const PROGRAM_END =
  /(?:NMS|CRM|ERP|CMS|LMS|DMS|DB|SQL|MQ|VNC|VPN|FTP|SSH|WRT|PBX|SSO|IDE|SCADA|API|UI|NVR|NAS|OS|Wiki|Git|Mail|Admin|Server|Proxy|Monitor|Desk|Panel)$/;
/** What makers put behind their names on pages that are about themselves. */
const COMPANY =
  /^(?:inc|corp|corporation|co|company|ltd|limited|llc|gmbh|ag|sa|spa|srl|bv|group|holding|international|global|worldwide|technology|technologies|networks|systems|software|electronics|solutions|services|industries|labs|careers|jobs|partners?|partner(?:net|world)?|community|forums?|blog|news|shop|store|support|documentation|docs|developers?|academy|training|events|products?|deutschland|france|espana|italia|japan|china|usa|uk|europe|america|canada|india|official|website)[.,]?$/i;
/** Words of places and people that are let in, and parts of books. */
const PLACE =
  /^(?:area|areas|members?|only|restricted|required|zone|staff|students?|customers?|employees?|visitors?|guests?|intranet|extranet|chapter|section|part|figure|page|issue|volume|lesson|step|grade|version|untitled|document|new|old|test|sample|example|loading|redirect(?:ing)?|error|status|unable|cannot|failed|coming|soon|under|construction|maintenance|index|notes?|forecast|current|my|our|us)$/i;

/** `12.5.2019` is a day, no version. */
const DATE = /^\d{1,2}\.\d{1,2}\.(?:19|20)\d\d$|^(?:19|20)\d\d\.\d{1,2}\.\d{1,2}$/;
/** A login, or what only programs have. */
const LOGIN_WORD =
  /log ?[io]n|sign ?in|admin|\b(?:anmeld|connexion|acceso|accesso|inicio|entrar|authenti|aanmeld|inlogg|logga|zalogu|prihlas|giris|setup|install|console|client|ui|gui|interface|panel|frontend)/i;

const says = (word: string) =>
  !isGenericWord(word) && !COMPANY.test(word) && !PLACE.test(word) && !DEVICE.test(word);

/** `LoginRequired`, `WebPage`: words of any page, written as one. */
const coined = (word: string) =>
  isCoined(word) &&
  (word.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).some((part) => part.length > 2 && says(part));

/** A name as names are written: capitals first, of few words, and no sentence. */
const isName = (words: readonly string[]) =>
  words.length > 0 &&
  words.length <= MAX_WORDS &&
  words.every((word) => /^(?:[A-Z\d][\w+&.!'/-]*|[a-z]+[A-Z][\w]*|&|for|of|and)$/.test(word)) &&
  words.some(says) &&
  namesSomething(words.join(" "));

/** A name with what a page says around it. */
interface Said {
  name: string;
  version: string | null;
  /** The name with the kind of program behind it, where that could be a part of it. */
  kind: string;
  /** A login or a welcome stands beside it. */
  login: boolean;
  /** It is said to be a program's own page. */
  own: boolean;
}

function saidIn(part: string, login: boolean): Said {
  const said: Said = { name: part.replace(/[!.]+$/, ""), version: null, kind: "", login, own: false };
  for (let round = 0; round < 3; round++) {
    const versioned = RELEASE_BEHIND.exec(said.name);
    if (versioned?.[1] && said.version === null && !DATE.test(versioned[2] ?? "")) {
      said.version = versioned[2] ?? null;
      said.name = versioned[1].replace(/[ ,-]+(?:version|release|rel\.?|ver\.?|v\.?)$/i, "");
    }
    if (said.kind === "" && PROGRAM.test(said.name.slice(said.name.lastIndexOf(" ") + 1)))
      said.kind = said.name;
    if (OWN_PAGE.test(said.name)) {
      said.own = true;
      said.name = said.name.replace(OWN_PAGE, "");
    }
    const less = said.name.replace(PAGE_WORDS_BEFORE, "").replace(PAGE_WORDS_BEHIND, "").trim();
    if (less === said.name) break;
    said.login ||= LOGIN_WORD.test(said.name.replace(less, " "));
    said.name = less;
  }
  return said;
}

function strangerOf(said: Said, makerOf: MakerOf): StrangerName | null {
  const { name, version, login, own } = said;
  const words = name.split(" ").filter(Boolean);
  if (words.length > MAX_WORDS + 1) return null;
  const found = ofMaker(name, makerOf) ?? ofMaker(said.kind, makerOf);
  if (found) return { ...found, version: found.device ? null : version };
  if (!isName(words)) return null;
  const telling = words.filter((word) => !isGenericWord(word));
  const [only = ""] = telling;
  const program = words.length === 1 && PROGRAM_END.test(only);
  if (telling.length === 1 && coined(only) && (login || version !== null || program))
    return { product: only, version };
  // Anything has a number: an edition, a year, a building. Words of everyday are a program's name only where its page says that it is one.
  const named = own || (version !== null && telling.some((word) => coined(word) || INITIALS.test(word)));
  return named && words.length <= MAX_WORDS - 2 ? { product: name, version } : null;
}

/** A maker's name and what it puts behind: a model, a kind of device, a name, or a kind of program with a word more. */
function ofMaker(name: string, makerOf: MakerOf): StrangerName | null {
  const words = name.split(" ").filter(Boolean);
  for (let length = Math.min(MAX_MAKER_WORDS, words.length - 1); length > 0; length--) {
    const vendor = makerOf(words.slice(0, length).join(" "));
    const rest = words.slice(length);
    if (vendor === null) continue;
    const found = { product: name, version: null, vendor };
    const last = rest.at(-1) ?? "";
    const capitals = rest.slice(0, -1).every((word) => /^[A-Z\d]/.test(word));
    if (isModel(rest.join(" ")) || (DEVICE.test(last) && capitals && rest.length < MAX_WORDS - 1))
      return { ...found, device: true };
    const program = PROGRAM.test(last) && capitals && rest.length > 1 && rest.length < MAX_WORDS;
    return isName(rest) || program ? found : null;
  }
  return null;
}

/** `CUPS`. */
const INITIALS = /^[A-Z]{3,}$/;
/** A part of a title that is all login. */
const LOGIN = /^(?:(?:user |admin |web )?(?:log ?[io]n|sign ?in)(?: page)?|setup|anmeldung|connexion)$/i;

/** Title of a page: `Cisco Nexus Dashboard`, `Quokka 2.4.1`, `QuokkaMail - Login`. Null where it names two. */
export function readStrangerTitle(value: string, makerOf: MakerOf): StrangerName | null {
  const text = plainTitle(value);
  const parts = titleParts(text).map((part) => part.trim());
  const login = parts.some((part) => LOGIN.test(part));
  const found: StrangerName[] = [];
  for (const part of new Set([text, ...parts])) {
    const stranger = part === "" ? null : strangerOf(saidIn(part, login), makerOf);
    if (
      stranger &&
      !found.some(({ product }) => product.includes(stranger.product) || stranger.product.includes(product))
    )
      found.push(stranger);
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Realm of a login. That one may log in there says nothing of the program: whoever set it up wrote what he likes. */
export function readStrangerRealm(value: string, makerOf: MakerOf): StrangerName | null {
  const realm = realmOf(value);
  return realm === null ? null : strangerOf(saidIn(realm.trim(), false), makerOf);
}

/** A coined word in the name of a session's cookie: `QuokkaMailSID=`. */
export function readStrangerCookie(value: string): StrangerName | null {
  const stem =
    /^\s*(?:__Host-|__Secure-)?([A-Za-z]{4,24}?)[-_.]?(?:SID|SESSID|SessionI[Dd]|SESSIONID|[Ss]ession|[_-]csrf|[_-]token)=/.exec(
      value.slice(0, 80),
    )?.[1];
  return stem !== undefined && coined(stem) ? { product: stem, version: null } : null;
}
