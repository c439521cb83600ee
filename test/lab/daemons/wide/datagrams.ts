import type { Daemon } from "../../daemon.ts";
import { EXTRACTED, write } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, udp } from "./entry.ts";
import { inetd, xinetd } from "./exchanges.ts";

/** An internal service of xinetd over UDP. */
const internal = (kind: string, port: number | undefined) =>
  `service ${kind}\n{\n type = INTERNAL UNLISTED\n id = ${kind}-${port}\n port = ${port}\n bind = 127.0.0.1\n socket_type = dgram\n protocol = udp\n user = root\n wait = yes\n}\n`;
/** Files of its own at /etc, for what reads them only there. */
const ownEtc = (script: string) => `cp -a /etc etc; mount --bind etc /etc\n${script}`;

/** Servers of datagrams, most on ports where nobody would look for them. */
export const datagramDaemons: Daemon[] = [
  daemon(
    "dnsmasq tftp",
    "dnsmasq-base",
    [69],
    [hidden(udp("tftp", null), ["dnsmasq", "dnsmasq tftpd"])],
    ({ ports: [_p] }) =>
      shell(
        `exec dnsmasq -d -C /dev/null --port=0 --enable-tftp --tftp-root=$PWD --listen-address=127.0.0.1 --bind-interfaces -u root`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "atftpd odd",
    "atftpd",
    [null],
    [udp("tftp", null, null, { product: ["Advanced Trivial FTP", "atftpd"] })],
    ({ ports: [p] }) =>
      shell(
        `exec ${EXTRACTED}/atftpd/usr/sbin/atftpd --daemon --no-fork --user root --bind-address 127.0.0.1 --port ${p} $PWD`,
      ),
  ),
  daemon(
    "chrony odd",
    "chrony",
    [null],
    [hidden(udp("ntp", null), ["chrony", "NTP"])],
    ({ ports: [p], directory }) =>
      shell(
        `exec chronyd -d -x -U -f ${directory}/../chrony-odd/c.conf || true`.replace(
          /^.*$/s,
          `printf 'port ${p}\\nbindaddress 127.0.0.1\\nallow\\nlocal stratum 8\\ncmdport 0\\npidfile %s/pid\\nbindcmdaddress /\\n' $PWD > c.conf\nexec chronyd -d -x -u root -f $PWD/c.conf`,
        ),
      ),
  ),
  daemon(
    "snmptrapd",
    "snmptrapd",
    [null],
    [udp(["snmp", "snmptrap"], ["net-snmp", "Net-SNMP", "Net-SNMP snmptrapd"])],
    ({ ports: [p] }) =>
      shell(
        `echo 'disableAuthorization yes' > s.conf\nexec snmptrapd -f -Lo -C -c s.conf udp:127.0.0.1:${p}`,
        HOME,
      ),
  ),
  daemon("kamailio odd", "kamailio", [null], [udp("sip", ["Kamailio"], "package")], (place) =>
    shell(
      `exec kamailio -f ${write(
        place,
        "k.cfg",
        `#!KAMAILIO\nchildren=1\nfork=yes\nlog_stderror=yes\ndisable_tcp=yes\nlisten=udp:127.0.0.1:${place.ports[0]}\nloadmodule "sl.so"\nrequest_route { sl_send_reply("200","OK"); }\n`,
      )} -DD -E -Y $PWD -P $PWD/pid -m 32 -M 4`,
    ),
  ),
  daemon(
    "stund",
    "stun-server",
    [3478, null],
    [udp("stun", ["Vovida STUN server", "Vovida.org STUN server", "stund", "Vovida.org"])],
    ({ ports: [p, q] }) => shell(`exec stund -h 127.0.0.1 -a 127.0.0.2 -p ${p} -o ${q}`),
  ),
  daemon("coturn odd", "coturn", [null], [udp("stun", ["Coturn"], "package")], ({ ports: [p] }) =>
    shell(
      `exec turnserver -n -L 127.0.0.1 -p ${p} --no-tcp --no-tls --no-dtls --no-cli --db=$PWD/db --pidfile=$PWD/pid --log-file=stdout`,
    ),
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
    { needsOwnNetwork: true },
  ),
  daemon(
    "caddy quic",
    "caddy",
    [null],
    [hidden(udp(["quic", "https", "http3"], null), ["Caddy httpd", "Caddy"])],
    ({ ports: [p], certificate, privateKey }) =>
      shell(
        `printf '{\\n admin off\\n auto_https off\\n}\\nhttps://lab.test:${p} {\\n bind 127.0.0.1\\n tls ${certificate} ${privateKey}\\n respond "hello"\\n}\\n' > Caddyfile\nexec caddy run --config Caddyfile --adapter caddyfile`,
        { HOME: "/tmp" },
      ),
  ),
  daemon(
    "avahi",
    "avahi-daemon",
    [5353],
    [hidden(udp("mdns", null), ["Avahi", "avahi-daemon"])],
    () =>
      shell(`mount -t tmpfs tmpfs /run
printf '[server]\\nallow-interfaces=lo\\nuse-ipv6=no\\nenable-dbus=no\\n[publish]\\npublish-workstation=yes\\npublish-hinfo=yes\\n' > a.conf
exec avahi-daemon --no-drop-root --no-rlimits --no-chroot -f a.conf`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "rtpengine",
    "rtpengine-daemon",
    [null],
    [udp(["rtpengine", "rtpengine-ng"], ["rtpengine", "Sipwise rtpengine"])],
    ({ ports: [p] }) =>
      shell(
        `exec rtpengine -f -E --table=-1 --interface=127.0.0.1 --listen-ng=127.0.0.1:${p} --pidfile=$PWD/pid`,
      ),
  ),
  daemon("pyzord", "pyzor", [24441], [udp("pyzor", ["Pyzor"])], ({ ports: [p] }) =>
    shell(`exec pyzord --homedir=$PWD -a 127.0.0.1 -p ${p} -e gdbm --dsn=$PWD/db`),
  ),
  daemon(
    "osmo-mgw",
    "osmo-mgw",
    [2427],
    [hidden(udp("mgcp", null), ["OsmoMGW"])],
    ({ ports: [_p] }) =>
      shell(
        `printf 'line vty\\n no login\\nmgcp\\n bind ip 127.0.0.1\\n bind port 2427\\n rtp port-range 4002 16000\\n number endpoints 31\\n' > m.cfg\nexec osmo-mgw -c m.cfg`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "ipmi_sim",
    "openipmi",
    [null],
    [hidden(udp(["asf-rmcp", "ipmi"], null), ["OpenIPMI", "ipmi_sim"])],
    ({ ports: [p] }) =>
      shell(`cat > l.conf <<X
name "lab"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${p}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
user 1 true "" "test" user 10 none md2 md5 straight
X
printf 'mc_setbmc 0x20\\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\\nmc_enable 0x20\\n' > c.emu
exec ipmi_sim -n -c $PWD/l.conf -f $PWD/c.emu -s $PWD`),
  ),
  daemon(
    "pymodbus udp",
    "python3-pymodbus",
    [null],
    [hidden(udp("modbus", null), ["Pymodbus", "pymodbus"])],
    ({ ports: [p] }) =>
      shell(`cat > m.py <<X
from pymodbus.server import StartUdpServer
from pymodbus.datastore import ModbusSlaveContext, ModbusServerContext
StartUdpServer(context=ModbusServerContext(slaves=ModbusSlaveContext(), single=True), address=("127.0.0.1", ${p}))
X
exec /usr/bin/python3 m.py`),
  ),
  daemon(
    "inetd datagrams",
    "xinetd",
    [7, 13, 19, null, null, null],
    [
      udp("echo", null),
      udp("daytime", null, null, { at: 1 }),
      udp("chargen", null, null, { at: 2 }),
      udp("time", null, null, { at: 3 }),
      udp("daytime", null, null, { at: 4 }),
      udp("echo", null, null, { at: 5 }),
    ],
    (place) => {
      const [a, b, c, d, e, f] = place.ports;
      return xinetd(
        place,
        internal("echo", a) +
          internal("daytime", b) +
          internal("chargen", c) +
          internal("time", d) +
          internal("daytime", e) +
          internal("echo", f),
      );
    },
  ),
  daemon(
    "ntalkd",
    "talkd",
    [518],
    [hidden(udp(["ntalk", "talk"], null), ["Linux talkd", "netkit talkd", "ntalkd"])],
    (place) => xinetd(place, inetd(place, 0, "udp", `${EXTRACTED}/talkd/usr/sbin/in.ntalkd`)),
  ),
  daemon(
    "kadmind",
    "krb5-admin-server",
    [464, 749],
    [
      hidden(udp("kpasswd5", null, null, { service: ["kpasswd5", "kpasswd", "kerberos-chpass"] }), [
        "MIT Kerberos",
        "MIT Kerberos kpasswd",
      ]),
    ],
    ({ ports: [p, q] }) =>
      shell(
        `printf '[libdefaults]\\n default_realm = LAB.TEST\\n[realms]\\n LAB.TEST = { kdc = 127.0.0.1:9 }\\n' > krb5.conf
printf '[realms]\\n LAB.TEST = {\\n database_name = %s/db\\n key_stash_file = %s/stash\\n acl_file = %s/acl\\n kadmind_port = ${q}\\n kpasswd_port = ${p}\\n kadmind_listen = 127.0.0.1\\n kpasswd_listen = 127.0.0.1\\n }\\n' $PWD $PWD $PWD > kdc.conf
touch acl; export KRB5_CONFIG=$PWD/krb5.conf KRB5_KDC_PROFILE=$PWD/kdc.conf
kdb5_util create -s -r LAB.TEST -P x
exec kadmind -nofork -P $PWD/pid`,
      ),
  ),
  daemon("krb5kdc odd", "krb5-kdc", [null], [udp("kerberos-sec", ["MIT Kerberos"])], ({ ports: [p] }) =>
    shell(
      `printf '[libdefaults]\\n default_realm = LAB.TEST\\n' > krb5.conf
printf '[realms]\\n LAB.TEST = {\\n database_name = %s/db\\n key_stash_file = %s/stash\\n kdc_listen = 127.0.0.1:${p}\\n kdc_tcp_listen = ""\\n }\\n' $PWD $PWD > kdc.conf
export KRB5_CONFIG=$PWD/krb5.conf KRB5_KDC_PROFILE=$PWD/kdc.conf
kdb5_util create -s -r LAB.TEST -P x
exec krb5kdc -n -P $PWD/pid`,
    ),
  ),
  daemon(
    "heimdal kdc",
    "heimdal-kdc",
    [null],
    [udp("kerberos-sec", ["Heimdal Kerberos", "Heimdal"])],
    ({ ports: [p] }) =>
      shell(
        `printf '[libdefaults]\\n default_realm = LAB.TEST\\n[kdc]\\n database = { dbname = %s/h }\\n' $PWD > k.conf
exec ${EXTRACTED}/heimdal-kdc/usr/lib/heimdal-servers/kdc -c $PWD/k.conf --addresses=127.0.0.1 -P ${p}`,
        { KRB5_CONFIG: "k.conf" },
      ),
  ),
  daemon(
    "bosserver",
    "openafs-fileserver",
    [7007],
    [udp(["afs", "afs3-bos", "rx"], ["OpenAFS"], "package")],
    () =>
      shell(
        ownEtc(
          `mkdir -p /etc/openafs/server etc2; echo lab.test > /etc/openafs/server/ThisCell; printf '>lab.test\\n127.0.0.1 #lab\\n' > /etc/openafs/server/CellServDB
mkdir -p /var/lib/openafs /var/log/openafs || true
exec env LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu ${EXTRACTED}/openafs-fileserver/usr/sbin/bosserver -nofork -noauth`,
        ),
      ),
    { needsOwnNetwork: true },
  ),
  daemon("coap odd", "libcoap3-bin", [null], [hidden(udp("coap", null), ["libcoap"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/coap-server-openssl -A 127.0.0.1 -p ${p}`),
  ),
  daemon(
    "openvpn odd",
    "openvpn",
    [null],
    [udp("openvpn", null, null, { product: ["OpenVPN"], productHidden: true })],
    ({ ports: [p], certificate, privateKey }) =>
      shell(
        `exec openvpn --dev tun --ifconfig-noexec --ifconfig 10.9.1.1 10.9.1.2 --mode server --tls-server --data-ciphers AES-256-GCM --keepalive 10 60 --proto udp --local 127.0.0.1 --port ${p} --ca ${certificate} --cert ${certificate} --key ${privateKey} --dh none --verb 3`,
      ),
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
];
