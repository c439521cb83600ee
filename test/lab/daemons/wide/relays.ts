import type { Daemon } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp, udp } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;
const DNS = ["domain", "dns"] as const;
const webfs = (p: number | undefined) => shell(`exec /usr/bin/webfsd -F -p ${p} -i 127.0.0.1 -r $PWD`);

/** Resolvers, relays, proxies, and servers that keep to themselves. */
export const relayDaemons: Daemon[] = [
  daemon("rbldnsd", "rbldnsd", [null], [udp(DNS, ["rbldnsd"], null)], ({ ports: [port] }) =>
    shell(`chmod 777 .
echo ':127.0.0.2:listed' > z
echo '127.0.0.2' >> z
exec /usr/sbin/rbldnsd -n -u nobody -w $PWD -b 127.0.0.1/${port} lab.test:ip4set:z`),
  ),
  daemon("gdnsd", "gdnsd", [null], [tcp(DNS, ["gdnsd"]), udp(DNS, ["gdnsd"])], ({ ports: [port] }) =>
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
  daemon("rinetd", "webfs", [null, null], [tcp(WEB, ["webfs", "webfsd"], "package")], ({ ports: [p, q] }) => [
    webfs(q),
    shell(`echo '127.0.0.1 ${p} 127.0.0.1 ${q}' > r.conf\nexec /usr/sbin/rinetd -f -c r.conf`),
  ]),
  daemon(
    "redir",
    "openssh-server",
    [null, null],
    [tcp("ssh", ["OpenSSH"], "package")],
    ({ ports: [p, q] }) => [
      shell(
        `ssh-keygen -q -t ed25519 -N "" -f key\nmkdir -p /run/sshd\nexec /usr/sbin/sshd -D -e -f /dev/null -o ListenAddress=127.0.0.1:${q} -o HostKey=$PWD/key -o PidFile=none`,
      ),
      shell(`exec /usr/bin/redir -n 127.0.0.1:${p} 127.0.0.1:${q}`),
    ],
  ),
  daemon("pen", "webfs", [null, null], [tcp(WEB, ["webfs", "webfsd"], "package")], ({ ports: [p, q] }) => [
    webfs(q),
    shell(`exec /usr/bin/pen -f 127.0.0.1:${p} 127.0.0.1:${q}`),
  ]),
  daemon("ziproxy", "ziproxy", [null], [tcp(WEB, ["Ziproxy"])], ({ ports: [p] }) =>
    shell(
      `printf 'Port = ${p}\\nAddress = "127.0.0.1"\\n' > z.conf\n/usr/bin/ziproxy -d -c $PWD/z.conf\nsleep 1000`,
    ),
  ),
  daemon(
    "ss-local",
    "shadowsocks-libev",
    [1081],
    [hidden(tcp(["socks5", "socks"], null), ["shadowsocks-libev"])],
    ({ ports: [p] }) =>
      shell(`exec /usr/bin/ss-local -s 127.0.0.1 -p 9 -l ${p} -b 127.0.0.1 -k x -m aes-256-gcm`),
  ),
  daemon(
    "v2ray",
    "v2ray",
    [null, null],
    [hidden(tcp(["socks5", "socks"], null), ["V2Ray"]), hidden(tcp(WEB, null, null, { at: 1 }), ["V2Ray"])],
    ({ ports: [p, q] }) =>
      shell(
        `echo '{"inbounds":[{"port":${p},"listen":"127.0.0.1","protocol":"socks"},{"port":${q},"listen":"127.0.0.1","protocol":"http"}],"outbounds":[{"protocol":"freedom"}]}' > c.json\nexec /usr/bin/v2ray -config c.json`,
      ),
  ),
  daemon(
    "trojan",
    "webfs",
    [null, null],
    [tcp([...WEB, "https"], ["webfs", "webfsd"], "package", { tls: true })],
    ({ ports: [p, q], certificate, privateKey }) => [
      webfs(q),
      shell(
        `echo '{"run_type":"server","local_addr":"127.0.0.1","local_port":${p},"remote_addr":"127.0.0.1","remote_port":${q},"password":["x"],"ssl":{"cert":"${certificate}","key":"${privateKey}"}}' > c.json\nexec /usr/bin/trojan c.json`,
      ),
    ],
  ),
  daemon(
    "pptpd",
    "pptpd",
    [1723],
    [hidden(tcp("pptp", null), ["PoPToP", "pptpd", "linux", "Poptop"])],
    ({ ports: [_p] }) =>
      shell(
        `printf 'option /dev/null\\nlocalip 192.168.99.1\\nremoteip 192.168.99.2-9\\n' > p.conf\nexec /usr/sbin/pptpd -f -c p.conf -l 127.0.0.1 -p $PWD/pid`,
      ),
  ),
  daemon("istgt", "istgt", [3260], [hidden(tcp("iscsi", null), ["istgt"])], ({ ports: [p] }) =>
    shell(
      `touch auth\nprintf '[Global]\\n NodeBase "iqn.2026-01.test.lab"\\n PidFile %s/pid\\n AuthFile %s/auth\\n[UnitControl]\\n AuthMethod Auto\\n Portal UC1 127.0.0.1:23261\\n Netmask 127.0.0.1\\n[PortalGroup1]\\n Portal DA1 127.0.0.1:${p}\\n[InitiatorGroup1]\\n InitiatorName "ALL"\\n Netmask 127.0.0.1/8\\n[LogicalUnit1]\\n TargetName t\\n Mapping PortalGroup1 InitiatorGroup1\\n UnitType Disk\\n LUN0 Storage %s/disk 10MB\\n' $PWD $PWD $PWD > i.conf\nexec /usr/sbin/istgt -D -c i.conf`,
    ),
  ),
  daemon(
    "opentracker",
    "opentracker",
    [6969],
    [hidden(tcp([...WEB, "acmsoda", "bittorrent-tracker"], null), ["opentracker"])],
    ({ ports: [p] }) =>
      shell(`chmod 777 .\nexec /usr/bin/opentracker -i 127.0.0.1 -p ${p} -d $PWD -u nobody`),
  ),
  daemon(
    "memcached udp",
    "memcached",
    [null],
    [udp(["memcached", "memcache"], ["Memcached"], "package")],
    ({ ports: [p] }) => shell(`exec /usr/bin/memcached -u nobody -l 127.0.0.1 -p 0 -U ${p}`),
  ),
  daemon(
    "redis protected",
    "redis-server",
    [null],
    [tcp("redis", ["Redis key-value store", "Redis"])],
    ({ ports: [p] }) =>
      shell(`exec /usr/bin/redis-server --bind 127.0.0.1 --port ${p} --save "" --requirepass secret`),
  ),
  daemon(
    "mosquitto closed",
    "mosquitto",
    [null],
    [hidden(tcp("mqtt", null), ["Mosquitto", "Eclipse Mosquitto"])],
    ({ ports: [p] }) =>
      shell(
        `printf 'listener ${p} 127.0.0.1\\nallow_anonymous false\\nuser nobody\\n' > m.conf\nexec /usr/sbin/mosquitto -c m.conf`,
      ),
  ),
  daemon(
    "nginx tls odd",
    "nginx-light",
    [null],
    [tcp([...WEB, "https"], ["nginx"], "package", { tls: true })],
    ({ ports: [p], certificate, privateKey }) =>
      shell(
        `printf 'daemon off; pid %s/pid; error_log %s/log; events {} http { access_log off; server { listen 127.0.0.1:${p} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${privateKey}; return 301 /app/; } }' $PWD $PWD > n.conf\nexec /usr/sbin/nginx -p $PWD -c $PWD/n.conf -e $PWD/log`,
      ),
  ),
];
