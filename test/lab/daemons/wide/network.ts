import { type Daemon, write } from "../../daemon.ts";
import { charon, openvpn } from "../servers/network.ts";
import { caddyTls } from "../servers/web.ts";
import { daemon, HOME, hidden, OWN, shell, tcp, udp, withRun } from "./entry.ts";
import { SILENT, SOCKS, WEB } from "./products.ts";

/** Tunnels, anonymity and routing. */
export const network: Daemon[] = [
  daemon(
    "transit relay",
    "magic-wormhole-transit-relay",
    [4001],
    [
      tcp(
        ["magic-wormhole-transit", "wormhole", "unknown"],
        ["Magic Wormhole", "magic-wormhole-transit-relay"],
        null,
      ),
    ],
    ({ ports }) =>
      shell(
        `exec twist3 transitrelay --port=tcp:${ports[0]}:interface=127.0.0.1 || exec twistd3 -n --pidfile= transitrelay --port=tcp:${ports[0]}:interface=127.0.0.1`,
        HOME,
      ),
  ),
  daemon(
    "tinc",
    "tinc",
    [655],
    [hidden(tcp(["tinc", "tinc-vpn", "unknown"], null), ["tinc"])],
    ({ directory }) =>
      shell(
        `mkdir -p net/hosts; printf 'Name = a\\nDeviceType = dummy\\nBindToAddress = 127.0.0.1\\n' > net/tinc.conf; printf 'Subnet = 10.77.0.1/32\\n' > net/hosts/a; tincd -c $PWD/net -K2048 < /dev/null; exec tincd -c $PWD/net -D --pidfile=${directory}/pid`,
      ),
    OWN,
  ),
  daemon(
    "openssl dtls",
    "openssl",
    [null],
    [hidden(udp("dtls", null, null, { tls: false }), ["OpenSSL"])],
    ({ ports: [p], certificate, privateKey }) =>
      shell(
        `exec sh -c 'sleep 10000 | openssl s_server -dtls -listen -accept 127.0.0.1:${p} -cert ${certificate} -key ${privateKey}'`,
      ),
  ),
  daemon(
    "gnutls dtls",
    "gnutls-bin",
    [null],
    [hidden(udp("dtls", null, null, { tls: false }), ["GnuTLS"])],
    ({ ports: [p], certificate, privateKey }) =>
      shell(
        `exec gnutls-serv --udp --echo -p ${p} --x509certfile ${certificate} --x509keyfile ${privateKey}`,
      ),
    OWN,
  ),
  daemon(
    "caddy quic",
    "caddy",
    [null],
    [hidden(udp(["quic", "https", "http3"], null), ["Caddy httpd", "Caddy"])],
    (place) => caddyTls(place, "lab.test"),
  ),
  daemon(
    "openvpn odd",
    "openvpn",
    [null],
    [udp("openvpn", null, null, { product: ["OpenVPN"], productHidden: true })],
    (place) => openvpn(place, "udp", place.ports[0]),
  ),
  daemon(
    "openvpn",
    "openvpn",
    [null, 1194],
    [tcp("openvpn", ["OpenVPN"], null), udp("openvpn", ["OpenVPN"], null, { at: 1 })],
    (place) => [openvpn(place, "tcp-server", place.ports[0]), openvpn(place, "udp", place.ports[1])],
  ),
  daemon(
    "xl2tpd odd",
    "xl2tpd",
    [null],
    [udp("l2tp", null, null, { product: ["xl2tpd"] })],
    ({ ports: [p] }) =>
      shell(
        `printf '[global]\\nlisten-addr = 127.0.0.1\\nport = ${p}\\n[lns default]\\nip range = 192.168.99.2-192.168.99.9\\nlocal ip = 192.168.99.1\\n' > x.conf\nexec xl2tpd -D -c x.conf -p $PWD/pid -C $PWD/ctl -s /dev/null`,
      ),
  ),
  daemon("xl2tpd", "xl2tpd", [1701], [udp(["l2tp"], ["xl2tpd", "xelerance"])], ({ ports: [port] }) =>
    withRun(`mkdir -p /run/xl2tpd
printf '[global]\\nport = ${port}\\nlisten-addr = 127.0.0.1\\n[lns default]\\nip range = 192.168.88.2-192.168.88.9\\nlocal ip = 192.168.88.1\\n' > x.conf
exec /usr/sbin/xl2tpd -D -c x.conf -p $PWD/pid -C $PWD/ctl`),
  ),
  daemon(
    "ovs-testcontroller",
    "openvswitch-testcontroller",
    [6653],
    [hidden(tcp("openflow", null), ["Open vSwitch"])],
    ({ ports: [p] }) => shell(`exec ovs-testcontroller --unixctl=$PWD/x ptcp:${p}:127.0.0.1`),
  ),
  daemon(
    "babeld",
    "babeld",
    [33123],
    [tcp(["babel", "babeld"], ["babeld"], "package", { host: "::1" })],
    ({ ports: [p] }) => withRun(`exec babeld -g ${p} -I $PWD/pid -S $PWD/state lo`),
    OWN,
  ),
  daemon(
    "i2pd",
    "i2pd",
    [7070, 7656],
    [
      tcp(WEB, ["i2pd", "Purple I2P", "I2P"], "package"),
      hidden(tcp(["i2p-sam", "sam"], null, null, { at: 1 }), ["i2pd"]),
    ],
    ({ ports: [web, sam] }) =>
      shell(
        `exec /usr/bin/i2pd --datadir=$PWD --conf=/dev/null --tunconf=/dev/null --http.address=127.0.0.1 --http.port=${web} --sam.enabled=1 --sam.address=127.0.0.1 --sam.port=${sam} --httpproxy.enabled=0 --socksproxy.enabled=0 --log=stdout --host=127.0.0.1`,
      ),
  ),
  daemon("vtund", "vtun", [5000], [tcp(["vtun"], ["VTun", "vtund"])], ({ ports: [port] }) =>
    withRun(`mkdir -p /run/lock
printf 'options { port ${port}; }\\nlab { passwd x; type tun; proto tcp; }\\n' > v.conf
exec /usr/sbin/vtund -n -s -L 127.0.0.1 -P ${port} -f $PWD/v.conf`),
  ),
  daemon(
    "frr zebra",
    "frr",
    [2601],
    [tcp(["telnet", "zebra", "quagga"], ["FRRouting", "FRR", "FRRouting routing software"], "package")],
    ({ ports: [port] }) =>
      withRun(`mkdir -p /run/frr
chown frr:frr /run/frr
printf 'password lab\\n' > z.conf
chmod 644 z.conf
exec /usr/lib/frr/zebra -f $PWD/z.conf -A 127.0.0.1 -P ${port} -i /run/frr/z.pid -z /run/frr/zserv --vty_socket /run/frr`),
  ),
  daemon(
    "charon",
    "strongswan-charon",
    [500, 4500],
    [udp("isakmp", ["strongSwan"], null, { productHidden: true })],
    (place) => charon(place),
    OWN,
  ),
  daemon(
    "dante",
    "dante-server",
    [null],
    [tcp(SOCKS, ["Dante"], null, { productHidden: true })],
    (place) => ({
      argv: [
        "/usr/sbin/danted",
        "-p",
        `${place.directory}/pid`,
        "-f",
        write(
          place,
          "d.conf",
          `logoutput: stderr\ninternal: 127.0.0.1 port = ${place.ports[0]}\nexternal: 127.0.0.1\nsocksmethod: none\nclientmethod: none\nclient pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\nsocks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n`,
        ),
      ],
    }),
  ),
  daemon("microsocks", "microsocks", [1080], [hidden(tcp(SOCKS, null), ["microsocks"])], ({ ports }) => ({
    argv: ["/usr/bin/microsocks", "-i", "127.0.0.1", "-p", `${ports[0]}`],
  })),
  daemon(
    "tor socks on an odd port",
    "tor",
    [null],
    [tcp(["tor-socks", "socks5"], ["Tor socks proxy", "Tor", "Tor SOCKS proxy"], null)],
    (place) => ({
      argv: [
        "/usr/bin/tor",
        "-f",
        write(place, "torrc", `SocksPort 127.0.0.1:${place.ports[0]}\nDataDirectory ${place.directory}/d\n`),
      ],
    }),
  ),
  daemon(
    "tor",
    "tor",
    [9050, 9051],
    [
      tcp(["tor-socks", "socks5"], ["Tor socks proxy", "Tor", "Tor SOCKS proxy"], null),
      tcp("tor-control", ["Tor control port", "Tor"], "package", { at: 1 }),
    ],
    (place) => ({
      argv: [
        "/usr/bin/tor",
        "-f",
        write(
          place,
          "torrc",
          `SocksPort 127.0.0.1:${place.ports[0]}\nControlPort 127.0.0.1:${place.ports[1]}\nCookieAuthentication 1\nDataDirectory ${place.directory}/d\nDisableNetwork 0\n`,
        ),
        "--quiet",
      ],
    }),
  ),
  daemon(
    "ss-local",
    "shadowsocks-libev",
    [1081],
    [hidden(tcp(SOCKS, null), ["shadowsocks-libev"])],
    ({ ports: [p] }) =>
      shell(`exec /usr/bin/ss-local -s 127.0.0.1 -p 9 -l ${p} -b 127.0.0.1 -k x -m aes-256-gcm`),
  ),
  daemon(
    "v2ray",
    "v2ray",
    [null, null],
    [hidden(tcp(SOCKS, null), ["V2Ray"]), tcp(WEB, "V2Ray", null, { at: 1 })],
    ({ ports: [p, q] }) =>
      shell(
        `echo '{"inbounds":[{"port":${p},"listen":"127.0.0.1","protocol":"socks"},{"port":${q},"listen":"127.0.0.1","protocol":"http"}],"outbounds":[{"protocol":"freedom"}]}' > c.json\nexec /usr/bin/v2ray -config c.json`,
      ),
  ),
  daemon("pptpd", "pptpd", [1723], [hidden(tcp("pptp", null), ["PoPToP", "pptpd", "linux", "Poptop"])], () =>
    shell(
      `printf 'option /dev/null\\nlocalip 192.168.99.1\\nremoteip 192.168.99.2-9\\n' > p.conf\nexec /usr/sbin/pptpd -f -c p.conf -l 127.0.0.1 -p $PWD/pid`,
    ),
  ),
  daemon("openbgpd", "openbgpd", [1790], [hidden(tcp(["bgp", ...SILENT], null), ["OpenBGPD"])], ({ ports }) =>
    shell(`printf 'AS 65000\\nrouter-id 127.0.0.1\\nlisten on 127.0.0.1 port ${ports[0]}\\nfib-update no\\nneighbor 127.0.0.1 {\\n remote-as 65001\\n passive\\n}\\n' > c; chmod 600 c
mount -t tmpfs tmpfs /run; mkdir -p /run/openbgpd
exec bgpd -d -f c`),
  ),
  daemon(
    "gobgpd",
    "gobgpd",
    [50051, 1179],
    [
      hidden(tcp(["grpc", ...WEB], null), ["GoBGP", "gRPC", "gRPC server", "Golang gRPC"]),
      hidden(tcp(["bgp", ...SILENT], null, null, { at: 1 }), ["GoBGP"]),
    ],
    (place) =>
      shell(
        `exec gobgpd --api-hosts 127.0.0.1:${place.ports[0]} -f ${write(place, "g.toml", `[global.config]\n as = 65000\n router-id = "10.0.0.1"\n port = ${place.ports[1]}\n local-address-list = ["127.0.0.1"]\n`)}`,
      ),
  ),
  daemon("bird", "bird2", [1179], [hidden(tcp(["bgp", ...SILENT], null), ["BIRD"])], (place) =>
    shell(
      `exec bird -f -c ${write(place, "b.conf", `router id 10.0.0.1;\nprotocol device {}\nprotocol bgp x { local 127.0.0.1 port ${place.ports[0]} as 65000; neighbor 127.0.0.2 as 65001; multihop; ipv4 { import none; export none; }; }\n`)} -s $PWD/ctl -P $PWD/pid`,
    ),
  ),
  daemon(
    "supernode",
    "n2n",
    [7654],
    [
      hidden(udp("n2n", null, null, { unnamed: "it answers communities that it knows" }), [
        "n2n",
        "supernode",
      ]),
    ],
    ({ ports }) =>
      shell(`supernode -f -p ${ports[0]} -t 0 -l ${ports[0]} || exec supernode -f -l ${ports[0]}`),
    OWN,
  ),
];
