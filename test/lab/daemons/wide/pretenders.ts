import type { Daemon } from "../../daemon.ts";
import { again, honeypot, loop, parrot } from "../servers/pretenders.ts";
import { socat } from "../servers/proxies.ts";
import { daemon, shell, tcp } from "./entry.ts";
import { IIS, SILENT, WEB } from "./products.ts";

const mute = { productHidden: true, mute: true } as const;

/** What only pretends to be a server, or says nothing: nobody may be sure of its name. */
export const pretenders: Daemon[] = [
  daemon(
    "ssh by honeypot",
    "python3",
    [null],
    [tcp("ssh", "OpenSSH", null, { productHidden: true, mute: true })],
    (place) => honeypot(place, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2"),
  ),
  daemon(
    "ftp by honeypot",
    "python3",
    [null],
    [tcp("ftp", "vsftpd", null, { productHidden: true, mute: true })],
    (place) => honeypot(place, "220 (vsFTPd 3.0.3)"),
  ),
  daemon(
    "smtp by honeypot",
    "python3",
    [null],
    [tcp("smtp", "Postfix", null, { productHidden: true, mute: true })],
    (place) => honeypot(place, "220 mail.lab.test ESMTP Postfix (Debian/GNU)"),
  ),
  daemon("socat says nothing", "socat", [null], [tcp(["unknown", "tcpwrapped"], null)], ({ ports }) =>
    shell(`exec socat -u TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork OPEN:/dev/null`),
  ),
  daemon("socat hangs up", "socat", [null], [tcp(SILENT, null)], ({ ports }) =>
    socat(ports[0], `EXEC:/bin/true`),
  ),
  daemon("a program that is ready", "socat", [null], [tcp("unknown", null)], ({ ports }) =>
    socat(ports[0], `SYSTEM:echo READY; cat > /dev/null`),
  ),
  daemon("an echo", "socat", [null], [tcp("echo", null)], ({ ports }) => socat(ports[0], `EXEC:/bin/cat`)),
  daemon(
    "http parrot",
    "python3",
    [null],
    [tcp(WEB, "Apache Tomcat", null, { productHidden: true, mute: true })],
    (place) =>
      parrot(
        place,
        'b"HTTP/1.1 200 OK\\r\\nServer: Apache-Coyote/1.1\\r\\nContent-Type: text/html\\r\\nContent-Length: 39\\r\\n\\r\\n<title>Apache Tomcat/7.0.68</title>hey\\r\\n"',
      ),
  ),
  daemon(
    "redis parrot",
    "python3",
    [null],
    [tcp("redis", "Redis", null, { productHidden: true, mute: true })],
    (place) => parrot(place, 'b"-NOAUTH Authentication required.\\r\\n"'),
  ),
  daemon(
    "ssh for every port",
    "python3",
    [null],
    [tcp("ssh", "Dropbear", null, { productHidden: true, mute: true })],
    (place) => honeypot(place, "SSH-2.0-dropbear_2019.78"),
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
  daemon("ftp again and again", "python3", [null], [tcp("ftp", "ProFTPD", null, mute)], (place) =>
    again(place, "220 ProFTPD 1.3.6 Server (Debian) [127.0.0.1]"),
  ),
  daemon("pop3 again and again", "python3", [null], [tcp("pop3", "Dovecot", null, mute)], (place) =>
    again(place, "+OK Dovecot (Debian) ready."),
  ),
  daemon("http out of a loop", "socat", [null], [tcp(WEB, IIS, null, mute)], (place) =>
    loop(
      place,
      "HTTP/1.1 200 OK\\r\\nServer: Microsoft-IIS/7.5\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nhi\\n",
    ),
  ),
  daemon(
    "Cisco by socat",
    "socat",
    [null],
    [tcp("telnet", "Cisco", null, { productHidden: true, mute: true })],
    ({ ports }) =>
      shell(
        `printf '\\r\\nUser Access Verification\\r\\n\\r\\nPassword: ' > prompt\nexec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork SYSTEM:"cat $PWD/prompt -"`,
      ),
  ),
];
