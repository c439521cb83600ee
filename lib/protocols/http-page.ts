/*
 * What a page says about the program that made it: its title, its generator, and the words of an error page. Plain scanning over
 * latin1 text, linear in its length; no HTML parser, since hostile pages need not be HTML.
 */

/** Longest title, characters. */
const MAX_TITLE = 512;
/** Meta elements looked at. */
const MAX_META = 64;
/** Visible text kept of an error page, characters: the head, and the foot where servers sign. */
const ERROR_HEAD = 512;
const ERROR_FOOT = 256;

/** A page without a status line: HTTP/0.9, or a server that forgets its manners. */
export const BARE_PAGE = /^\s{0,16}<(?:!doctype html|html|head|title)\b/i;

function collapse(text: string): string {
  return text.replace(/[\s\0]+/g, " ").trim();
}

/** Text of the first `title` element, white space collapsed, entities as sent; null when there is none. */
export function pageTitle(html: string): string | null {
  const lower = html.toLowerCase();
  const start = lower.indexOf("<title");
  if (start < 0) return null;
  const open = lower.indexOf(">", start);
  if (open < 0) return null;
  const close = lower.indexOf("</title", open);
  return collapse(
    html.slice(open + 1, close < 0 ? open + 1 + MAX_TITLE : Math.min(close, open + 1 + MAX_TITLE)),
  );
}

/** Content of `<meta name="generator">`, or null. */
export function pageGenerator(html: string): string | null {
  const lower = html.toLowerCase();
  let at = 0;
  for (let seen = 0; seen < MAX_META; seen++) {
    const start = lower.indexOf("<meta", at);
    if (start < 0) return null;
    const end = lower.indexOf(">", start);
    if (end < 0) return null;
    const tag = html.slice(start, Math.min(end, start + 1024));
    at = end + 1;
    if (!/\bname\s*=\s*["']?generator\b/i.test(tag)) continue;
    const content = /\bcontent\s*=\s*(?:"([^"]{0,256})"|'([^']{0,256})')/i.exec(tag);
    return content ? collapse(content[1] ?? content[2] ?? "") : null;
  }
  return null;
}

/** The page without its tags, scripts and styles: what a reader sees, its head and its foot. */
export function visibleText(html: string): string {
  const parts: string[] = [];
  const lower = html.toLowerCase();
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) {
      parts.push(html.slice(at));
      break;
    }
    parts.push(html.slice(at, open));
    const hidden = ["<!--", "<style", "<script"].find((start) => lower.startsWith(start, open));
    const end = hidden
      ? lower.indexOf(hidden === "<!--" ? "-->" : `</${hidden.slice(1)}`, open)
      : html.indexOf(">", open);
    if (end < 0) break;
    at = hidden === "<!--" ? end + 3 : hidden ? end : end + 1;
  }
  const text = collapse(parts.join("\n"));
  if (text.length <= ERROR_HEAD + ERROR_FOOT) return text;
  return `${text.slice(0, ERROR_HEAD)} ... ${text.slice(-ERROR_FOOT)}`;
}
