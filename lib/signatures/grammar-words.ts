/**
 * Words that never name a product by themselves: kinds of programs, protocol names, politeness, runtimes and systems that stand in front
 * of the product, and what people write to hide it. A name made of such words alone is no name.
 */

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Kinds of programs and machines, protocols, and the words around them in greetings. */
const GENERIC = set(`
  a an the of for on by in is it and or to at this that your our my we i you
  access account adapter adsl agent app appliance application auth authoritative based beta board box broadband browser build built cam camera cdn cgi client
  cloud company compatible computer connection console control controller copyright corp custom daemon data debug default demo device
  dial directory display dns domain dsl dvr edition embedded engine enhanced enterprise error esmtp example external file files firewall firmware
  free front ftp ftpd ftps gateway generic gmbh groupware handler hello help home host hostname hosting html http httpd https httpserver
  imap imap4 imap4rev1 imapd imaps inc info interface internal internet ip ipcam java ldap lan licensed limited lite lmtp local localhost
  login ltd mail mailer mailserver main manager management master media mediaserver message messaging microserver mini module monitor mta multi my name named nameserver
  net network news nt nntp nntpd node none null nvr object ok online open org page panel phone pop pop2 pop3 pop3d pop3s popd port portal posting
  powered print printer private pro proc product production program project protected protocol prototype proxy public ready receiver revision registered release relay
  remote response reverse router rtsp sample sample_server search secure secured secureserver security server server1 server2 servers service
  services session sftp share shell simple sip sipagent site sip-server smtp smtpd smtps software ssh sshd ssl standard station storage stream
  streaming super switch system systems tcp team technologies telnet telnetd test testing text tls token transfer transport trial udp unauthorized
  undefined unified universal unknown unlicensed update user ver version video videoserver virtual voice voip waf web webs webcam webmail webserver websrv web-server
  http-server webdav welcome wifi wireless wlan world www your-server yourserver pure
  redacted hidden removed masked secret confidential anonymous nothing nobody something whatever notavailable unavailable na nope foo bar baz
  fake blank empty dummy x xx xxx xxxx xyz abc abcd asdf qwerty
  basic digest realm negotiate ntlm bearer bad request forbidden found not object moved true false yes no off
  away get go i'm joking lost must nice surely try usenet pbx
  greetings please authorized only use warning notice attention refused rejected denied busy closing goodbye bye later try again
  rfc822 rfc datagram message-id uce ube spam nospam no-spam noise norelay unix-ftp
  ami model series typ type
  mon tue wed thu fri sat jan feb mar apr may jun jul aug sep sept oct nov dec gmt utc
`);

/** Makers of many products: their name alone says nothing. */
const MAKERS = set(`
  alcatel amazon apple aws bea broadcom cisco citrix compaq dell digital ericsson fujitsu google hewlett-packard hitachi hp hpe huawei ibm intel
  lucent microsoft motorola nec netscape nokia nortel novell oracle panasonic philips redhat samsung sap siemens sony sun symantec toshiba xerox zte
`);

/** Runtimes, libraries and systems: parts of something else, so the next token is looked at instead. */
const PARTS = set(`
  aix asp asp.net amd64 arm arm64 armv7l bsd centos darwin debian dlnadoc dotnet erlang fedora freebsd gnu go golang hp-ux hpux i386 i586 i686
  java jre jvm jdk libressl linux macos mac mips mod_ssl netbsd node.js nodejs openbsd openjdk openssl os os/2 perl php posix python python2
  python3 redhat rhel ruby rust servlet jsp solaris stunnel sunos suse ubuntu unix upnp win32 win64 windows winnt x86 x86_64 ipos
  api cpython ironpython jython pypy rest json xml soap
  cygwin ios irix junos netware openvms os/400 qnx routeros tru64 ultrix unixware vms vxworks z/os z/vm
`);

/** A word that names nothing, alone or with others of its kind. */
export function isGenericWord(word: string): boolean {
  const plain = word.toLowerCase().replace(/[.,:;!]+$/, "");
  return GENERIC.has(plain) || PARTS.has(plain) || plain.replace(/[\W\d_]/g, "").length < 2;
}

/** The name of a maker of many products. */
export function isMaker(word: string): boolean {
  return MAKERS.has(word.toLowerCase());
}

/** A token that is a part or a system, not the product. */
export function isPart(word: string): boolean {
  const plain = word.toLowerCase();
  return PARTS.has(plain) || plain.startsWith("mod_") || plain.startsWith("lib");
}

/** Longest name, characters: what is longer is a sentence. */
const MAX_NAME = 48;

/**
 * May these words be a product's name? At least one word must say something, and none may look like a host name, an address, a hash or
 * a serial number.
 */
export function namesSomething(name: string): boolean {
  if (name.length < 2 || name.length > MAX_NAME || !/^[A-Za-z]/.test(name)) return false;
  const words = name.split(/[ /]+/).filter(Boolean);
  if (words.length === 0 || words.some(looksRandom)) return false;
  return words.some((word) => !word.split(/[-_.]/).every(isGenericWord) && !isGenericWord(word));
}

/** A daemon's own name, whatever stands before (`uc-httpd`, `axhttpd`, `mini_httpd`): no maker calls its product otherwise. */
export function isDaemon(name: string): boolean {
  return /^[a-z][a-z\d]{0,15}[_-]?s?httpd$/i.test(name);
}

/** What a name says that it is, behind the name: `Name-Server`, `NameHttpd`. */
const KIND = /(?<=\w{2})[ _-]?(?:web ?)?(?:server|httpd?|webs|srvd?|gw)$/i;

/** The name without the kind of program that stands behind it. */
export function withoutKind(name: string): string {
  return name.replace(KIND, "");
}

/** Nothing but makers and kinds of programs: "HP HTTP", "Microsoft FTP". */
export function namesOnlyMaker(name: string): boolean {
  return name.split(/[ _-]+/).every((word) => isMaker(word) || isGenericWord(word));
}

/**
 * Initials, which mean something only to their maker: no part of it could be said, and none is a model's number. The program behind
 * them goes by another name as a rule.
 */
export function isAbbreviation(name: string): boolean {
  const parts = withoutKind(name).split(/[ _-]+/);
  return !/\d/.test(name) && parts.every((part) => part.length < 3 || !/[aeiouy]/i.test(part));
}

/** Hexadecimal digests, serial numbers, addresses, and letters without any vowel that no one would say. */
function looksRandom(word: string): boolean {
  if (/^(?:[0-9a-f]{8,}|[0-9A-F]{8,})$/.test(word) && /\d/.test(word)) return true;
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(word) || /@/.test(word)) return true;
  // A release as mainframes number it, `V2R4`, is no name.
  if (/^[vr]\d+(?:r\d+)?[a-z]?$/i.test(word)) return true;
  const digits = word.replace(/\D/g, "").length;
  if (word.length >= 8 && digits * 2 > word.length) return true;
  return word.length >= 10 && /^[A-Za-z]+$/.test(word) && !/[aeiouy]/i.test(word);
}

/**
 * Does the name hold a model number, as devices' names do (`P-660HW`, `DX800A`, `UCM6202`)? Three digits in a row, or two behind capitals;
 * programs number themselves with fewer (`Mercury32`).
 */
export function isModel(name: string): boolean {
  return name.split(/[ /]+/).some((word) => /[A-Za-z]/.test(word) && /\d{3}|^[A-Z]+-?\d{2}/.test(word));
}

/** How series of devices are called: what runs on them goes by another name. */
const SERIES =
  /(?:station|jet|print|printer|cent(?:er|re)|nas|box|cam|phone|switch|router|gate|wall|port|link|net|point)$/i;

/**
 * A word that somebody made up to name a thing, as programs are named: capitals inside (`MailEnable`, `NcFTPd`, `WinWebMail`). Nobody's
 * host, and no word of a sentence, looks so.
 */
export function isCoined(word: string): boolean {
  if (
    !/^(?:[A-Z]{0,3}[a-z]+[A-Z]|[A-Z]{2,}[a-z])[A-Za-z]*$/.test(word) ||
    word.length < 6 ||
    word.length > 24
  )
    return false;
  if (SERIES.test(word)) return false;
  const turns = word.match(/[a-z][A-Z]/g)?.length ?? 0;
  return turns <= 3 && /[aeiouy]|FTP/.test(word) && !/^(?:My|Our|The)[A-Z]/.test(word) && !isMaker(word);
}
