import { type Daemon, write } from "../../daemon.ts";
import { proftpd, renamedPureFtpd, rsyncd, smbd, vsftpd, vsftpdTls } from "../servers/files.ts";
import { python3 } from "../servers/languages.ts";
import { behind, passingTls, socat, socatTls, stunnel } from "../servers/proxies.ts";
import { dropbear, sshd } from "../servers/shells.ts";
import { daemon, HOME, hidden, shell, TLS, tcp } from "./entry.ts";
import { DROPBEAR, SAMBA, SMB } from "./products.ts";

/** Servers of files and shells as their operators close them. */
export const closedFiles: Daemon[] = [
  daemon("smbd of yore", "samba", [139], [tcp(SMB, SAMBA)], (place) =>
    smbd(place, "server min protocol = NT1\nlanman auth = yes\nntlm auth = yes\nserver string = %h"),
  ),
  daemon("smbd of version 1 alone", "samba", [445], [hidden(tcp(SMB, null), SAMBA)], (place) =>
    smbd(place, "server max protocol = NT1\nserver min protocol = LANMAN1"),
  ),
  daemon("samba signed and sealed", "samba", [null], [tcp(["microsoft-ds", "netbios-ssn"], SAMBA)], (place) =>
    smbd(
      place,
      "workgroup = CORP\nserver string = Windows Server 2019\nnetbios name = DC01\nserver min protocol = SMB3_11\nserver signing = mandatory\nserver smb encrypt = required\nrestrict anonymous = 2",
    ),
  ),
  daemon(
    "rsync in stunnel with a password",
    "rsync",
    [null, null],
    [tcp("rsync", ["rsync", "rsyncd"], null, { tls: true, productHidden: true })],
    (place) => [
      stunnel(place),
      rsyncd(behind(place), "list = no\n[x]\npath = /tmp\nauth users = a\nsecrets file = /dev/null\n"),
    ],
  ),
  daemon("rsync with a motd", "rsync", [8730], [tcp("rsync", "rsync")], (place) =>
    rsyncd(
      place,
      `motd file = ${write(place, "motd", "Willkommen auf dem Spiegel der Universität\nmax. 10 connections\n")}\n[pub]\npath = /var/empty\n`,
    ),
  ),
  daemon("rsync denies", "rsync", [null], [hidden(tcp("rsync", null), "rsync")], (place) =>
    rsyncd(
      place,
      `motd file = ${write(place, "motd", "SSH-2.0-OpenSSH_9.2p1\n")}\n[x]\npath = /var/empty\nhosts deny = *\n`,
    ),
  ),
  daemon(
    "git in stunnel",
    "git",
    [null, null],
    [hidden(tcp("git", null, null, TLS), ["git daemon", "git"])],
    (place) => [
      stunnel(place),
      shell(
        `mkdir e; exec git daemon --listen=127.0.0.1 --port=${place.ports[1]} --base-path=$PWD/e --informative-errors`,
        HOME,
      ),
    ],
  ),
  daemon("vsftpd in French", "vsftpd", [null], [tcp("ftp", "vsftpd")], (place) =>
    vsftpd(place, "Bienvenue sur notre serveur", "anonymous_enable=NO\nlocal_enable=YES\n"),
  ),
  daemon("vsftpd in tls", "vsftpd", [null], [tcp(["ftp", "ftps"], "vsftpd", null, TLS)], (place) =>
    vsftpd(place, "Welcome", `${vsftpdTls(place)}implicit_ssl=YES\nrequire_ssl_reuse=NO\n`),
  ),
  daemon("vsftpd wants TLS", "vsftpd", [null], [tcp("ftp", "vsftpd")], (place) =>
    vsftpd(
      place,
      "FTP server ready.",
      `${vsftpdTls(place)}force_local_logins_ssl=YES\nforce_anon_logins_ssl=YES\nallow_anon_ssl=NO\n`,
    ),
  ),
  daemon(
    "proftpd ready in stunnel",
    "proftpd-core",
    [null, null],
    [tcp(["ftp", "ftps"], "ProFTPD", null, TLS)],
    (place) => [stunnel(place), proftpd(behind(place), 'on "FTP Server ready"', "DeferWelcome on\n")],
  ),
  daemon("proftpd without ident", "proftpd-core", [null], [tcp("ftp", "ProFTPD")], (place) =>
    proftpd(place, "off"),
  ),
  daemon("proftpd wants TLS", "proftpd-core", [null], [tcp("ftp", "ProFTPD")], (place) =>
    proftpd(
      place,
      'on "FTP"',
      `LoadModule mod_tls.c\nTLSEngine on\nTLSRequired on\nTLSRSACertificateFile ${place.certificate}\nTLSRSACertificateKeyFile ${place.privateKey}\n`,
    ),
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
        `LoadModule mod_sftp.c\nSFTPEngine on\nSFTPHostKey ${place.directory}/key\n`,
      );
    },
  ),
  daemon(
    "pyftpdlib by TLS in its own words",
    "python3-pyftpdlib",
    [null],
    [tcp("ftp", ["pyftpdlib"])],
    (place) =>
      python3(`from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer
class H(TLS_FTPHandler): pass
open("both.pem", "w").write(open("${place.certificate}").read() + open("${place.privateKey}").read())
H.certfile = "both.pem"; H.banner = "FTP ready"; H.authorizer = DummyAuthorizer(); H.tls_control_required = True
FTPServer(("127.0.0.1", ${place.ports[0]}), H).serve_forever()`),
  ),
  daemon(
    "twisted ftp in haproxy's TLS",
    "python3-twisted",
    [null, null],
    [tcp(["ftp", "ftps"], ["Twisted ftpd", "Twisted FTP", "Twisted"], "package", TLS)],
    (place) => [
      passingTls(place),
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
    (place) => [socatTls(place), sshd(behind(place))],
  ),
  daemon("openssh quiet", "openssh-server", [null], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(place, "-o DebianBanner=no", "ed25519"),
  ),
  daemon("sshd with an addendum", "openssh-server", [null], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(
      place,
      '-o "VersionAddendum=FreeBSD-20240806" -o KexAlgorithms=diffie-hellman-group14-sha256 -o Ciphers=aes256-ctr -o MACs=hmac-sha2-512',
    ),
  ),
  daemon("sshd hardened", "openssh-server", [2222], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(
      place,
      "-o DebianBanner=no -o KexAlgorithms=curve25519-sha256 -o Ciphers=chacha20-poly1305@openssh.com -o MaxStartups=2:100:2 -o LoginGraceTime=5",
    ),
  ),
  daemon(
    "dropbear through nowhere but keys",
    "dropbear-bin",
    [null, null],
    [tcp("ssh", DROPBEAR, "package", TLS)],
    (place) => [stunnel(place), dropbear(behind(place), "-s -g -j -k")],
  ),
  daemon("pure-ftpd with its own words", "pure-ftpd", [null], [tcp("ftp", ["Pure-FTPd"])], (place) =>
    renamedPureFtpd(place, "Authorized users only."),
  ),
  daemon(
    "telnetd without a host line",
    "inetutils-telnetd",
    [null],
    [hidden(tcp("telnet", null), ["GNU Inetutils telnetd", "Linux telnetd", "telnetd"])],
    ({ ports }) => socat(ports[0], `EXEC:/usr/sbin/telnetd -h -E /bin/cat`),
  ),
];
