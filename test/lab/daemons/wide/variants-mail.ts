import { type Command, type Daemon, EXTRACTED, type Place } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind } from "./fronts.ts";
import { dovecot, exim, honeypot, proftpd, python3, vsftpd } from "./impostors.ts";

const POSTFIX = ["Postfix smtpd", "Postfix"] as const;
const EXIM = ["Exim smtpd", "Exim"] as const;
export const DOVECOT = ["Dovecot", "Dovecot imapd", "Dovecot pop3d"] as const;
const SMTPS = ["smtp", "smtps"] as const;
/** stunnel on the first port of a place, before what listens on the second. */
export const stunnel = ({ ports, certificate, privateKey }: Place, more = ""): Command =>
  shell(
    `printf 'foreground = yes\\npid =\\n[x]\\naccept = 127.0.0.1:${ports[0]}\\nconnect = 127.0.0.1:${ports[1]}\\ncert = ${certificate}\\nkey = ${privateKey}\\n${more}' > stunnel.conf\nexec /usr/bin/stunnel4 stunnel.conf`,
  );
const wrappedPostfix = (place: Place, more: string) =>
  postfix(
    place,
    `smtpd_tls_wrappermode = yes\nsmtpd_tls_security_level = encrypt\nsmtpd_tls_cert_file = ${place.certificate}\nsmtpd_tls_key_file = ${place.privateKey}\n${more}`,
  );
/** A program under node, which finds the packages of this repository. */
export const node = (program: string): Command => ({
  argv: ["/usr/bin/node", "-e", program],
  env: { NODE_PATH: `${import.meta.dirname}/../../../../node_modules` },
});

/** Mail and file servers that greet in few words, in none, or in another's; that ask for TLS first; that turn away. */
export const variantMail: Daemon[] = [
  daemon("postfix with a name only", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfix(place, "smtpd_banner = mail.lab.test\n"),
  ),
  daemon("postfix with a dot for a greeting", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfix(place, "smtpd_banner = .\n"),
  ),
  daemon(
    "postfix in tls as exim",
    "postfix",
    [null],
    [tcp(SMTPS, POSTFIX, null, { tls: true, spoof: ["Exim"] })],
    (place) =>
      wrappedPostfix(place, "disable_vrfy_command = yes\nsmtpd_banner = mail.lab.test ESMTP Exim 4.96\n"),
  ),
  daemon("postfix turns away", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfix(
      place,
      "smtpd_banner = mail.lab.test ESMTP\nsmtpd_delay_reject = no\nsmtpd_client_restrictions = reject\n",
    ),
  ),
  daemon("postfix wants STARTTLS", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfix(
      place,
      `smtpd_banner = mail.lab.test ESMTP Mailserver\nsmtpd_tls_security_level = encrypt\nsmtpd_tls_cert_file = ${place.certificate}\nsmtpd_tls_key_file = ${place.privateKey}\nsmtpd_helo_required = yes\nsmtpd_discard_ehlo_keywords = vrfy etrn dsn enhancedstatuscodes\n`,
    ),
  ),
  daemon("exim with a name only", "exim4-daemon-light", [null], [tcp("smtp", EXIM)], (place) =>
    exim(place, "mail.lab.test ESMTP"),
  ),
  daemon("exim drops", "exim4-daemon-light", [null], [hidden(tcp("smtp", null), EXIM)], (place) =>
    exim(place, "mail.lab.test ESMTP", "acl_smtp_connect = deny\n"),
  ),
  daemon(
    "exim in tls as postfix",
    "exim4-daemon-light",
    [null],
    [tcp(SMTPS, EXIM, null, { tls: true, spoof: ["Postfix"] })],
    (place) => {
      place.prepare([
        "sh",
        "-c",
        `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chmod 644 c.pem k.pem`,
      ]);
      return exim(
        place,
        "mail.lab.test ESMTP Postfix",
        `tls_certificate = ${place.directory}/c.pem\ntls_privatekey = ${place.directory}/k.pem\ntls_on_connect_ports = ${place.ports[0]}\n`,
      );
    },
  ),
  daemon(
    "opensmtpd in stunnel",
    "opensmtpd",
    [null, null],
    [tcp(SMTPS, ["OpenSMTPD"], null, TLS)],
    (place) => [
      stunnel(place),
      shell(`groupadd -r opensmtpq 2>/dev/null || true
for u in opensmtpd opensmtpq; do id $u >/dev/null 2>&1 || useradd -r -s /usr/sbin/nologin -d /run $u; done
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/spool
mkdir -p /var/spool/smtpd
chmod 711 /var/spool/smtpd
printf 'listen on 127.0.0.1 port ${place.ports[1]} hostname relay.example.org\\naction "a" relay\\nmatch for any action "a"\\n' > o.conf
exec ${EXTRACTED}/opensmtpd/usr/sbin/smtpd -d -f $PWD/o.conf`),
    ],
    { needsOwnNetwork: true },
  ),
  daemon(
    "dovecot as Exchange",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", DOVECOT, null, { spoof: ["Microsoft", "Exchange"] }),
      tcp("pop3", DOVECOT, null, { at: 1, spoof: ["Microsoft", "Exchange"] }),
    ],
    (place) => dovecot(place, "The Microsoft Exchange IMAP4 service is ready."),
  ),
  daemon(
    "dovecot says hello in tls",
    "dovecot-core",
    [null, null, null, null],
    [tcp(["imap", "imaps"], DOVECOT, null, TLS), tcp("pop3", DOVECOT, null, { at: 2 })],
    (place) => [dovecot(behind(place), "Hello"), stunnel(place)],
  ),
  daemon("proftpd without ident", "proftpd-core", [null], [tcp("ftp", "ProFTPD")], (place) =>
    proftpd(place, "off"),
  ),
  daemon("proftpd wants TLS", "proftpd-core", [null], [tcp("ftp", "ProFTPD")], (place) =>
    proftpd(
      place,
      'on "FTP"',
      `ModulePath ${EXTRACTED}/proftpd-mod-crypto/usr/lib/proftpd
LoadModule mod_tls.c
TLSEngine on
TLSRequired on
TLSRSACertificateFile ${place.certificate}
TLSRSACertificateKeyFile ${place.privateKey}
`,
    ),
  ),
  daemon(
    "proftpd as Pure-FTPd",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["Pure-FTPd"] })],
    (place) => proftpd(place, 'on "---------- Welcome to Pure-FTPd [privsep] [TLS] ----------"'),
  ),
  daemon(
    "sftp by proftpd",
    "proftpd-core",
    [null],
    [tcp("ssh", ["ProFTPD mod_sftp", "mod_sftp", "ProFTPD"])],
    (place) => {
      place.prepare(["ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "", "-f", `${place.directory}/key`]);
      return proftpd(
        place,
        "off",
        `ModulePath ${EXTRACTED}/proftpd-mod-crypto/usr/lib/proftpd
LoadModule mod_sftp.c
SFTPEngine on
SFTPHostKey ${place.directory}/key
`,
      );
    },
  ),
  daemon("vsftpd in tls", "vsftpd", [null], [tcp(["ftp", "ftps"], "vsftpd", null, TLS)], (place) =>
    vsftpd(
      place,
      "Welcome",
      `ssl_enable=YES\nimplicit_ssl=YES\nrequire_ssl_reuse=NO\nrsa_cert_file=${place.certificate}\nrsa_private_key_file=${place.privateKey}\n`,
    ),
  ),
  daemon("vsftpd wants TLS", "vsftpd", [null], [tcp("ftp", "vsftpd")], (place) =>
    vsftpd(
      place,
      "FTP server ready.",
      `ssl_enable=YES\nforce_local_logins_ssl=YES\nforce_anon_logins_ssl=YES\nallow_anon_ssl=NO\nrsa_cert_file=${place.certificate}\nrsa_private_key_file=${place.privateKey}\n`,
    ),
  ),
  daemon("pure-ftpd with its own words", "pure-ftpd", [null], [tcp("ftp", ["Pure-FTPd"])], ({ ports }) =>
    shell(`echo 'Authorized users only.' > banner
exec ${EXTRACTED}/pure-ftpd/usr/sbin/pure-ftpd -S 127.0.0.1,${ports[0]} -g $PWD/pid -F $PWD/banner -E`),
  ),
  daemon(
    "pyftpdlib as vsftpd",
    "python3-pyftpdlib",
    [null],
    [tcp("ftp", ["pyftpdlib"], null, { spoof: ["vsftpd"] })],
    (place) =>
      python3(
        place,
        `from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
FTPHandler.banner = "(vsFTPd 3.0.3)"
FTPServer(("127.0.0.1", ${place.ports[0]}), FTPHandler).serve_forever()`,
      ),
  ),
  daemon(
    "twisted as IIS ftp",
    "python3-twisted",
    [null],
    [tcp("ftp", ["Twisted ftpd", "Twisted"], null, { spoof: ["Microsoft"] })],
    (place) =>
      python3(
        place,
        `from twisted.cred import checkers, portal
from twisted.internet import reactor
from twisted.protocols import ftp
factory = ftp.FTPFactory(portal.Portal(ftp.FTPRealm("/var/empty"), [checkers.AllowAnonymousAccess()]))
factory.welcomeMessage = "Microsoft FTP Service"
reactor.listenTCP(${place.ports[0]}, factory, interface="127.0.0.1")
reactor.run()`,
      ),
  ),
  daemon(
    "aiosmtpd as postfix",
    "python3-aiosmtpd",
    [null],
    [tcp("smtp", ["aiosmtpd"], null, { spoof: ["Postfix"] })],
    (place) =>
      python3(
        place,
        `import asyncio
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Sink(), hostname="mail.lab.test", ident="ESMTP Postfix (Ubuntu)"), "127.0.0.1", ${place.ports[0]})
    await server.serve_forever()
asyncio.run(main())`,
      ),
  ),
  daemon(
    "nodemailer as exim",
    "nodejs",
    [null],
    [
      tcp("smtp", ["Nodemailer smtp-server", "smtp-server", "Nodemailer"], null, {
        productHidden: true,
        spoof: ["Exim"],
      }),
    ],
    ({ ports }) =>
      node(
        `new (require("smtp-server").SMTPServer)({ banner: "Exim 4.94.2", disabledCommands: ["AUTH", "STARTTLS"] }).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
  daemon(
    "imap by honeypot",
    "python3",
    [null],
    [tcp("imap", "Dovecot", null, { productHidden: true, mute: true })],
    (place) =>
      honeypot(
        place,
        "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS LOGINDISABLED] Dovecot (Debian) ready.",
      ),
  ),
  daemon(
    "mysql by honeypot",
    "python3",
    [null],
    [tcp("mysql", "MySQL", null, { productHidden: true, mute: true })],
    (place) =>
      honeypot(
        place,
        "\\x4a\\x00\\x00\\x00\\x0a5.7.38\\x00\\x08\\x00\\x00\\x00abcdefgh\\x00\\xff\\xf7\\x08\\x02\\x00\\xff\\x81\\x15\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00abcdefghijkl\\x00mysql_native_password\\x00",
      ),
  ),
];
