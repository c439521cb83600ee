import { type Daemon, EXTRACTED, type Place } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { dovecotOf } from "./again.ts";
import { daemon, HOME, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind } from "./fronts.ts";
import { exim, paramiko, proftpd, python3, vsftpd } from "./impostors.ts";
import { joined, passing } from "./states.ts";
import { sshd } from "./variants-data.ts";
import { DOVECOT, stunnel } from "./variants-mail.ts";

const POSTFIX = ["Postfix smtpd", "Postfix"] as const;
const EXIM = ["Exim smtpd", "Exim"] as const;
const SMTP = ["smtp", "smtps", "submission", "submissions"] as const;
const _COURIER = ["Courier Imapd", "Courier", "Courier IMAP", "Courier pop3d"] as const;
const postfixTls = ({ certificate, privateKey }: Place) =>
  `smtpd_tls_cert_file = ${certificate}\nsmtpd_tls_key_file = ${privateKey}\n`;
/** One listener of a login service of Dovecot's. */
const login = (service: string, listener: string, { ports }: Place, more = "") =>
  `protocols = ${service}\nservice ${service === "sieve" ? "managesieve" : service}-login {\n  inet_listener ${listener} {\n    port = ${ports[0]}\n${more}  }\n}\n`;
const dovecotTls = ({ certificate, privateKey }: Place) =>
  `ssl = required\nssl_cert = <${certificate}\nssl_key = <${privateKey}\n`;
const dropbear = ({ ports }: Place, more = "") =>
  shell(
    `dropbearkey -t ed25519 -f key > /dev/null; exec dropbear -F -E -r $PWD/key -p 127.0.0.1:${ports[0]} -P $PWD/pid ${more}`,
  );

/** Mail, files and shells as their operators close them, once more. */
export const closedMail: Daemon[] = [
  daemon("postfix by TLS", "postfix", [null], [tcp(SMTP, POSTFIX, null, TLS)], (place) =>
    postfix(
      place,
      `smtpd_tls_wrappermode = yes\n${postfixTls(place)}smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)\n`,
    ),
  ),
  daemon("postfix in German", "postfix", [null], [tcp(SMTP, POSTFIX)], (place) =>
    postfix(
      place,
      `smtpd_banner = mail.lab.test ESMTP Willkommen beim Postamt\nsmtpd_reject_footer = Bitte rufen Sie uns an\n`,
    ),
  ),
  daemon("postscreen", "postfix", [null], [tcp(SMTP, POSTFIX)], (place) => {
    const command = postfix(
      place,
      "smtpd_banner = mail.lab.test ESMTP\npostscreen_greet_wait = 2s\npostscreen_access_list = \npostscreen_greet_action = enforce\n",
    );
    const master = [
      "\\1 inet n - n - 1 postscreen",
      "smtpd pass - - n - - smtpd",
      "dnsblog unix - - n - 0 dnsblog",
      "tlsproxy unix - - n - 0 tlsproxy",
    ];
    place.prepare(["sed", "-i", `s/^\\(127[^ ]*\\) inet .*/${master.join("\\n")}/`, "etc/master.cf"]);
    return command;
  }),
  daemon("exim by TLS", "exim4-daemon-light", [null], [tcp(SMTP, EXIM, "package", TLS)], (place) => {
    place.prepare([
      "sh",
      "-c",
      `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chmod 644 c.pem k.pem`,
    ]);
    return exim(
      place,
      "$smtp_active_hostname ESMTP Exim $version_number $tod_full",
      `tls_certificate = ${place.directory}/c.pem\ntls_privatekey = ${place.directory}/k.pem\ntls_on_connect_ports = ${place.ports[0]}\n`,
    );
  }),
  daemon("exim in few words after STARTTLS", "exim4-daemon-light", [null], [tcp(SMTP, EXIM)], (place) => {
    place.prepare([
      "sh",
      "-c",
      `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chmod 644 c.pem k.pem`,
    ]);
    return exim(
      place,
      "mx",
      `tls_certificate = ${place.directory}/c.pem\ntls_privatekey = ${place.directory}/k.pem\nacl_smtp_helo = h\nbegin acl\nh:\n accept encrypted = *\n defer message = Erst TLS\n`,
    );
  }),
  daemon(
    "exim turns us away in French",
    "exim4-daemon-light",
    [null],
    [hidden(tcp(SMTP, null), EXIM)],
    (place) =>
      exim(
        place,
        "mail.lab.test ESMTP",
        "acl_smtp_connect = c\nbegin acl\nc:\n  deny message = Acces refuse\n",
      ),
  ),
  daemon(
    "dovecot asks for a certificate",
    "dovecot-core",
    [null],
    [hidden(tcp(["imap", "imaps"], null, null, TLS), DOVECOT)],
    (place) =>
      dovecotOf(
        place,
        `${dovecotTls(place)}ssl_min_protocol = TLSv1.2\nssl_ca = <${place.certificate}\nssl_verify_client_cert = yes\nauth_ssl_require_client_cert = yes\nlogin_greeting = bereit\n${login("imap", "imaps", place, "    ssl = yes\n")}`,
      ),
  ),
  daemon(
    "dovecot pop3s says ready",
    "dovecot-core",
    [null],
    [tcp(["pop3", "pop3s"], DOVECOT, null, TLS)],
    (place) =>
      dovecotOf(
        place,
        `${dovecotTls(place)}login_greeting = POP3 ready\n${login("pop3", "pop3s", place, "    ssl = yes\n")}`,
      ),
  ),
  daemon(
    "dovecot sieve by another name",
    "dovecot-managesieved",
    [null],
    [tcp(["sieve", "managesieve"], ["Dovecot", "Dovecot Pigeonhole", "Pigeonhole"])],
    (place) =>
      dovecotOf(
        place,
        `${login("sieve", "sieve", place)}protocol sieve {\n  managesieve_implementation_string = Sieve\n}\n`,
      ),
  ),
  daemon("dovecot submission", "dovecot-submissiond", [null], [tcp(SMTP, DOVECOT)], (place) =>
    dovecotOf(
      place,
      `login_greeting = Postausgang\nsubmission_relay_host = 127.0.0.1\n${login("submission", "submission", place)}`,
    ),
  ),
  daemon(
    "dovecot lmtp in stunnel",
    "dovecot-lmtpd",
    [null, null],
    [tcp("lmtp", DOVECOT, null, TLS)],
    (place) => [
      stunnel(place),
      dovecotOf(
        place,
        `protocols = lmtp\nlogin_greeting = Nachsendeauftrag\nservice lmtp {\n  inet_listener lmtp {\n    port = ${place.ports[1]}\n  }\n}\n`,
      ),
    ],
  ),
  daemon(
    "amavisd",
    "amavisd-new",
    [null],
    [tcp(["smtp", "lmtp"], ["amavisd-new", "Amavis", "amavisd"])],
    ({ directory, ports }) =>
      shell(
        `mkdir tmp db v; cat > a.conf <<X
use strict;
\\$max_servers = 2; \\$daemon_user = 'amavis'; \\$daemon_group = 'amavis'; \\$mydomain = 'lab.test'; \\$myhostname = 'mail.lab.test';
\\$MYHOME = '${directory}'; \\$TEMPBASE = '${directory}/tmp'; \\$db_home = '${directory}/db'; \\$lock_file = '${directory}/l'; \\$pid_file = '${directory}/p'; \\$enable_db = 0; \\$enable_zmq = 0;
\\$inet_socket_bind = '127.0.0.1'; \\$inet_socket_port = ${ports[0]}; \\$unix_socketname = undef;
@bypass_virus_checks_maps = (1); @bypass_spam_checks_maps = (1); \\$do_syslog = 0; \\$DEBUG = 0;
1;
X
chown -R amavis tmp db v .; chown root a.conf
exec amavisd -c $PWD/a.conf foreground`,
        HOME,
      ),
  ),
  daemon(
    "python smtpd",
    "python3.11",
    [null],
    [tcp("smtp", ["Python SMTP Proxy", "Python smtpd", "Python SMTP"], "0.3")],
    ({ ports }) =>
      shell(`exec /usr/bin/python3 -W ignore -m smtpd -n -c DebuggingServer 127.0.0.1:${ports[0]}`),
  ),
  daemon("vsftpd in French", "vsftpd", [null], [tcp("ftp", "vsftpd")], (place) =>
    vsftpd(place, "Bienvenue sur notre serveur", "anonymous_enable=NO\nlocal_enable=YES\n"),
  ),
  daemon(
    "vsftpd as pyftpdlib",
    "vsftpd",
    [null],
    [tcp("ftp", "vsftpd", null, { spoof: ["pyftpdlib"] })],
    (place) => vsftpd(place, "pyftpdlib 1.5.7 ready."),
  ),
  daemon(
    "proftpd ready in stunnel",
    "proftpd-core",
    [null, null],
    [tcp(["ftp", "ftps"], "ProFTPD", null, TLS)],
    (place) => [stunnel(place), proftpd(behind(place), 'on "FTP Server ready"', "DeferWelcome on\n")],
  ),
  daemon(
    "proftpd as wu-ftpd",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["WU-FTPD", "wu-ftpd"] })],
    (place) => proftpd(place, 'on "lab FTP server (Version wu-2.6.2(1) Mon Jan 1 10:00:00 GMT 2024) ready."'),
  ),
  daemon(
    "pure-ftpd as vsftpd",
    "pure-ftpd",
    [null],
    [tcp("ftp", "Pure-FTPd", null, { spoof: ["vsftpd"] })],
    ({ ports }) =>
      shell(
        `echo '(vsFTPd 3.0.3)' > banner; exec ${EXTRACTED}/pure-ftpd/usr/sbin/pure-ftpd -S 127.0.0.1,${ports[0]} -g $PWD/pid -F $PWD/banner -E`,
      ),
  ),
  daemon(
    "pyftpdlib by TLS in its own words",
    "python3-pyftpdlib",
    [null],
    [tcp("ftp", ["pyftpdlib"])],
    (place) =>
      python3(
        place,
        `from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer
class H(TLS_FTPHandler): pass
open("both.pem", "w").write(open("${place.certificate}").read() + open("${place.privateKey}").read())
H.certfile = "both.pem"; H.banner = "FTP ready"; H.authorizer = DummyAuthorizer(); H.tls_control_required = True
FTPServer(("127.0.0.1", ${place.ports[0]}), H).serve_forever()`,
      ),
  ),
  daemon(
    "twisted ftp in haproxy's TLS",
    "python3-twisted",
    [null, null],
    [tcp(["ftp", "ftps"], ["Twisted ftpd", "Twisted FTP", "Twisted"], "package", TLS)],
    (place) => [
      passing(place, ` ssl crt ${joined(place)}`),
      shell(`exec twistd3 -n --pidfile= ftp -p ${place.ports[1]} -r /var/www/html`, HOME),
    ],
  ),
  daemon("sshd without Debian's word", "openssh-server", [null], [tcp("ssh", "OpenSSH", "9.2p1")], (place) =>
    sshd(place, '-o DebianBanner=no -o "VersionAddendum=none" -o PasswordAuthentication=no'),
  ),
  daemon(
    "sshd in socat's TLS",
    "openssh-server",
    [443, null],
    [tcp("ssh", "OpenSSH", "9.2p1", TLS)],
    (place) => [
      shell(
        `exec socat OPENSSL-LISTEN:${place.ports[0]},bind=127.0.0.1,reuseaddr,fork,cert=${joined(place)},verify=0 TCP:127.0.0.1:${place.ports[1]}`,
      ),
      sshd(behind(place), ""),
    ],
  ),
  daemon(
    "dropbear on port 80",
    "dropbear-bin",
    [80],
    [tcp("ssh", ["Dropbear sshd", "Dropbear SSH"], "package")],
    (place) => dropbear(place),
  ),
  daemon(
    "dropbear through nowhere but keys",
    "dropbear-bin",
    [null, null],
    [tcp("ssh", ["Dropbear sshd", "Dropbear SSH"], "package", TLS)],
    (place) => [stunnel(place), dropbear(behind(place), "-s -g -j -k")],
  ),
  daemon(
    "paramiko as dropbear",
    "python3-paramiko",
    [null],
    [tcp("ssh", "paramiko", null, { spoof: ["Dropbear"] })],
    (place) => paramiko(place, "SSH-2.0-dropbear_2022.83"),
  ),
  daemon(
    "paramiko as Cisco",
    "python3-paramiko",
    [null],
    [tcp("ssh", "paramiko", null, { spoof: ["Cisco"] })],
    (place) => paramiko(place, "SSH-2.0-Cisco-1.25"),
  ),
];
