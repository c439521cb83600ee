import type { Daemon } from "../../daemon.ts";
import { dnsdist, dnsmasq, knot, nsd, pdns, recursor } from "../servers/names.ts";
import { both, daemon, HOME, hidden, OWN, shell, tcp, udp } from "./entry.ts";
import { DNS, KNOT, NSD, POWERDNS } from "./products.ts";

/** Name servers, resolvers, and who finds others by multicast. */
export const nameServers: Daemon[] = [
  daemon(
    "avahi",
    "avahi-daemon",
    [5353],
    [hidden(udp("mdns", null), ["Avahi", "avahi-daemon"])],
    () =>
      shell(`mount -t tmpfs tmpfs /run
printf '[server]\\nallow-interfaces=lo\\nuse-ipv6=no\\nenable-dbus=no\\n[publish]\\npublish-workstation=yes\\npublish-hinfo=yes\\n' > a.conf
exec avahi-daemon --no-drop-root --no-rlimits --no-chroot -f a.conf`),
    OWN,
  ),
  daemon("knot", "knot", [null], both(DNS, KNOT, "package"), (place) =>
    knot(place, `Knot DNS $(dpkg-query -W -f '\${Version}' knot | sed 's/-.*//')`),
  ),
  daemon("pdns", "pdns-server", [null], both(DNS, POWERDNS, "package"), (place) => pdns(place)),
  daemon("pdns-recursor", "pdns-recursor", [null], both(DNS, ["PowerDNS Recursor"], "package"), (place) =>
    recursor(place),
  ),
  daemon("nsd", "nsd", [null], both(DNS, NSD, "package"), (place) => nsd(place)),
  daemon(
    "dnsdist",
    "dnsdist",
    [null, null], // Its answers are those of the server behind it.
    both(DNS, ["dnsmasq"], null, { productHidden: true }),
    (place) => [dnsmasq(place.ports[1]), dnsdist(place, `newServer("127.0.0.1:${place.ports[1]}")\n`)],
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
  daemon(
    "iodined",
    "iodine",
    [5353],
    [hidden(udp(DNS, null, null, { unnamed: "it answers for its own domain alone" }), ["iodine", "iodined"])],
    ({ ports: [p] }) => shell(`exec /usr/sbin/iodined -f -c -P x -p ${p} -l 127.0.0.1 10.9.0.1 t.lab.test`),
    OWN,
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
  daemon("rbldnsd", "rbldnsd", [null], [udp(DNS, ["rbldnsd"], null)], ({ ports: [port] }) =>
    shell(`chmod 777 .
echo ':127.0.0.2:listed' > z
echo '127.0.0.2' >> z
exec /usr/sbin/rbldnsd -n -u nobody -w $PWD -b 127.0.0.1/${port} lab.test:ip4set:z`),
  ),
  daemon("gdnsd", "gdnsd", [null], both(DNS, ["gdnsd"]), ({ ports: [port] }) =>
    shell(`mkdir -p c/zones run state
printf 'options => { listen => 127.0.0.1:${port}, run_dir => %s/run, state_dir => %s/state, acme_challenge_ttl => 600 }\\n' $PWD $PWD > c/config
exec /usr/sbin/gdnsd -c $PWD/c start`),
  ),
  daemon(
    "knot-resolver",
    "knot-resolver",
    [null],
    [hidden(tcp(DNS, null), ["Knot Resolver"]), hidden(udp(DNS, null), ["Knot Resolver"])],
    ({ ports: [port] }) =>
      shell(`printf "net.listen('127.0.0.1', ${port}, { kind = 'dns' })\\ncache.size = 10*MB\\n" > k.conf
exec /usr/sbin/kresd -n -c $PWD/k.conf $PWD`),
  ),
  daemon(
    "stubby",
    "stubby",
    [null],
    [hidden(udp(DNS, null), ["Stubby"]), hidden(tcp(DNS, null), ["Stubby"])],
    ({ ports: [port] }) =>
      shell(
        `sed 's/127.0.0.1$/127.0.0.1@${port}/; /0::1/d' /etc/stubby/stubby.yml > s.yml
exec /usr/bin/stubby -C s.yml`,
        HOME,
      ),
  ),
  daemon(
    "wsdd2",
    "wsdd2",
    [3702],
    [hidden(udp(["ws-discovery", "wsd"], null), ["wsdd2"])],
    () => shell("exec wsdd2 -4 -i lo -H lab"),
    OWN,
  ),
  daemon(
    "llmnrd",
    "llmnrd",
    [5355],
    [
      hidden(
        udp("llmnr", null, null, { unnamed: "datagrams to it alone are ignored (RFC 4795, section 2.4)" }),
        ["llmnrd"],
      ),
    ],
    () => shell("exec llmnrd -H lab -i lo"),
    OWN,
  ),
  daemon(
    "tinydns",
    "tinydns",
    [53],
    [
      udp(DNS, ["tinydns", "djbdns", "TinyDNS", "djbdns tinydns"], null, {
        productHidden: true,
      }),
    ],
    ({ directory }) =>
      shell(`mkdir root; cd root; printf '.lab.test:127.0.0.1:a\\n=www.lab.test:10.0.0.1\\n' > data; tinydns-data
export ROOT=${directory}/root IP=127.0.0.1 UID=65534 GID=65534
exec tinydns`),
    OWN,
  ),
];
