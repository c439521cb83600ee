import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { chrony } from "../servers/network.ts";
import { both, daemon, hidden, OWN, shell, TLS, tcp, udp, withRun } from "./entry.ts";
import { GO, HTTPS, WEB } from "./products.ts";

/** `more`: what else is to be changed in its configuration. */
const freeradius = (directory: string, more = "") =>
  shell(
    `cp -r /etc/freeradius/3.0/. .; sed -i 's#/var/log/freeradius#${directory}#; s#/run/freeradius#${directory}#; s#user = .*#user = root#; s#group = .*#group = root#' radiusd.conf; ${more}exec freeradius -f -d $PWD -l stdout`,
  );

/** Authentication, certificates, time, remote procedure calls. */
export const access: Daemon[] = [
  daemon(
    "openntpd",
    "openntpd",
    [123],
    [hidden(udp("ntp", null), ["OpenNTPD"])],
    () =>
      shell(`id _ntpd >/dev/null 2>&1 || id ntpd >/dev/null 2>&1 || useradd -r -d /run -s /usr/sbin/nologin ntpd
printf 'listen on 127.0.0.1\\nserver 127.0.0.9\\n' > n.conf; mkdir -p /run/openntpd /var/lib/openntpd/db; exec ${EXTRACTED}/openntpd/usr/sbin/ntpd -d -f $PWD/n.conf`),
    OWN,
  ),
  daemon("chrony odd", "chrony", [null], [hidden(udp("ntp", null), ["chrony", "NTP"])], (place) =>
    chrony(place),
  ),
  daemon(
    "chrony v6",
    "chrony",
    [null],
    [hidden(udp("ntp", null, null, { host: "::1" }), ["chrony", "chronyd"])],
    (place) => chrony(place, "::1", "::/0"),
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
  daemon("krb5kdc", "krb5-kdc", [88], both(["kerberos-sec", "kerberos"], ["MIT Kerberos"], null), (place) =>
    shell(
      `cat > krb5.conf <<X
[libdefaults]
default_realm = LAB.TEST
[realms]
LAB.TEST = { }
X
cat > kdc.conf <<X
[kdcdefaults]
kdc_listen = 127.0.0.1:${place.ports[0]}
kdc_tcp_listen = 127.0.0.1:${place.ports[0]}
[realms]
LAB.TEST = {
 database_name = $PWD/principal
 key_stash_file = $PWD/stash
}
X
/usr/sbin/kdb5_util -P secret create -s
exec /usr/sbin/krb5kdc -n`,
      { KRB5_CONFIG: `${place.directory}/krb5.conf`, KRB5_KDC_PROFILE: `${place.directory}/kdc.conf` },
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
    "rpc.statd",
    "nfs-common",
    [null, null],
    [tcp(["status", "rpcbind"], null), udp(["status", "rpcbind"], null, null, {})],
    ({ ports, directory }) =>
      withRun(`mkdir -p state/sm state/sm.bak
exec /sbin/rpc.statd -F -p ${ports[0]} -o ${ports[1]} -P ${directory}/state -L`),
    OWN,
  ),
  daemon(
    "rpc.mountd",
    "nfs-kernel-server",
    [20048],
    both("mountd", null),
    ({ ports }) => withRun(`exec /usr/sbin/rpc.mountd -F -p ${ports[0]}`),
    OWN,
  ),
  daemon(
    "pebble",
    "pebble",
    [14000, 15000],
    [
      tcp([...HTTPS, "acme"], ["Pebble", ...GO], null, { tls: true, productHidden: true }),
      hidden(tcp(HTTPS, null, null, { at: 1, tls: true }), ["Pebble", ...GO]),
    ],
    (place) =>
      shell(
        `exec pebble -config ${write(place, "p.json", JSON.stringify({ pebble: { listenAddress: `127.0.0.1:${place.ports[0]}`, managementListenAddress: `127.0.0.1:${place.ports[1]}`, certificate: place.certificate, privateKey: place.privateKey, httpPort: 5002, tlsPort: 5001 } }))}`,
      ),
  ),
  daemon(
    "yubiserver",
    "yubiserver",
    [8000],
    [tcp(WEB, ["yubiserver"], null)],
    ({ ports }) => shell(`yubiserver -p ${ports[0]} -d $PWD/y.db -l $PWD/log\nexec sleep 1000000`),
    OWN,
  ),
  daemon("tang", "tang", [null], [hidden(tcp(WEB, null), ["Tang"])], ({ ports: [p] }) =>
    shell(
      `mkdir k\nexec socat TCP-LISTEN:${p},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/libexec/tangd $PWD/k"`,
    ),
  ),
  daemon(
    "ocserv",
    "ocserv",
    [null],
    [hidden(tcp(HTTPS, null, null, TLS), ["ocserv", "OpenConnect VPN server"])],
    ({ ports: [port], certificate, privateKey }) =>
      withRun(`touch p
cat > o.conf <<X
auth = "plain[passwd=$PWD/p]"
tcp-port = ${port}
listen-host = 127.0.0.1
run-as-user = nobody
run-as-group = nogroup
socket-file = /run/oc
server-cert = ${certificate}
server-key = ${privateKey}
ipv4-network = 192.168.77.0
ipv4-netmask = 255.255.255.0
device = vpns
max-clients = 16
X
exec /usr/sbin/ocserv -f -c o.conf`),
  ),
  daemon(
    "radsecproxy",
    "radsecproxy",
    [2083],
    [
      hidden(
        // It hears nobody without a certificate.
        tcp(["radsec", "ssl", "tls"], null, null, TLS),
        ["radsecproxy"],
      ),
    ],
    (place) =>
      shell(
        `exec radsecproxy -f -c ${write(place, "c", `ListenTLS 127.0.0.1:${place.ports[0]}\nTLS default {\n CACertificateFile ${place.certificate}\n CertificateFile ${place.certificate}\n CertificateKeyFile ${place.privateKey}\n}\nclient 127.0.0.1 {\n type tls\n secret x\n}\nserver a {\n host 127.0.0.1\n type udp\n secret x\n}\nrealm * {\n server a\n}\n`)}`,
      ),
  ),
  daemon(
    "freeradius on an odd port",
    "freeradius",
    [null],
    [hidden(udp("radius", null), ["FreeRADIUS"])],
    ({ directory, ports }) =>
      freeradius(
        directory,
        `rm sites-enabled/inner-tunnel mods-enabled/eap; printf 'server default {\\nlisten {\\ntype = auth\\nipaddr = 127.0.0.1\\nport = ${ports[0]}\\n}\\nauthorize {\\n}\\n}\\n' > sites-available/default; `,
      ),
    OWN,
  ),
  daemon(
    "freeradius",
    "freeradius",
    [1812],
    [hidden(udp("radius", null), ["FreeRADIUS"])],
    ({ directory }) => freeradius(directory),
    OWN,
  ),
  daemon(
    "ntpsec",
    "ntpsec",
    [123],
    [hidden(udp("ntp", null), ["NTP", "ntpd", "NTPsec"])],
    (place) => ({
      argv: [
        `${EXTRACTED}/ntpsec/usr/sbin/ntpd`,
        "-n",
        "-g",
        "-N",
        "-c",
        write(place, "n.conf", "server 127.127.1.0\nrestrict default\n"),
        "-I",
        "lo",
      ],
    }),
    OWN,
  ),
];
