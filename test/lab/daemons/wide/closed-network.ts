import { type Daemon, write } from "../../daemon.ts";
import { memcachedUdp } from "../servers/data.ts";
import { tftpd } from "../servers/files.ts";
import {
  charon,
  coturn,
  cups,
  kamailio,
  kamailioBoth,
  munin,
  ngircd,
  nrpe,
  openvpn,
  prosody,
  snmpd,
  tigervnc,
  xrdp,
  xrdpTls,
} from "../servers/network.ts";
import { socat } from "../servers/proxies.ts";
import { daemon, hidden, OWN, shell, TLS, tcp, udp } from "./entry.ts";
import { MEMCACHE, NET_SNMP, RDP, SILENT, STUN, XMPP } from "./products.ts";

/** Agents, screens, calls, time and tunnels: hardened, moved to other ports, for others alone. */
export const closedNetwork: Daemon[] = [
  daemon(
    "munin-node wants TLS",
    "munin-node",
    [null],
    [tcp("munin", ["Munin node", "Munin", "munin-node"])],
    (place) =>
      munin(
        place,
        `tls paranoid\ntls_certificate ${place.certificate}\ntls_private_key ${place.privateKey}\ntls_verify_certificate no\n`,
      ),
  ),
  daemon(
    "zabbix-agent2 for another server",
    "zabbix-agent2",
    [null],
    [hidden(tcp(["zabbix-agent", ...SILENT], null), ["Zabbix agent", "Zabbix"])],
    (place) =>
      shell(
        `exec zabbix_agent2 -f -c ${write(place, "z.conf", `LogType=console\nPidFile=${place.directory}/pid\nServer=10.9.8.7\nListenIP=127.0.0.1\nListenPort=${place.ports[0]}\nHostname=lab\nControlSocket=${place.directory}/s\nPluginSocket=${place.directory}/q\n`)}`,
      ),
  ),
  daemon(
    "nrpe for another server",
    "nagios-nrpe-server",
    [null],
    [hidden(tcp(["nrpe", ...SILENT], null, null), ["NRPE"])],
    (place) => nrpe(place, "10.9.8.7"),
  ),
  daemon("xrdp of old", "xrdp", [null], [hidden(tcp(RDP, null), "xrdp")], (place) =>
    xrdp(place, { security_layer: "rdp", crypt_level: "low" }),
  ),
  daemon("xrdp TLS odd", "xrdp", [null], [hidden(tcp(RDP, null), "xrdp")], (place) =>
    xrdp(place, { security_layer: "tls", ...xrdpTls(place) }),
  ),
  daemon(
    "tigervnc without a password through socat",
    "tigervnc-standalone-server",
    [null, null],
    [hidden(tcp("vnc", null), ["TigerVNC", "VNC"])],
    ({ ports: [p, q] }) => [socat(p, `TCP:127.0.0.1:${q}`), tigervnc(95, q, "None", "-desktop Kasse")],
  ),
  daemon(
    "tigervnc TLS only",
    "tigervnc-standalone-server",
    [null],
    [hidden(tcp("vnc", null), ["TigerVNC"])],
    ({ ports: [p] }) => tigervnc(96, p, "TLSVnc,X509Vnc", "-PasswordFile /dev/null"),
  ),
  daemon(
    "ngircd wants a password",
    "ngircd",
    [null],
    [tcp("irc", "ngircd", null, { productHidden: true })],
    (place) =>
      ngircd(
        place,
        place.ports[0],
        "Password = geheim\nMotdPhrase = Willkommen\n",
        "RequireAuthPing = yes\n",
      ),
  ),
  daemon(
    "ngircd in tls",
    "ngircd",
    [null, null],
    [hidden(tcp(["irc", "ircs"], null, null, TLS), "ngircd")],
    (place) => {
      place.prepare([
        "sh",
        "-c",
        `cat ${place.certificate} > c.pem; cat ${place.privateKey} > k.pem; chmod 644 c.pem k.pem`,
      ]);
      return ngircd(
        place,
        place.ports[1],
        "Password = secret\n",
        `[SSL]\nCertFile = ${place.directory}/c.pem\nKeyFile = ${place.directory}/k.pem\nPorts = ${place.ports[0]}\n`,
      );
    },
  ),
  daemon(
    "prosody by TLS at once",
    "prosody",
    [null, null, null],
    [
      hidden(tcp(XMPP, null, null, TLS), "Prosody"),
      hidden(tcp(XMPP, null, null, { at: 1 }), "Prosody"),
      hidden(tcp(XMPP, null, null, { at: 2 }), "Prosody"),
    ],
    (place) =>
      prosody(
        place,
        `ssl={certificate="${place.certificate}";key="${place.privateKey}"}\nmodules_enabled={"saslauth","tls","s2s"}\nc2s_direct_tls_ports={${place.ports[0]}}\nc2s_ports={${place.ports[1]}}\ns2s_ports={${place.ports[2]}}\nc2s_require_encryption=true\n`,
      ),
  ),
  daemon(
    "kamailio by TCP and TLS",
    "kamailio",
    [null, null],
    [tcp("sip", "Kamailio", "package"), tcp("sip", "Kamailio", "package", { at: 1 })],
    (place) =>
      kamailio(
        place,
        place.ports.map((port) => `listen=tcp:127.0.0.1:${port}\n`).join(""),
        '403, "Nicht hier"',
      ),
  ),
  daemon("kamailio by another word", "kamailio", [null], [hidden(udp("sip", null), ["Kamailio"])], (place) =>
    kamailio(
      place,
      `disable_tcp=yes\nserver_signature=no\nlisten=udp:127.0.0.1:${place.ports[0]}\n`,
      '404, "Kein Anschluss"',
    ),
  ),
  daemon(
    "kamailio unsigned",
    "kamailio",
    [null],
    [hidden(tcp("sip", null), "Kamailio"), hidden(udp("sip", null), "Kamailio")],
    (place) => kamailioBoth(place, '403, "Forbidden"', "server_signature=no\n"),
  ),
  daemon(
    "snmpd by a community of its own",
    "snmpd",
    [null],
    [hidden(udp("snmp", null), ["net-snmp", "Net-SNMP"])],
    (place) => snmpd(place, "rocommunity geheim\nengineIDType 3"),
  ),
  daemon("snmpd v3 only", "snmpd", [null], [udp("snmp", NET_SNMP)], (place) =>
    snmpd(place, "rouser nobody priv"),
  ),
  daemon(
    "tftpd-hpa odd",
    "tftpd-hpa",
    [null],
    [hidden(udp("tftp", null), ["tftpd-hpa", "Netkit tftpd"])],
    tftpd,
  ),
  daemon(
    "tftpd-hpa",
    "tftpd-hpa",
    [null],
    [hidden(udp("tftp", null), ["tftpd-hpa", "tftp-hpa"])],
    tftpd,
    OWN,
  ),
  daemon("coturn odd and secret", "coturn", [null], [udp(STUN, ["Coturn", "coturn"], "package")], (place) =>
    coturn(place, "--lt-cred-mech -r lab.test --no-tcp"),
  ),
  daemon(
    "coturn without software",
    "coturn",
    [null],
    [hidden(tcp(STUN, null), "coturn"), hidden(udp(STUN, null), "coturn")],
    (place) => coturn(place, "--no-software-attribute --relay-ip 127.0.0.1 -a -u a:b -r lab.test"),
  ),
  daemon(
    "memcached by datagrams, odd",
    "memcached",
    [null],
    [udp(MEMCACHE, "Memcached", "package")],
    memcachedUdp,
  ),
  daemon(
    "charon odd, IKEv1 only",
    "strongswan-charon",
    [null, null],
    [udp(["isakmp", "ike"], ["strongSwan"], null, { productHidden: true })],
    (place) => charon(place, "send_vendor_id = no"),
    OWN,
  ),
  daemon(
    "x11vnc password",
    "x11vnc",
    [null, null],
    [hidden(tcp("vnc", null), ["x11vnc", "LibVNCServer"])],
    ({ ports: [p, q] }) => [
      tigervnc(95, q, "None", "-ac -listen tcp"),
      shell(
        `until /usr/bin/x11vnc -display 127.0.0.1:95 -rfbport ${p} -localhost -passwd secret -forever -noshm -no6 -quiet; do sleep 1; done`,
      ),
    ],
  ),
  daemon("cups without tokens", "cups-daemon", [null], [tcp(["ipp", "http"], ["CUPS"])], (place) =>
    cups(place, `Listen 127.0.0.1:${place.ports[0]}\nWebInterface No\nServerTokens None\nServerAlias *`),
  ),
  daemon(
    "openvpn tls-crypt",
    "openvpn",
    [null],
    [hidden(tcp(["openvpn", ...SILENT], null), "OpenVPN")],
    (place) => openvpn(place, "tcp-server", place.ports[0], "--tls-crypt tc.key"),
  ),
];
