import { mkdirSync } from "node:fs";
import { type Command, type Daemon, type Door, EXTRACTED, type Place, write } from "../daemon.ts";

const door = (service: string, rest: Pick<Door, "product" | "version"> & Partial<Door>): Door => ({
  at: 0,
  transport: "tcp",
  tls: false,
  service: [service],
  ...rest,
});
const dovecot = { product: ["Dovecot", "Dovecot imapd", "Dovecot pop3d"], version: null } as const;

/** Postfix in a directory of its own; `more`: further lines of its main.cf. */
export function postfix(place: Place, more = ""): { argv: [string, ...string[]] } {
  const { directory, ports } = place;
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
${more}`,
  );
  write(
    place,
    "etc/master.cf",
    `127.0.0.1:${ports[0]} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
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
  return { argv: ["/usr/lib/postfix/sbin/master", "-c", `${directory}/etc`, "-s"] };
}

export const eximOf = (place: Place, more: string): Command => {
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
${more}`,
  );
  place.prepare(["chown", "mail:mail", directory]);
  return { argv: [`${EXTRACTED}/exim4-daemon-light/usr/sbin/exim4`, "-C", config, "-bdf"] };
};

export const mailDaemons: Daemon[] = [
  {
    name: "postfix",
    package: "postfix",
    ports: [25],
    doors: [door("smtp", { product: ["Postfix smtpd"], version: null })],
    start: (place) => [postfix(place)],
  },
  {
    name: "exim",
    package: "exim4-daemon-light",
    ports: [null],
    doors: [door("smtp", { product: ["Exim smtpd"], version: "package" })],
    start: (place) => [eximOf(place, "primary_hostname = exim.lab.test\n")],
  },
  {
    name: "dovecot",
    package: "dovecot-core",
    ports: [143, null, null, 995],
    doors: [
      door("imap", dovecot),
      door("imap", { at: 1, tls: true, service: ["imap", "imaps"], ...dovecot }),
      door("pop3", { at: 2, ...dovecot }),
      door("pop3", { at: 3, tls: true, service: ["pop3", "pop3s"], ...dovecot }),
    ],
    start(place) {
      const { directory, ports } = place;
      const config = write(
        place,
        "dovecot.conf",
        `base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${directory}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${place.certificate}
ssl_key = <${place.privateKey}
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
    port = ${ports[1]}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports[2]}
  }
  inet_listener pop3s {
    port = ${ports[3]}
    ssl = yes
  }
}
service stats {
  chroot =
}
`,
      );
      return [{ argv: ["/usr/sbin/dovecot", "-F", "-c", config] }];
    },
  },
];
