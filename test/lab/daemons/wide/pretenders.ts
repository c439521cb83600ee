import type { Command, Daemon, Place } from "../../daemon.ts";
import { again, honeypot, loop, parrot } from "../servers/pretenders.ts";
import { socat } from "../servers/proxies.ts";
import { daemon, shell, tcp } from "./entry.ts";
import { IIS, SILENT, WEB } from "./products.ts";

const MUTE = { productHidden: true, mute: true } as const;
const pretender = (
  name: string,
  service: Parameters<typeof tcp>[0],
  product: string,
  start: (place: Place) => Command,
) => daemon(name, "python3", [null], [tcp(service, product, null, MUTE)], start);

/** What only pretends to be a server, or says nothing: nobody may be sure of its name. */
export const pretenders: Daemon[] = [
  pretender("ssh by honeypot", "ssh", "OpenSSH", (place) =>
    honeypot(place, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2"),
  ),
  pretender("ssh for every port", "ssh", "Dropbear", (place) => honeypot(place, "SSH-2.0-dropbear_2019.78")),
  pretender("ftp by honeypot", "ftp", "vsftpd", (place) => honeypot(place, "220 (vsFTPd 3.0.3)")),
  pretender("ftp again and again", "ftp", "ProFTPD", (place) =>
    again(place, "220 ProFTPD 1.3.6 Server (Debian) [127.0.0.1]"),
  ),
  pretender("smtp by honeypot", "smtp", "Postfix", (place) =>
    honeypot(place, "220 mail.lab.test ESMTP Postfix (Debian/GNU)"),
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
  daemon("http out of a loop", "socat", [null], [tcp(WEB, IIS, null, MUTE)], (place) =>
    loop(
      place,
      "HTTP/1.1 200 OK\\r\\nServer: Microsoft-IIS/7.5\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nhi\\n",
    ),
  ),
  daemon("Cisco by socat", "socat", [null], [tcp("telnet", "Cisco", null, MUTE)], ({ ports }) =>
    shell(
      `printf '\\r\\nUser Access Verification\\r\\n\\r\\nPassword: ' > prompt\nexec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork SYSTEM:"cat $PWD/prompt -"`,
    ),
  ),
  pretender("http parrot", WEB, "Apache Tomcat", (place) =>
    parrot(
      place,
      'b"HTTP/1.1 200 OK\\r\\nServer: Apache-Coyote/1.1\\r\\nContent-Type: text/html\\r\\nContent-Length: 39\\r\\n\\r\\n<title>Apache Tomcat/7.0.68</title>hey\\r\\n"',
    ),
  ),
  pretender("redis parrot", "redis", "Redis", (place) =>
    parrot(place, 'b"-NOAUTH Authentication required.\\r\\n"'),
  ),
  pretender("imap by honeypot", "imap", "Dovecot", (place) =>
    honeypot(
      place,
      "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS LOGINDISABLED] Dovecot (Debian) ready.",
    ),
  ),
  pretender("mysql by honeypot", "mysql", "MySQL", (place) =>
    honeypot(
      place,
      "\\x4a\\x00\\x00\\x00\\x0a5.7.38\\x00\\x08\\x00\\x00\\x00abcdefgh\\x00\\xff\\xf7\\x08\\x02\\x00\\xff\\x81\\x15\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00abcdefghijkl\\x00mysql_native_password\\x00",
    ),
  ),
  pretender("pop3 again and again", "pop3", "Dovecot", (place) =>
    again(place, "+OK Dovecot (Debian) ready."),
  ),
];
