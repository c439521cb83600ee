import type { Daemon } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, udp } from "./entry.ts";

const DNS = ["domain", "dns"] as const;

/** Name servers, games, and peers that hear datagrams, most on ports where nobody would look for them. */
export const packetDaemons: Daemon[] = [
  daemon(
    "chocolate-server",
    "chocolate-doom",
    [2342],
    [udp(["chocolate-doom", "doom"], ["Chocolate Doom"])],
    ({ ports: [p] }) => shell(`exec /usr/games/chocolate-server -port ${p} -privateserver`, HOME),
    { needsOwnNetwork: true },
  ),
  daemon(
    "jamulus",
    "jamulus",
    [22124],
    [udp("jamulus", ["Jamulus"], "package")],
    ({ ports: [p] }) => shell(`exec Jamulus -s -n -p ${p}`, { ...HOME, QT_QPA_PLATFORM: "offscreen" }),
    { needsOwnNetwork: true },
  ),
  daemon("yadifa", "yadifa", [null], [udp(DNS, ["YADIFA"])], ({ ports: [p] }) =>
    shell(
      `mkdir z l k x; printf '<main>\\n daemonize off\\n port ${p}\\n listen 127.0.0.1\\n datapath %s/z\\n logpath %s/l\\n keyspath %s/k\\n xfrpath %s/x\\n pidfile %s/pid\\n user root\\n group root\\n</main>\\n' $PWD $PWD $PWD $PWD $PWD > y.conf\nexec yadifad -c $PWD/y.conf`,
    ),
  ),
  daemon("dns2tcpd", "dns2tcp", [null], [hidden(udp(DNS, null), ["dns2tcp", "dns2tcpd"])], ({ ports: [p] }) =>
    shell(
      `printf 'listen = 127.0.0.1\\nport = ${p}\\nuser = nobody\\nchroot = /tmp\\ndomain = lab.test\\nresources = ssh:127.0.0.1:22\\n' > d.conf\nexec dns2tcpd -F -d 1 -f d.conf`,
    ),
  ),
  daemon("dnss", "dnss", [null], [hidden(udp(DNS, null), ["dnss"])], ({ ports: [p] }) =>
    shell(
      `exec dnss -enable_dns_to_https -dns_listen_addr=127.0.0.1:${p} -https_upstream=https://127.0.0.1:9/dns-query`,
    ),
  ),
  daemon(
    "Net::DNS::Nameserver",
    "libnet-dns-perl",
    [null],
    [hidden(udp(DNS, null), ["Net::DNS", "Net::DNS::Nameserver"])],
    ({ ports: [p] }) =>
      shell(
        `exec perl -MNet::DNS::Nameserver -e 'Net::DNS::Nameserver->new(LocalAddr=>["127.0.0.1"],LocalPort=>${p},ReplyHandler=>sub{("NXDOMAIN",[],[],[],{aa=>1})})->main_loop'`,
      ),
  ),
  daemon(
    "twisted dns",
    "python3-twisted",
    [null],
    [hidden(udp(DNS, null), ["Twisted", "Twisted Names"])],
    ({ ports: [p] }) => shell(`exec twistd3 -n --pidfile= dns -i 127.0.0.1 -p ${p} --recursive`),
  ),
  daemon(
    "smartdns",
    "smartdns",
    [null],
    [hidden(udp(DNS, null), ["SmartDNS", "smartdns"])],
    ({ ports: [p] }) =>
      shell(
        `printf 'bind 127.0.0.1:${p}\\nserver 127.0.0.1:9\\ncache-size 10\\nlog-file %s/l\\n' $PWD > s.conf\nexec smartdns -f -c s.conf -p $PWD/pid`,
      ),
  ),
  daemon(
    "opentracker udp",
    "opentracker",
    [null],
    [hidden(udp(["bittorrent-tracker", "bittorrent-udp-tracker", "acmsoda"], null), ["opentracker"])],
    ({ ports: [p] }) =>
      shell(`chmod 777 .\nexec /usr/bin/opentracker -i 127.0.0.1 -P ${p} -p ${p} -d $PWD -u nobody`),
  ),
  daemon(
    "transmission dht",
    "transmission-daemon",
    [null, null],
    [hidden(udp(["bittorrent-dht", "dht", "bittorrent"], null), ["Transmission"])],
    ({ ports: [p, q] }) =>
      shell(`exec transmission-daemon -f -g $PWD -w $PWD --dht -P ${p} -p ${q} -i 127.0.0.1 --no-portmap`, {
        HOME: "/tmp",
      }),
    { needsOwnNetwork: true },
  ),
  daemon(
    "teeworlds",
    "teeworlds-server",
    [8303],
    [udp("teeworlds", ["Teeworlds"], "package")],
    ({ ports: [p] }) =>
      shell(
        `exec setpriv --reuid nobody --regid nogroup --clear-groups /usr/games/teeworlds-server "sv_port ${p}; bindaddr 127.0.0.1; sv_register 0"`,
        HOME,
      ),
  ),
  daemon(
    "osmo-ggsn",
    "osmo-ggsn",
    [2123],
    [hidden(udp(["gtp", "gtp-control", "gtpc"], null), ["OsmoGGSN"])],
    () =>
      shell(
        `printf 'line vty\\n no login\\n bind 127.0.0.9\\nctrl\\n bind 127.0.0.9\\nggsn ggsn0\\n gtp state-dir %s\\n gtp bind-ip 127.0.0.1\\n apn internet\\n  gtpu-mode tun\\n  tun-device tun9\\n  type-support v4\\n  ip prefix dynamic 172.16.222.0/24\\n  ip ifconfig 172.16.222.0/24\\n  no shutdown\\n default-apn internet\\n no shutdown ggsn\\n' $PWD > g.cfg\nexec osmo-ggsn -c g.cfg`,
      ),
    { needsOwnNetwork: true },
  ),
];
