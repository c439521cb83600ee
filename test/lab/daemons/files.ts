import { mkdirSync } from "node:fs";
import { type Command, type Daemon, type Door, EXTRACTED, type Place, write } from "../daemon.ts";

const door = (service: string, rest: Pick<Door, "product" | "version" | "productHidden">): Door => ({
  at: 0,
  transport: "tcp",
  tls: false,
  service: [service],
  ...rest,
});

/** Shells and file transfer. */
export const proftpdOf = (place: Place, more: string): Command => ({
  argv: [
    `${EXTRACTED}/proftpd-core/usr/sbin/proftpd`,
    "-n",
    "-c",
    write(
      place,
      "proftpd.conf",
      `ServerName "Debian"
ServerType standalone
UseIPv6 off
DefaultAddress 127.0.0.1
SocketBindTight on
Port ${place.ports[0]}
PidFile ${place.directory}/pid
ScoreboardFile ${place.directory}/scoreboard
SystemLog ${place.directory}/log
WtmpLog off
DelayEngine off
AuthOrder mod_auth_unix.c
User nobody
Group nogroup
${more}`,
    ),
  ],
});

export const fileDaemons: Daemon[] = [
  {
    name: "openssh",
    package: "openssh-server",
    ports: [22],
    doors: [door("ssh", { product: ["OpenSSH"], version: "package" })],
    start(place) {
      const key = `${place.directory}/key`;
      place.prepare(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
      // Compiled into Debian's sshd as the directory it locks itself into before a login.
      mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
      const config = write(
        place,
        "sshd_config",
        `ListenAddress 127.0.0.1:${place.ports[0]}\nHostKey ${key}\nPidFile none\nUsePAM no\n`,
      );
      return [{ argv: ["/usr/sbin/sshd", "-D", "-e", "-f", config] }];
    },
  },
  {
    name: "dropbear",
    package: "dropbear-bin",
    ports: [null],
    doors: [door("ssh", { product: ["Dropbear sshd"], version: "package" })],
    start(place) {
      const key = `${place.directory}/key`;
      place.prepare(["dropbearkey", "-t", "ed25519", "-f", key]);
      const pid = `${place.directory}/pid`;
      const listen = `127.0.0.1:${place.ports[0]}`;
      return [{ argv: ["/usr/sbin/dropbear", "-F", "-E", "-p", listen, "-r", key, "-P", pid] }];
    },
  },
  {
    name: "vsftpd",
    package: "vsftpd",
    ports: [21],
    doors: [door("ftp", { product: ["vsftpd"], version: "package" })],
    start(place) {
      mkdirSync(`${place.directory}/empty`, { mode: 0o555 });
      const config = write(
        place,
        "vsftpd.conf",
        `listen=YES
listen_address=127.0.0.1
listen_port=${place.ports[0]}
background=NO
anonymous_enable=YES
anon_root=${place.directory}/empty
secure_chroot_dir=${place.directory}/empty
`,
      );
      return [{ argv: ["/usr/sbin/vsftpd", config] }];
    },
  },
  {
    name: "proftpd",
    package: "proftpd-core",
    ports: [null],
    doors: [door("ftp", { product: ["ProFTPD"], version: null })],
    start: (place) => [proftpdOf(place, "")],
  },
  {
    name: "pure-ftpd",
    package: "pure-ftpd",
    ports: [2121],
    doors: [door("ftp", { product: ["Pure-FTPd"], version: null })],
    start({ directory, ports }) {
      const binary = `${EXTRACTED}/pure-ftpd/usr/sbin/pure-ftpd`;
      return [{ argv: [binary, "-S", `127.0.0.1,${ports[0]}`, "-g", `${directory}/pid`] }];
    },
  },
  {
    name: "rsync",
    package: "rsync",
    ports: [873],
    // "@RSYNCD: 31.0" is the protocol's version.
    doors: [door("rsync", { product: ["rsync"], productHidden: true, version: null })],
    start(place) {
      const config = write(place, "rsyncd.conf", "use chroot = no\n");
      const listen = ["--address=127.0.0.1", `--port=${place.ports[0]}`];
      const log = `--log-file=${place.directory}/log`;
      return [{ argv: ["/usr/bin/rsync", "--daemon", "--no-detach", `--config=${config}`, log, ...listen] }];
    },
  },
];
