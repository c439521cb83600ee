import { type Daemon, EXTRACTED } from "../../daemon.ts";
import {
  dovecot,
  exim,
  eximTls,
  lmtp,
  login,
  loginTls,
  mailboxes,
  postfix,
  postfixSays,
  postfixTls,
  service,
} from "../servers/mail.ts";
import { behind, stunnel } from "../servers/proxies.ts";
import { daemon, hidden, OWN, shell, TLS, tcp } from "./entry.ts";
import { DOVECOT, EXIM, POSTFIX, SILENT, SMTP } from "./products.ts";

/** Mail servers that greet in few words, in none, or in their operator's; that ask for TLS first; that turn away. */
export const closedMail: Daemon[] = [
  daemon(
    "dovecot wants PROXY",
    "dovecot-core",
    [null],
    [hidden(tcp(["imap", ...SILENT], null), ["Dovecot"])],
    (place) =>
      dovecot(
        place,
        `protocols = imap\nhaproxy_trusted_networks = 127.0.0.0/8\n${login("imap", place.ports[0], "    haproxy = yes\n")}`,
      ),
  ),
  daemon("dovecot says welcome", "dovecot-core", [1430], [tcp("imap", DOVECOT)], (place) =>
    dovecot(
      place,
      `protocols = imap\nlogin_greeting = Willkommen beim IMAP-Server der Universität\n${login("imap", place.ports[0])}`,
    ),
  ),
  daemon(
    "dovecot asks for a certificate",
    "dovecot-core",
    [null],
    [hidden(tcp(["imap", "imaps"], null, null, TLS), DOVECOT)],
    (place) =>
      dovecot(
        place,
        `${loginTls("imap", place)}ssl_min_protocol = TLSv1.2\nssl_ca = <${place.certificate}\nssl_verify_client_cert = yes\nauth_ssl_require_client_cert = yes\nlogin_greeting = bereit\n`,
      ),
  ),
  daemon(
    "dovecot pop3s says ready",
    "dovecot-core",
    [null],
    [tcp(["pop3", "pop3s"], DOVECOT, null, TLS)],
    (place) => dovecot(place, `${loginTls("pop3", place)}login_greeting = POP3 ready\n`),
  ),
  daemon(
    "dovecot says hello in tls",
    "dovecot-core",
    [null, null, null, null],
    [tcp(["imap", "imaps"], DOVECOT, null, TLS), tcp("pop3", DOVECOT, null, { at: 2 })],
    (place) => [mailboxes(behind(place), "Hello"), stunnel(place)],
  ),
  daemon("postfix submission with a motto", "postfix", [5870], [tcp("smtp", POSTFIX)], (place) =>
    postfixSays(place, "relay.lab.test Nur fuer Mitglieder - members only - NO UCE"),
  ),
  daemon("postfix by TLS", "postfix", [null], [tcp(SMTP, POSTFIX, null, TLS)], (place) =>
    postfixSays(
      place,
      "$myhostname ESMTP $mail_name (Debian/GNU)",
      `smtpd_tls_wrappermode = yes\n${postfixTls(place)}`,
    ),
  ),
  daemon("postfix in German", "postfix", [null], [tcp(SMTP, POSTFIX)], (place) =>
    postfixSays(
      place,
      "mail.lab.test ESMTP Willkommen beim Postamt",
      "smtpd_reject_footer = Bitte rufen Sie uns an\n",
    ),
  ),
  daemon("postscreen", "postfix", [null], [tcp(SMTP, POSTFIX)], (place) =>
    postfix(
      place,
      "smtpd_banner = mail.lab.test ESMTP\npostscreen_greet_wait = 2s\npostscreen_access_list = \npostscreen_greet_action = enforce\n",
      `127.0.0.1:${place.ports[0]} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
`,
    ),
  ),
  daemon("postfix with a name only", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfixSays(place, "mail.lab.test"),
  ),
  daemon("postfix with a dot for a greeting", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfixSays(place, "."),
  ),
  daemon("postfix turns away", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfixSays(
      place,
      "mail.lab.test ESMTP",
      "smtpd_delay_reject = no\nsmtpd_client_restrictions = reject\n",
    ),
  ),
  daemon("postfix wants STARTTLS", "postfix", [null], [tcp("smtp", POSTFIX)], (place) =>
    postfixSays(
      place,
      "mail.lab.test ESMTP Mailserver",
      `smtpd_tls_security_level = encrypt\n${postfixTls(place)}smtpd_helo_required = yes\nsmtpd_discard_ehlo_keywords = vrfy etrn dsn enhancedstatuscodes\n`,
    ),
  ),
  daemon("exim by TLS", "exim4-daemon-light", [null], [tcp(SMTP, EXIM, "package", TLS)], (place) =>
    exim(place, null, `${eximTls(place)}tls_on_connect_ports = ${place.ports[0]}\n`),
  ),
  daemon("exim in few words after STARTTLS", "exim4-daemon-light", [null], [tcp(SMTP, EXIM)], (place) =>
    exim(
      place,
      "mx",
      `${eximTls(place)}acl_smtp_helo = h\nbegin acl\nh:\n accept encrypted = *\n defer message = Erst TLS\n`,
    ),
  ),
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
    "exim refuses in its own words",
    "exim4-daemon-light",
    [null],
    [hidden(tcp(SMTP, null), EXIM)],
    (place) => exim(place, "x", "acl_smtp_connect = c\nbegin acl\nc:\n  drop message = 554 Kein Zutritt\n"),
  ),
  daemon("exim with a name only", "exim4-daemon-light", [null], [tcp("smtp", EXIM)], (place) =>
    exim(place, "mail.lab.test ESMTP"),
  ),
  daemon("exim drops", "exim4-daemon-light", [null], [hidden(tcp("smtp", null), EXIM)], (place) =>
    exim(place, "mail.lab.test ESMTP", "acl_smtp_connect = deny\n"),
  ),
  daemon(
    "dovecot sieve by another name",
    "dovecot-managesieved",
    [null],
    [tcp(["sieve", "managesieve"], ["Dovecot", "Dovecot Pigeonhole", "Pigeonhole"])],
    (place) =>
      dovecot(
        place,
        `protocols = sieve\n${service("managesieve-login", "sieve", place.ports[0])}protocol sieve {\n  managesieve_implementation_string = Sieve\n}\n`,
      ),
  ),
  daemon("dovecot submission", "dovecot-submissiond", [null], [tcp(SMTP, DOVECOT)], (place) =>
    dovecot(
      place,
      `protocols = submission\nlogin_greeting = Postausgang\nsubmission_relay_host = 127.0.0.1\n${service("submission-login", "submission", place.ports[0])}`,
    ),
  ),
  daemon(
    "dovecot lmtp in stunnel",
    "dovecot-lmtpd",
    [null, null],
    [tcp("lmtp", DOVECOT, null, TLS)],
    (place) => [
      stunnel(place),
      dovecot(
        place,
        `protocols = lmtp\nlogin_greeting = Nachsendeauftrag\n${service("lmtp", "lmtp", place.ports[1])}`,
      ),
    ],
  ),
  daemon("dovecot lmtp, plain and renamed", "dovecot-lmtpd", [null], [tcp("lmtp", DOVECOT)], (place) =>
    dovecot(place, `protocols = lmtp\nlogin_greeting = Post\n${service("lmtp", "lmtp", place.ports[0])}`),
  ),
  daemon(
    "aiosmtpd's LMTP without a word",
    "python3-aiosmtpd",
    [null],
    [hidden(tcp(["lmtp", "smtp"], null), ["aiosmtpd"])],
    ({ ports }) => lmtp(ports[0], "bereit"),
  ),
  daemon(
    "opensmtpd in stunnel",
    "opensmtpd",
    [null, null],
    [tcp(SMTP, ["OpenSMTPD"], null, TLS)],
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
    OWN,
  ),
];
