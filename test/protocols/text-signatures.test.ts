import { expect, test } from "vitest";
import { ftp } from "../../lib/protocols/ftp.ts";
import { http } from "../../lib/protocols/http.ts";
import { imap } from "../../lib/protocols/imap.ts";
import { irc } from "../../lib/protocols/irc.ts";
import { nntp } from "../../lib/protocols/nntp.ts";
import { smtp } from "../../lib/protocols/smtp.ts";
import { ssh } from "../../lib/protocols/ssh.ts";
import { telnet } from "../../lib/protocols/telnet.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { vectors } from "./text-peer.ts";

const pack = builtinPack();

// From recorded bytes to the product: protocol module and signatures together.
test.each([
  [ssh, "openssh-debian", "OpenSSH", "9.2p1"],
  [ssh, "dropbear-with-kexinit", "Dropbear sshd", "2022.83"],
  [http, "nginx", "nginx", "1.22.1"],
  [http, "apache-debian-php", "Apache httpd", "2.4.62"],
  [http, "elasticsearch-chunked", "Elasticsearch", "8.11.3"],
  [ftp, "vsftpd", "vsftpd", "3.0.3"],
  [ftp, "pure-ftpd", "Pure-FTPd", undefined],
  [smtp, "exim", "Exim", "4.96"],
  [smtp, "postfix-debian", "Postfix", undefined],
  [imap, "cyrus", "Cyrus IMAP", "3.6.1"],
  [http, "privoxy-not-proxy", "Privoxy", undefined],
  [http, "prosody-404", "Prosody", undefined],
  [http, "distccd-stats", "distccd", undefined],
  [http, "lighttpd-as-iis", "lighttpd", undefined],
  [http, "lighttpd-as-iis", "Microsoft IIS", "10.0"],
  [irc, "inspircd", "InspIRCd", undefined],
  [telnet, "inetutils-debian", "GNU inetutils telnetd", undefined],
  [nntp, "leafnode-unset", "Leafnode", undefined],
] as const)("%o %s is named", (protocol, name, product, version) => {
  const vector = vectors(protocol.name).find((each) => each.name === name);
  if (!vector) throw new Error(`no vector ${name}`);
  const facts = protocol.facts(vector.responses, null);
  const claims = pack.evaluate({ responses: vector.responses, facts }).map((piece) => piece.claim);
  expect(claims).toContainEqual(expect.objectContaining(version ? { product, version } : { product }));
});

test("generic greetings name no product", () => {
  const generic = ["FTP server is ready.", "FTP Server ready.", "FTP-Server", "FTP service ready."];
  const facts = generic.map((value) => ({ name: "ftp.banner", value, family: "banner" }));
  expect(pack.evaluate({ responses: [], facts }).filter((piece) => piece.claim.product)).toEqual([]);
});
