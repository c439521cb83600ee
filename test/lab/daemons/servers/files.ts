/** Servers of files: FTP, rsync, SMB; each with lines of its own in the configuration. */
import { mkdirSync } from "node:fs";
import { type Command, EXTRACTED, type Place, write } from "../../daemon.ts";
import { shell, withRun } from "../wide/entry.ts";

/** `banner`: its greeting, where it is not vsftpd's own. */
export function vsftpd(place: Place, banner: string | null, more = ""): Command {
  const empty = `${place.directory}/empty`;
  mkdirSync(empty, { mode: 0o555 });
  const config = `listen=YES
listen_address=127.0.0.1
listen_port=${place.ports[0]}
background=NO
anonymous_enable=YES
anon_root=${empty}
secure_chroot_dir=${empty}
${banner === null ? "" : `ftpd_banner=${banner}\n`}${more}`;
  return shell(`exec /usr/sbin/vsftpd ${write(place, "vsftpd.conf", config)}`);
}
export const vsftpdTls = ({ certificate, privateKey }: Place): string =>
  `ssl_enable=YES\nrsa_cert_file=${certificate}\nrsa_private_key_file=${privateKey}\n`;

/** `ident`: the argument of its ServerIdent. */
export const proftpd = (place: Place, ident: string, more = ""): Command =>
  shell(
    `exec ${EXTRACTED}/proftpd-core/usr/sbin/proftpd -n -c ${write(
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
ServerIdent ${ident}
ModulePath ${EXTRACTED}/proftpd-mod-crypto/usr/lib/proftpd
${more}`,
    )}`,
  );

export const pureFtpd = ({ ports }: Place, more = ""): Command =>
  shell(`exec ${EXTRACTED}/pure-ftpd/usr/sbin/pure-ftpd -S 127.0.0.1,${ports[0]} -g $PWD/pid ${more}`);
export const renamedPureFtpd = (place: Place, banner: string): Command =>
  pureFtpd(place, `-F ${write(place, "banner", `${banner}\n`)} -E`);

/** `more`: lines of its configuration. */
export const rsyncd = (place: Place, more = ""): Command =>
  shell(
    `exec /usr/bin/rsync --daemon --no-detach --config=${write(place, "rsyncd.conf", `use chroot = no\nlog file = /dev/stderr\n${more}`)} --address=127.0.0.1 --port=${place.ports[0]}`,
  );

/** `more`: lines of its section [global]. */
export const smbd = ({ ports }: Place, more: string): Command =>
  withRun(`mkdir -p p l s c n
cat > smb.conf <<X
[global]
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = ${ports.join(" ")}
private dir = $PWD/p
lock directory = $PWD/l
state directory = $PWD/s
cache directory = $PWD/c
pid directory = $PWD
ncalrpc dir = $PWD/n
log file = $PWD/log
disable spoolss = yes
${more}
X
exec /usr/sbin/smbd -F --no-process-group -s $PWD/smb.conf`);

/** The TFTP server of tftp-hpa. */
export const tftpd = ({ ports }: Place): Command =>
  shell(`mkdir t; exec /usr/sbin/in.tftpd -4 -L -u nobody -s -a :${ports[0]} $PWD/t`);
