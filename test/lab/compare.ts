/**
 * Loose comparison of what a scan says with the truth: case, punctuation, and words that say what kind of program
 * it is do not matter; anything else does, so that "Apache Tomcat" is not "Apache httpd".
 */

/** Kind words and vendors that some write before a product. */
const KIND = new Set(
  (
    "httpd http https ftpd ftp smtpd smtp esmtp imapd imap pop3d pop3 sshd ssh ldap dns server daemon service web proxy " +
    "key value store db database cache message broker queue the isc eclipse f5 http2"
  ).split(" "),
);

const words = (text: string) =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
const squash = (text: string) => words(text).join("");

/** The words that tell it apart, in one string; all of them when there are no others. */
function core(text: string): string {
  const all = words(text);
  const own = all.filter((word) => !KIND.has(word));
  return (own.length > 0 ? own : all).join("").replace(/(?:server|daemon)$/, "");
}

/** Is the product that was found one of these names? */
export function sameProduct(expected: readonly string[], got: string): boolean {
  return expected.some((name) => squash(name) === squash(got) || core(name) === core(got));
}

/** The very version, or the version followed by what a distribution adds (`9.2p1 Debian 2+deb12u10`, `9.18.49-1~deb12u3`) or its maker (`9.4.57.v20241219`). */
export function sameVersion(expected: string, got: string): boolean {
  const plain = got.trim().replace(/^v(?=\d)/i, "");
  return (
    plain === expected ||
    (plain.startsWith(expected) && /^(?:[^0-9A-Za-z.]|\.v\d{8}$)/.test(plain.slice(expected.length)))
  );
}

export const sameService = (expected: readonly string[], got: string): boolean =>
  expected.includes(got.toLowerCase().replace(/^ssl[/|]/, "") || "unknown");
