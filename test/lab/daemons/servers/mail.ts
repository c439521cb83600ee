/** Mail servers, each with lines of its own in the configuration. */
import { mkdirSync } from "node:fs";
import { type Command, EXTRACTED, type Place, write } from "../../daemon.ts";
import { shell } from "../wide/entry.ts";
import { python3 } from "./languages.ts";

/** `main`: lines of main.cf; `services`: of master.cf. */
export function postfix(
  place: Place,
  main = "",
  services = `127.0.0.1:${place.ports[0]} inet n - n - - smtpd\n`,
): Command {
  const { directory } = place;
  mkdirSync(`${directory}/etc`);
  mkdirSync(`${directory}/queue`);
  write(
    place,
    "etc/main.cf",
    `compatibility_level = 3.6
config_directory = ${directory}/etc
queue_directory = ${directory}/queue
data_directory = ${directory}/data
maillog_file = ${directory}/log
maillog_file_prefixes = ${directory}
myhostname = mail.lab.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
smtputf8_enable = no
${main}`,
  );
  write(
    place,
    "etc/master.cf",
    `${services}postlog unix-dgram n - n - 1 postlogd
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
`,
  );
  place.prepare(["chown", "postfix", "--", directory]);
  place.prepare(["install", "-d", "-o", "postfix", `${directory}/data`]);
  place.prepare(["postfix", "-c", `${directory}/etc`, "check"]);
  return shell(`exec /usr/lib/postfix/sbin/master -c ${directory}/etc -s`);
}
/** A postfix that greets so. */
export const postfixSays = (place: Place, banner: string, more = ""): Command =>
  postfix(place, `smtpd_banner = ${banner}\n${more}`);
export const postfixTls = ({ certificate, privateKey }: Place): string =>
  `smtpd_tls_cert_file = ${certificate}\nsmtpd_tls_key_file = ${privateKey}\n`;

/** `banner`: its greeting, where it is not Exim's own. */
export function exim(place: Place, banner: string | null, more = ""): Command {
  const { directory, ports } = place;
  const config = write(
    place,
    "exim.conf",
    `spool_directory = ${directory}/spool
log_file_path = ${directory}/log-%s
pid_file_path = ${directory}/pid
exim_user = mail
exim_group = mail
never_users = root
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${ports[0]}
keep_environment =
tls_advertise_hosts =
host_lookup =
primary_hostname = mail.lab.test
${banner === null ? "" : `smtp_banner = ${banner}\n`}${more}`,
  );
  place.prepare(["chown", "mail:mail", directory]);
  return shell(`exec ${EXTRACTED}/exim4-daemon-light/usr/sbin/exim4 -C ${config} -bdf`);
}
/** The lines for TLS, with copies of the certificate that Exim's user may read. */
export function eximTls(place: Place): string {
  const copies = `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chmod 644 c.pem k.pem`;
  place.prepare(["sh", "-c", copies]);
  return `tls_certificate = ${place.directory}/c.pem\ntls_privatekey = ${place.directory}/k.pem\n`;
}

/** Dovecot with the services that `more` writes. */
export const dovecot = (place: Place, more: string): Command => {
  const { directory } = place;
  const config = `base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${directory}/log
listen = 127.0.0.1
ssl = no
mail_location = maildir:${directory}/mail
passdb {
  driver = static
  args = nopassword=y
}
service stats {
  chroot =
}
${more}`;
  return shell(`exec /usr/sbin/dovecot -F -c ${write(place, "dovecot.conf", config)}`);
};
/** One service that listens; `more`: of its listener. */
export const service = (name: string, listener: string, port: number | undefined, more = ""): string =>
  `service ${name} {\n  inet_listener ${listener} {\n    port = ${port}\n${more}  }\n}\n`;
/** The same for mailboxes, with this protocol on and its listener of TLS off. */
export const login = (protocol: "imap" | "pop3", port: number | undefined, more = ""): string =>
  `service ${protocol}-login {\n  inet_listener ${protocol} {\n    port = ${port}\n${more}  }\n  inet_listener ${protocol}s {\n    port = 0\n  }\n}\n`;
/** The lines for TLS and one listener that speaks nothing else. */
export const loginTls = (protocol: "imap" | "pop3", { certificate, privateKey, ports }: Place): string =>
  `ssl = required\nssl_cert = <${certificate}\nssl_key = <${privateKey}\nprotocols = ${protocol}\nservice ${protocol}-login {\n  inet_listener ${protocol} {\n    port = 0\n  }\n  inet_listener ${protocol}s {\n    port = ${ports[0]}\n    ssl = yes\n  }\n}\n`;
/** IMAP on the first port, POP3 on the second, greeted so. */
export const mailboxes = (place: Place, greeting: string): Command =>
  dovecot(
    place,
    `protocols = imap pop3\nlogin_greeting = ${greeting}\n${login("imap", place.ports[0])}${login("pop3", place.ports[1])}`,
  );

export const msmtpd = (port: number | undefined): Command =>
  shell(
    `exec ${EXTRACTED}/msmtp-mta/usr/bin/msmtpd --interface=127.0.0.1 --port=${port} --command=/bin/true`,
  );
/** aiosmtpd's LMTP, which calls itself so. */
export const lmtp = (port: number | undefined, ident: string): Command =>
  python3(`import asyncio
from aiosmtpd.lmtp import LMTP
from aiosmtpd.handlers import Sink
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: LMTP(Sink(), hostname="lab.test", ident="${ident}"), "127.0.0.1", ${port})
    await server.serve_forever()
asyncio.run(main())`);
