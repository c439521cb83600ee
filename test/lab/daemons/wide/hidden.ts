import { type Daemon, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, shell, tcp, udp } from "./entry.ts";
import { apache, named, nginx, tomcat, WEB } from "./servers.ts";

/** Daemons that keep their name or version to themselves, or give a false one. A spoof must show as a conflict. */
export const hiddenDaemons: Daemon[] = [
  daemon("nginx without tokens", "nginx-light", [null], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", "root /var/www/html;"),
  ),
  daemon("apache2 Prod", "apache2-bin", [null], [tcp(WEB, ["Apache httpd", "Apache HTTP Server"])], (place) =>
    apache(place, "ServerTokens Prod\nServerSignature Off"),
  ),
  daemon(
    "lighttpd as IIS",
    "lighttpd",
    [null],
    [tcp(WEB, "lighttpd", null, { spoof: ["Microsoft IIS httpd", "Microsoft-IIS", "IIS", "Microsoft IIS"] })],
    (place) => ({
      argv: [
        "/usr/sbin/lighttpd",
        "-D",
        "-f",
        write(
          place,
          "lighttpd.conf",
          `server.bind = "127.0.0.1"\nserver.port = ${place.ports[0]}\nserver.document-root = "/var/www/html"\nserver.errorlog = "${place.directory}/log"\nserver.tag = "Microsoft-IIS/10.0"\n`,
        ),
      ],
    }),
  ),
  daemon(
    "nginx before tomcat",
    "nginx-light",
    [null, null],
    [tcp(WEB, "nginx", null, { behind: ["Apache Tomcat"] })],
    (place) => [
      nginx(place, "", `location / { proxy_pass http://127.0.0.1:${place.ports[1]}; }`),
      tomcat({ ...place, ports: place.ports.slice(1) }),
    ],
  ),
  daemon("openssh quiet", "openssh-server", [null], [tcp("ssh", "OpenSSH", "package")], (place) => {
    const key = `${place.directory}/key`;
    place.prepare(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
    const config = write(
      place,
      "sshd_config",
      `ListenAddress 127.0.0.1:${place.ports[0]}\nHostKey ${key}\nPidFile none\nUsePAM no\nDebianBanner no\n`,
    );
    return shell(`mkdir -p /run/sshd\nexec /usr/sbin/sshd -D -e -f ${config}`);
  }),
  daemon(
    "postfix as sendmail",
    "postfix",
    [null],
    [tcp("smtp", ["Postfix smtpd", "Postfix"], null, { spoof: ["Sendmail smtpd", "Sendmail"] })],
    (place) => postfix(place, "smtpd_banner = mail.lab.test ESMTP Sendmail 8.15.2/8.15.2; ready\n"),
  ),
  daemon(
    "vsftpd as ProFTPD",
    "vsftpd",
    [null],
    [tcp("ftp", "vsftpd", null, { spoof: ["ProFTPD"] })],
    (place) => {
      place.prepare(["install", "-d", "-m", "555", `${place.directory}/empty`]);
      return {
        argv: [
          "/usr/sbin/vsftpd",
          write(
            place,
            "vsftpd.conf",
            `listen=YES\nlisten_address=127.0.0.1\nlisten_port=${place.ports[0]}\nbackground=NO\nanonymous_enable=YES\nanon_root=${place.directory}/empty\nsecure_chroot_dir=${place.directory}/empty\nftpd_banner=ProFTPD 1.3.5 Server (lab) [127.0.0.1]\n`,
          ),
        ],
      };
    },
  ),
  daemon(
    "bind hidden",
    "bind9",
    [null],
    [tcp(["domain", "dns"], ["ISC BIND", "BIND"]), udp(["domain", "dns"], ["ISC BIND", "BIND"])],
    (place) => named(place, "version none; hostname none; server-id none;"),
  ),
  daemon(
    "bind as dnsmasq",
    "bind9",
    [null],
    [udp(["domain", "dns"], ["ISC BIND", "BIND"], null, { spoof: ["dnsmasq"] })],
    (place) => named(place, 'version "dnsmasq-2.80";'),
  ),
];
