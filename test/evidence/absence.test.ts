import { describe, expect, test } from "vitest";
import { interpret } from "../../lib/detect/interpret.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import type { Response } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";

// Servers that no signature knows, under names that everybody does.

const packs = [builtinPack()];

type Said = [probe: string, text: string, end?: Response["end"], firstByteMs?: number];

function verdictOn(...said: Said[]) {
  const responses = said.map(
    ([probe, text, end = "complete", firstByteMs = 1]): Response => ({
      probe,
      tls: false,
      data: Buffer.from(text, "latin1"),
      firstByteMs,
      end,
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

const GO_400 =
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request";
const whole = (text: string) =>
  text.startsWith("HTTP/")
    ? text
    : `HTTP/1.1 400 Bad Request\r\nServer: cloudflare\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

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

  test("who says nothing at all refuses as nobody does, unless there was no time, or the answer may be lost", () => {
    const names = (...refused: Said[]) => verdictOn(page("nginx/1.25.3"), ...refused).conflicts.length;
    expect(names(["http.refusal", "", "eof"])).toBe(1);
    expect(names(["http.refusal", "", "timeout"])).toBe(1);
    expect(names(["http.refusal", "", "reset"])).toBe(0);
    const slow: Said = ["http.404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "complete", 400];
    expect(names(slow, ["http.refusal", "", "timeout"])).toBe(0);
  });

  test("what only one of its answers is like", () => {
    const jetty = page("Jetty(9.4.43.v20210629)");
    expect(verdictOn(jetty, refusal("what?")).conflicts).toMatchObject([{ against: "something else" }]);
    const own = refusal("<h1>Bad Message 400</h1><pre>reason: No URI</pre>");
    expect(verdictOn(jetty, own).conflicts).toEqual([]);
    const ftp: Said = [
      "NULL",
      "220-FileZilla Server 1.5.1\r\n220 Please visit https://filezilla-project.org/\r\n",
    ];
    expect(verdictOn(ftp, ["ftp.syst", "215 UNIX Type: L8\r\n"]).conflicts).toHaveLength(1);
    expect(verdictOn(ftp, ["ftp.syst", "530 Log in first.\r\n"]).conflicts).toEqual([]);
    expect(verdictOn(ftp, ["ftp.syst", "215 UNIX emulated by FileZilla\r\n"]).conflicts).toEqual([]);
  });

  test("a library's, where a program answers that does not say its own", () => {
    const lists = [
      "ecdh-sha2-nistp384,ecdh-sha2-nistp521,ecdh-sha2-nistp256",
      "ssh-ed25519",
      ...[
        "aes256-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-gcm@openssh.com,aes128-ctr",
        "hmac-sha2-256",
        "none",
      ].flatMap((list) => [list, list]),
      "",
      "",
    ];
    const length = (value: number) => String.fromCharCode(0, 0, value >> 8, value & 255);
    const offered = lists.map((list) => length(list.length) + list).join("");
    const payload = `\x14${"\0".repeat(16)}${offered}\0${length(0)}`;
    const packet = `${length(payload.length + 5)}\x04${payload}${"\0".repeat(4)}`;
    const verdict = verdictOn(["NULL", "SSH-2.0-libssh_0.9.6\r\n"], ["ssh.kexinit", packet]);
    expect(verdict).toMatchObject({ product: "Erlang/OTP SSH", conflicts: [{ against: "libssh" }] });
  });

  test("pages may be copied: who signs a refusal that is not that of the name is not shown by them", () => {
    const copy: Said = [
      "http.get",
      "HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/10.0\r\nContent-Type: text/html\r\nX-Powered-By: ASP.NET\r\nContent-Length: 46\r\nConnection: close\r\n\r\n<html><title>IIS Windows Server</title></html>",
    ];
    const signed = (server: string): Said => [
      "http.refusal",
      `HTTP/1.1 400 Bad Request\r\nServer: ${server}\r\nContent-Length: 4\r\n\r\nwhat`,
    ];
    expect(verdictOn(copy, signed("Microsoft-IIS/10.0"))).toMatchObject({
      product: "Microsoft IIS",
      conflicts: [{ against: "something else" }],
    });
    // Of who does not sign it so, it may be the refusal of one before.
    expect(verdictOn(copy, signed("quokka")).conflicts).not.toContainEqual(
      expect.objectContaining({ against: "something else" }),
    );
  });

  test("is told of whatever listens, but a front, which passes names on", () => {
    const title = "<title>Prometheus Time Series Collection and Processing Server</title>";
    const fields = `Server: Jetty(9.4.43.v20210629)\r\nContent-Length: ${title.length}`;
    const prometheus = verdictOn(
      ["http.get", `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${title}`],
      ["http.refusal", GO_400],
    );
    expect(prometheus).toMatchObject({ product: "Prometheus", conflicts: [{ against: "Jetty" }] });
    expect(verdictOn(page("Jetty(9.4.43.v20210629)"), refusal(NGINX_400)).conflicts).not.toContainEqual(
      expect.objectContaining({ against: "something else" }),
    );
  });

  test("so that what refuses in a manner of its own is named in its place", () => {
    const verdict = verdictOn(page("Boa/0.94.13"), ["http.refusal", GO_400]);
    expect(verdict).toMatchObject({ product: "Golang net/http server", conflicts: [{ against: "Boa" }] });
    // Most that is built on Go is called otherwise.
    expect(verdictOn(page("Quokka/1.0"), ["http.refusal", GO_400])).toMatchObject({
      product: "Quokka",
      conflicts: [],
    });
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

  test.each([
    ["cloudflare", "none of its fields is written", "400 Bad Request"],
    [
      "RomPager/4.07 UPnP/1.0",
      "its refusals bear its name",
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    ],
  ])("%s: %s", (server, _, refused) => {
    const { confidence, conflicts } = verdictOn(page(server), ["http.refusal", whole(refused)]);
    expect(confidence).toBeLessThan(0.75);
    expect(conflicts).not.toEqual([]);
  });

  test("an application that says its own name may be built on what refuses for it, and a front's refusal is its own", () => {
    expect(verdictOn(page("Quokka/2.1"), ["http.refusal", GO_400])).toMatchObject({
      product: "Quokka",
      conflicts: [],
    });
    expect(verdictOn(page("Boa/0.94.13"), refusal(NGINX_400)).conflicts).not.toContainEqual(
      expect.objectContaining({ against: "something else" }),
    );
  });
});
