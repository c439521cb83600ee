import { type Command, type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { proftpdOf } from "../files.ts";
import { eximOf, postfix } from "../mail.ts";
import { unboundOf } from "../network.ts";
import { daemon, shell, tcp, udp } from "./entry.ts";
import { apache, caddy, haproxy, named, nginx, tomcat, WEB } from "./servers.ts";

export const IIS = ["Microsoft IIS httpd", "Microsoft-IIS", "IIS", "Microsoft IIS"] as const;
export const APACHE = ["Apache httpd", "Apache HTTP Server"] as const;
export const HEADERS_MORE = `${EXTRACTED}/libnginx-mod-http-headers-more-filter/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so`;
const MOD_SECURITY = `${EXTRACTED}/libapache2-mod-security2/usr/lib/apache2/modules/mod_security2.so`;

/** nginx with another name in its `Server` field, as the module headers-more writes it. */
export const renamedNginx = (place: Place, server: string) =>
  nginx(
    place,
    `more_set_headers "Server: ${server}";`,
    "root /var/www/html;",
    `load_module ${HEADERS_MORE};`,
  );
/** Apache httpd by another name, as ModSecurity writes it. */
export const renamedApache = (place: Place, server: string) =>
  apache(
    place,
    `LoadModule unique_id_module /usr/lib/apache2/modules/mod_unique_id.so
LoadModule security2_module ${MOD_SECURITY}
SecServerSignature "${server}"
ServerTokens Full`,
  );
export const lighttpd = (place: Place, tag: string): Command => ({
  argv: [
    "/usr/sbin/lighttpd",
    "-D",
    "-f",
    write(
      place,
      "lighttpd.conf",
      `server.bind = "127.0.0.1"\nserver.port = ${place.ports[0]}\nserver.document-root = "/var/www/html"\nserver.errorlog = "${place.directory}/log"\nserver.tag = "${tag}"\n`,
    ),
  ],
});
export const python3 = (place: Place, program: string): Command => ({
  argv: ["/usr/bin/python3", "-W", "ignore", write(place, "server.py", program)],
});
export const python = (place: Place, version: string, system: string): Command =>
  python3(
    place,
    `import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    server_version = "${version}"
    sys_version = "${system}"
http.server.ThreadingHTTPServer(("127.0.0.1", ${place.ports[0]}), Handler).serve_forever()
`,
  );
export const vsftpd = (place: Place, banner: string, more = ""): Command => {
  place.prepare(["install", "-d", "-m", "555", `${place.directory}/empty`]);
  const config = `listen=YES\nlisten_address=127.0.0.1\nlisten_port=${place.ports[0]}\nbackground=NO\nanonymous_enable=YES\nanon_root=${place.directory}/empty\nsecure_chroot_dir=${place.directory}/empty\nftpd_banner=${banner}\n${more}`;
  return { argv: ["/usr/sbin/vsftpd", write(place, "vsftpd.conf", config)] };
};
/** `ident`: the argument of its ServerIdent. */
export const proftpd = (place: Place, ident: string, more = "") =>
  proftpdOf(place, `ServerIdent ${ident}\n${more}`);
export const exim = (place: Place, banner: string, more = "") =>
  eximOf(place, `primary_hostname = mail.lab.test\nsmtp_banner = ${banner}\n${more}`);
export const dovecot = (place: Place, greeting: string): Command => {
  const { directory, ports } = place;
  const config = write(
    place,
    "dovecot.conf",
    `base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${directory}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
login_greeting = ${greeting}
mail_location = maildir:${directory}/mail
passdb {
  driver = static
  args = nopassword=y
}
service imap-login {
  inet_listener imap {
    port = ${ports[0]}
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports[1]}
  }
  inet_listener pop3s {
    port = 0
  }
}
service stats {
  chroot =
}
`,
  );
  return { argv: ["/usr/sbin/dovecot", "-F", "-c", config] };
};
export const unbound = (place: Place, version: string, more = "") =>
  unboundOf(place, `  version: "${version}"\n${more}`);
export const mariadb = ({ directory, ports }: Place, version: string, more = "") =>
  shell(`mkdir data
exec /usr/sbin/mariadbd --no-defaults --user=root --skip-grant-tables --datadir=${directory}/data --socket=${directory}/socket --pid-file=${directory}/pid \\
 --bind-address=127.0.0.1 --port=${ports[0]} --innodb-log-file-size=4M --innodb-buffer-pool-size=8M --version=${version} ${more}`);

/** Greets every caller with this line, and says nothing more. */
export const honeypot = (place: Place, greeting: string): Command =>
  python3(
    place,
    `import socketserver
class Greet(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"${greeting}\\r\\n")
        while self.rfile.read1(4096): pass
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", ${place.ports[0]}), Greet).serve_forever()`,
  );

/** SSH by Python's libraries, under any name. */
export const paramiko = (place: Place, version: string): Command =>
  python3(
    place,
    `import paramiko, socket, threading
key = paramiko.RSAKey.generate(2048)
listener = socket.create_server(("127.0.0.1", ${place.ports[0]}))
def serve(client):
    transport = paramiko.Transport(client)
    transport.local_version = "${version}"
    transport.add_server_key(key)
    try: transport.start_server(server=paramiko.ServerInterface())
    except Exception: pass
while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()`,
  );
export const conch = (place: Place, version: string): Command =>
  python3(
    place,
    `from cryptography.hazmat.primitives.asymmetric import rsa
from twisted.conch.ssh import factory, keys, transport
from twisted.internet import reactor
key = keys.Key(rsa.generate_private_key(65537, 2048))
class Factory(factory.SSHFactory):
    publicKeys = {b"ssh-rsa": key.public()}
    privateKeys = {b"ssh-rsa": key}
    def getPrimes(self): return None
transport.SSHServerTransport.ourVersionString = b"${version}"
reactor.listenTCP(${place.ports[0]}, Factory(), interface="127.0.0.1")
reactor.run()`,
  );

/** Daemons that give another's name. What they do must outweigh it; where they do nothing of their own, nobody may be sure. */
export const impostors: Daemon[] = [
  daemon("nginx as Apache", "nginx-light", [null], [tcp(WEB, "nginx", null, { spoof: APACHE })], (place) =>
    renamedNginx(place, "Apache/2.4.57 (Debian)"),
  ),
  daemon("nginx as IIS", "nginx-light", [null], [tcp(WEB, "nginx", null, { spoof: IIS })], (place) =>
    renamedNginx(place, "Microsoft-IIS/10.0"),
  ),
  daemon("apache as nginx", "apache2-bin", [null], [tcp(WEB, APACHE, null, { spoof: ["nginx"] })], (place) =>
    renamedApache(place, "nginx/1.24.0"),
  ),
  daemon("apache as IIS", "apache2-bin", [null], [tcp(WEB, APACHE, null, { spoof: IIS })], (place) =>
    renamedApache(place, "Microsoft-IIS/10.0"),
  ),
  daemon(
    "lighttpd as nginx",
    "lighttpd",
    [null],
    [tcp(WEB, "lighttpd", null, { spoof: ["nginx"] })],
    (place) => lighttpd(place, "nginx/1.18.0"),
  ),
  daemon("lighttpd as Apache", "lighttpd", [null], [tcp(WEB, "lighttpd", null, { spoof: APACHE })], (place) =>
    lighttpd(place, "Apache/2.4.57 (Debian)"),
  ),
  daemon(
    "haproxy as IIS",
    "haproxy",
    [null, null],
    [tcp(WEB, ["HAProxy http proxy", "HAProxy"], null, { spoof: IIS })],
    (place) => [
      haproxy(place, "  http-response set-header Server Microsoft-IIS/10.0\n"),
      nginx({ ...place, ports: place.ports.slice(1) }, "", "root /var/www/html;"),
    ],
  ),
  daemon(
    "python as Apache",
    "python3",
    [null],
    [tcp(WEB, ["SimpleHTTPServer", "BaseHTTPServer", "Python http.server"], null, { spoof: APACHE })],
    (place) => python(place, "Apache/2.4.57", "(Debian)"),
  ),
  daemon(
    "python as nginx",
    "python3",
    [null],
    [tcp(WEB, ["SimpleHTTPServer", "BaseHTTPServer", "Python http.server"], null, { spoof: ["nginx"] })],
    (place) => python(place, "nginx/1.22.1", ""),
  ),
  daemon(
    "vsftpd as FileZilla",
    "vsftpd",
    [null],
    [tcp("ftp", "vsftpd", null, { spoof: ["FileZilla"] })],
    (place) => vsftpd(place, "FileZilla Server 1.7.0"),
  ),
  daemon(
    "proftpd as IIS",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["Microsoft"] })],
    (place) => proftpd(place, 'on "Microsoft FTP Service"'),
  ),
  daemon(
    "proftpd as vsftpd",
    "proftpd-core",
    [null],
    [tcp("ftp", "ProFTPD", null, { spoof: ["vsftpd"] })],
    (place) => proftpd(place, 'on "(vsFTPd 3.0.3)"'),
  ),
  daemon(
    "exim as postfix",
    "exim4-daemon-light",
    [null],
    [tcp("smtp", ["Exim smtpd", "Exim"], null, { spoof: ["Postfix"] })],
    (place) => exim(place, "mail.lab.test ESMTP Postfix (Debian/GNU)"),
  ),
  daemon(
    "exim as Exchange",
    "exim4-daemon-light",
    [null],
    [tcp("smtp", ["Exim smtpd", "Exim"], null, { spoof: ["Microsoft", "Exchange"] })],
    (place) =>
      exim(place, "mail.lab.test Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2024 10:00:00 +0000"),
  ),
  daemon(
    "postfix as exim",
    "postfix",
    [null],
    [tcp("smtp", ["Postfix smtpd", "Postfix"], null, { spoof: ["Exim"] })],
    (place) =>
      postfix(place, "smtpd_banner = mail.lab.test ESMTP Exim 4.96 Mon, 01 Jan 2024 10:00:00 +0000\n"),
  ),
  daemon(
    "dovecot as courier",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", ["Dovecot", "Dovecot imapd"], null, { spoof: ["Courier"] }),
      tcp("pop3", ["Dovecot", "Dovecot pop3d"], null, { at: 1 }),
    ],
    (place) =>
      dovecot(
        place,
        "Courier-IMAP ready. Copyright 1998-2018 Double Precision, Inc. See COPYING for distribution information.",
      ),
  ),
  daemon(
    "dovecot as cyrus",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", ["Dovecot", "Dovecot imapd"], null, { spoof: ["Cyrus"] }),
      tcp("pop3", ["Dovecot", "Dovecot pop3d"], null, { at: 1, spoof: ["Cyrus"] }),
    ],
    (place) => dovecot(place, "mail.lab.test Cyrus IMAP 3.6.1 server ready"),
  ),
  daemon(
    "bind as unbound",
    "bind9",
    [null],
    [udp(["domain", "dns"], ["ISC BIND", "BIND"], null, { spoof: ["Unbound"] })],
    (place) => named(place, 'version "unbound 1.17.1";'),
  ),
  daemon(
    "bind as PowerDNS",
    "bind9",
    [null],
    [udp(["domain", "dns"], ["ISC BIND", "BIND"], null, { spoof: ["PowerDNS"] })],
    (place) => named(place, 'version "PowerDNS Authoritative Server 4.7.3";'),
  ),
  daemon(
    "unbound as BIND",
    "unbound",
    [null],
    [udp(["domain", "dns"], ["Unbound"], null, { spoof: ["BIND"] })],
    (place) => unbound(place, "9.18.24-1-Debian"),
  ),
  daemon(
    "unbound as dnsmasq",
    "unbound",
    [null],
    [
      udp(["domain", "dns"], ["Unbound"], null, { spoof: ["dnsmasq"] }),
      tcp(["domain", "dns"], ["Unbound"], null, { spoof: ["dnsmasq"] }),
    ],
    (place) => unbound(place, "dnsmasq-2.89"),
  ),
  daemon(
    "mariadb as MySQL",
    "mariadb-server-core",
    [null],
    [tcp("mysql", ["MariaDB"], null, { spoof: ["MySQL"] })],
    (place) => mariadb(place, "8.0.36-foo"),
  ),
  daemon(
    "paramiko as OpenSSH",
    "python3-paramiko",
    [null],
    [tcp("ssh", "paramiko", null, { spoof: ["OpenSSH"] })],
    (place) => paramiko(place, "SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.6"),
  ),
  daemon(
    "twisted as OpenSSH",
    "python3-twisted",
    [null],
    [tcp("ssh", ["Twisted Conch", "Twisted"], null, { spoof: ["OpenSSH"] })],
    (place) => conch(place, "SSH-2.0-OpenSSH_6.0p1 Debian-4+deb7u2"),
  ),
  daemon(
    "tomcat as nginx",
    "tomcat10",
    [null],
    [tcp(WEB, ["Apache Tomcat"], null, { spoof: ["nginx"] })],
    (place) => tomcat(place, ' server="nginx/1.24.0"'),
  ),
  daemon(
    "caddy as nginx",
    "caddy",
    [null],
    [tcp(WEB, ["Caddy httpd", "Caddy", "Golang net/http server"], null, { spoof: ["nginx"] })],
    (place) => caddy(place, "header Server nginx/1.24.0\n root * /var/www/html\n file_server"),
  ),
  daemon(
    "postfix as Exchange",
    "postfix",
    [null],
    [tcp("smtp", ["Postfix smtpd", "Postfix"], null, { spoof: ["Microsoft", "Exchange"] })],
    (place) =>
      postfix(
        place,
        "smtpd_banner = mail.lab.test Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2024 10:00:00 +0000\n",
      ),
  ),
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
];
