import { mkdirSync } from "node:fs";
import { type Command, type Daemon, type Door, type Place, write } from "../daemon.ts";

const door = (service: readonly string[], rest: Pick<Door, "product" | "version"> & Partial<Door>): Door => ({
  at: 0,
  transport: "tcp",
  tls: false,
  service,
  ...rest,
});
const DNS = ["domain", "dns"] as const;
const both = (rest: Pick<Door, "product" | "version">): Door[] => [
  door(DNS, rest),
  door(DNS, { transport: "udp", ...rest }),
];

/** Names, directories, time, management, chat. */
export const snmpd = (place: Place, config: string): Command => ({
  argv: [
    "/usr/sbin/snmpd",
    "-f",
    "-LE",
    "3",
    "-C",
    "-c",
    write(place, "snmpd.conf", `${config}\n`),
    "-I",
    "-smux",
    `udp:127.0.0.1:${place.ports[0]}`,
  ],
  env: { SNMP_PERSISTENT_DIR: place.directory, MIBS: "" },
});

/** `server`: further lines of that clause. */
export const unboundOf = (place: Place, server: string): Command => ({
  argv: [
    "/usr/sbin/unbound",
    "-d",
    "-c",
    write(
      place,
      "unbound.conf",
      `server:
  interface: 127.0.0.1@${place.ports[0]}
  num-threads: 1
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${place.directory}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
${server}remote-control:
  control-enable: no
`,
    ),
  ],
});

export const networkDaemons: Daemon[] = [
  {
    name: "bind9",
    package: "bind9",
    ports: [53],
    doors: both({ product: ["ISC BIND", "BIND"], version: "package" }),
    start(place) {
      const { directory, ports } = place;
      const config = write(
        place,
        "named.conf",
        `options {
  directory "${directory}";
  listen-on port ${ports[0]} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
};
controls { };
`,
      );
      return [{ argv: ["/usr/sbin/named", "-f", "-n", "1", "-c", config] }];
    },
  },
  {
    name: "dnsmasq",
    package: "dnsmasq-base",
    ports: [null],
    doors: both({ product: ["dnsmasq"], version: "package" }),
    start: ({ ports }) => [
      {
        argv: [
          "/usr/sbin/dnsmasq",
          "--keep-in-foreground",
          "--conf-file=/dev/null",
          "--listen-address=127.0.0.1",
          "--bind-interfaces",
          `--port=${ports[0]}`,
          "--no-resolv",
          "--no-hosts",
          "--user=root",
          "--pid-file",
        ],
      },
    ],
  },
  {
    name: "unbound",
    package: "unbound",
    ports: [null],
    doors: both({ product: ["Unbound"], version: "package" }),
    start: (place) => [unboundOf(place, "")],
  },
  {
    name: "slapd",
    package: "slapd",
    ports: [389],
    doors: [door(["ldap"], { product: ["OpenLDAP"], version: null })],
    start(place) {
      const { directory, ports } = place;
      mkdirSync(`${directory}/data`);
      const config = write(
        place,
        "slapd.conf",
        `include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${directory}/pid
argsfile ${directory}/args
database mdb
directory ${directory}/data
suffix "dc=lab,dc=test"
`,
      );
      return [{ argv: ["/usr/sbin/slapd", "-d", "0", "-h", `ldap://127.0.0.1:${ports[0]}`, "-f", config] }];
    },
  },
  {
    name: "ngircd",
    package: "ngircd",
    ports: [6667],
    // It gives its name and version only to a registered client (and its accent to one that speaks HTTP).
    doors: [door(["irc"], { product: ["ngircd"], productHidden: true, version: null })],
    start(place) {
      const config = write(
        place,
        "ngircd.conf",
        `[Global]
Name = irc.lab.test
Info = lab
AdminEMail = irc@lab.test
Listen = 127.0.0.1
Ports = ${place.ports[0]}
ServerUID = irc
ServerGID = irc
[Limits]
MaxConnectionsIP = 0
[Options]
DNS = no
Ident = no
PAM = no
`,
      );
      return [{ argv: ["/usr/sbin/ngircd", "-n", "-f", config] }];
    },
  },
  {
    name: "snmpd",
    package: "snmpd",
    ports: [161],
    // The engine id and sysObjectID carry Net-SNMP's enterprise number, 8072 (IANA).
    doors: [door(["snmp"], { transport: "udp", product: ["net-snmp", "Net-SNMP agent"], version: null })],
    start(place) {
      return [snmpd(place, "rocommunity public 127.0.0.1")];
    },
  },
  {
    name: "chrony",
    package: "chrony",
    ports: [null],
    doors: [
      door(["ntp"], { transport: "udp", product: ["chrony", "chronyd"], productHidden: true, version: null }),
    ],
    start(place) {
      const config = write(
        place,
        "chrony.conf",
        `port ${place.ports[0]}
bindaddress 127.0.0.1
allow 127.0.0.0/8
local stratum 10
cmdport 0
bindcmdaddress /
pidfile ${place.directory}/pid
user root
`,
      );
      return [{ argv: ["/usr/sbin/chronyd", "-d", "-x", "-L", "2", "-f", config] }];
    },
  },
  {
    name: "rpcbind",
    package: "rpcbind",
    ports: [111],
    needsOwnNetwork: true,
    doors: [
      door(["rpcbind", "sunrpc"], { product: ["rpcbind"], productHidden: true, version: null }),
      door(["rpcbind", "sunrpc"], {
        transport: "udp",
        product: ["rpcbind"],
        productHidden: true,
        version: null,
      }),
    ],
    start() {
      // A /run of its own: it keeps state and a lock there, and one that runs on this machine already must not matter.
      const own = "mount -t tmpfs tmpfs /run && mkdir /run/rpcbind && exec /usr/sbin/rpcbind -f -i";
      return [{ argv: ["/usr/bin/unshare", "--mount", "sh", "-c", own] }];
    },
  },
];
