import type { Daemon } from "../daemon.ts";
import { proftpd, pureFtpd, rsyncd, vsftpd } from "./servers/files.ts";
import { dropbear, sshd } from "./servers/shells.ts";
import { daemon, hidden, tcp } from "./wide/entry.ts";

/** Shells and file transfer. */
export const fileDaemons: Daemon[] = [
  daemon("openssh", "openssh-server", [22], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(place, "", "ed25519"),
  ),
  daemon("dropbear", "dropbear-bin", [null], [tcp("ssh", "Dropbear sshd", "package")], (place) =>
    dropbear(place),
  ),
  daemon("vsftpd", "vsftpd", [21], [tcp("ftp", "vsftpd", "package")], (place) => vsftpd(place, null)),
  daemon("proftpd", "proftpd-core", [null], [tcp("ftp", "ProFTPD")], (place) => proftpd(place, "on")),
  daemon("pure-ftpd", "pure-ftpd", [2121], [tcp("ftp", "Pure-FTPd")], (place) => pureFtpd(place)),
  // "@RSYNCD: 31.0" is the protocol's version.
  daemon("rsync", "rsync", [873], [hidden(tcp("rsync", null), "rsync")], (place) => rsyncd(place)),
];
