import { describe, expect, test } from "vitest";
import { interpret } from "../../lib/detect/interpret.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import type { Response } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";

// Servers that no signature knows, under names that everybody does.

const packs = [builtinPack()];

function verdictOn(...said: [probe: string, text: string][]) {
  const responses = said.map(
    ([probe, text]): Response => ({
      probe,
      tls: false,
      data: Buffer.from(text, "latin1"),
      firstByteMs: 1,
      end: "complete",
      connection: 0,
    }),
  );
  const endpoint = { transport: "tcp", port: 20_000 } as const;
  const { evidence } = interpret({ protocols, packs }, responses, null, [], endpoint);
  return fuse({ ...endpoint, asked: true, evidence });
}

const page = (server: string): [string, string] => [
  "http.get",
  `HTTP/1.1 200 OK\r\nServer: ${server}\r\nX-Quokka: 1\r\nContent-Length: 2\r\n\r\nok`,
];
const refusal = (body: string): [string, string] => [
  "http.refusal",
  `HTTP/1.1 400 Bad Request\r\nX-Quokka: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
];
const NGINX_400 =
  "<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

describe("a name that its own manner does not bear out", () => {
  test.each(["nginx/1.25.3", "Apache/2.4.58 (Unix)", "Microsoft-IIS/10.0", "lighttpd/1.4.69"])(
    "%s, of a server that refuses as nobody does",
    (server) => {
      const { product, confidence, conflicts } = verdictOn(page(server), refusal("what?"));
      expect(product).not.toBeNull();
      expect(confidence).toBeLessThan(0.75);
      expect(conflicts).toEqual([
        expect.objectContaining({ field: "product", claimed: product, against: "something else" }),
      ]);
    },
  );

  test("is believed where it is borne out", () => {
    const { product, confidence, conflicts } = verdictOn(page("nginx/1.25.3"), refusal(NGINX_400));
    expect([product, conflicts]).toEqual(["nginx", []]);
    expect(confidence).toBeGreaterThan(0.95);
  });

  test("and where nothing was asked that would show it", () => {
    expect(verdictOn(page("nginx/1.25.3")).confidence).toBeGreaterThan(0.95);
  });

  test("a mail server by its list of extensions, unless it declines to give one", () => {
    const banner: [string, string] = ["NULL", "220 mail.example ESMTP Postfix (Debian/GNU)\r\n"];
    const doubted = verdictOn(banner, ["smtp.ehlo", "250-mail.example\r\n250-X-QUOKKA\r\n250 HELP\r\n"]);
    expect(doubted).toMatchObject({ product: "Postfix", conflicts: [{ against: "something else" }] });
    const declined = verdictOn(banner, ["smtp.ehlo", "421 4.3.2 try again later\r\n"]);
    expect(declined).toMatchObject({ product: "Postfix", conflicts: [] });
    const listed = "PIPELINING|SIZE 10240000|VRFY|ETRN|ENHANCEDSTATUSCODES|8BITMIME|DSN|SMTPUTF8|CHUNKING";
    const lines = `250-mail.example\r\n250-${listed.replaceAll("|", "\r\n250-")}`;
    const shown = verdictOn(banner, ["smtp.ehlo", `${lines.replace(/250-CHUNKING$/, "250 CHUNKING")}\r\n`]);
    expect(shown).toMatchObject({ product: "Postfix", conflicts: [] });
    expect(doubted.confidence).toBeLessThan(Math.min(declined.confidence, shown.confidence));
  });
});
