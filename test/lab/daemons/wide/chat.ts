import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import {
  coturn,
  inspircd,
  kamailio,
  kamailioBoth,
  prosody,
  xinetd,
  xinetdService,
} from "../servers/network.ts";
import { both, daemon, HOME, hidden, OWN, shell, TLS, tcp, udp } from "./entry.ts";
import { STUN, WEB, XMPP } from "./products.ts";

/** Chat and calls. */
export const chat: Daemon[] = [
  daemon("sipp answers", "sip-tester", [5061], [hidden(tcp("sip", null), ["SIPp"])], ({ ports }) =>
    shell(`exec sipp -sn uas -t t1 -i 127.0.0.1 -p ${ports[0]} -nostdin`, { ...HOME, TERM: "xterm" }),
  ),
  daemon("kamailio odd", "kamailio", [null], [udp("sip", ["Kamailio"], "package")], (place) =>
    kamailio(place, `disable_tcp=yes\nlisten=udp:127.0.0.1:${place.ports[0]}\n`, '200, "OK"'),
  ),
  daemon("kamailio", "kamailio", [5060], both("sip", ["Kamailio"], "package"), (place) =>
    kamailioBoth(place, '200, "OK"'),
  ),
  daemon(
    "stund",
    "stun-server",
    [3478, null],
    [udp("stun", ["Vovida STUN server", "Vovida.org STUN server", "stund", "Vovida.org"])],
    ({ ports: [p, q] }) => shell(`exec stund -h 127.0.0.1 -a 127.0.0.2 -p ${p} -o ${q}`),
  ),
  daemon("coturn odd", "coturn", [null], [udp("stun", ["Coturn"], "package")], (place) =>
    coturn(place, "--no-tcp"),
  ),
  daemon("coturn", "coturn", [null], both(STUN, ["coturn", "Coturn TURN server"], "package"), (place) =>
    coturn(place, "--relay-ip 127.0.0.1 -z"),
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
  daemon(
    "janus",
    "janus",
    [8088, 7088],
    [
      tcp(WEB, ["Janus", "Janus WebRTC Server"], "package"),
      tcp(WEB, ["Janus", "Janus WebRTC Server"], null, { at: 1, productHidden: true }),
    ],
    ({ ports, directory }) =>
      shell(`cat > janus.jcfg <<X
general: { configs_folder = "${directory}", plugins_folder = "${directory}" }
nat: {}
media: {}
X
cat > janus.transport.http.jcfg <<X
general: { json = "indented", base_path = "/janus", http = true, port = ${ports[0]}, ip = "127.0.0.1", https = false }
admin: { admin_base_path = "/admin", admin_http = true, admin_port = ${ports[1]}, admin_ip = "127.0.0.1" }
X
exec /usr/bin/janus -F $PWD -C $PWD/janus.jcfg -i 127.0.0.1`),
  ),
  daemon(
    "osmo-mgw",
    "osmo-mgw",
    [2427],
    [hidden(udp("mgcp", null), ["OsmoMGW"])],
    () =>
      shell(
        `printf 'line vty\\n no login\\nmgcp\\n bind ip 127.0.0.1\\n bind port 2427\\n rtp port-range 4002 16000\\n number endpoints 31\\n' > m.cfg\nexec osmo-mgw -c m.cfg`,
      ),
    OWN,
  ),
  daemon(
    "ntalkd",
    "talkd",
    [518],
    [hidden(udp(["ntalk", "talk"], null), ["Linux talkd", "netkit talkd", "ntalkd"])],
    (place) =>
      xinetd(place, [
        xinetdService(place.ports[0], "udp", { server: `${EXTRACTED}/talkd/usr/sbin/in.ntalkd` }),
      ]),
  ),
  daemon(
    "eggdrop",
    "eggdrop",
    [null],
    [tcp(["telnet", "irc", "eggdrop"], ["Eggdrop", "Eggdrop irc bot console", "Eggdrop IRC bot"], "package")],
    ({ ports: [p] }) =>
      shell(
        `chmod 777 .
cat > e.conf <<X
set nick "Lab"
set botnet-nick "Lab"
set userfile "e.user"
set chanfile "e.chan"
set mod-path "/usr/lib/eggdrop/modules/"
loadmodule blowfish
set help-path "/usr/share/eggdrop/help/"
set text-path "/usr/share/eggdrop/text/"
set owner "x"
set listen-addr 127.0.0.1
set learn-users 0
listen ${p} all
X
exec setpriv --reuid nobody --regid nogroup --clear-groups sh -c 'sleep 10000 | eggdrop -n -m e.conf'`,
        { EGG_LANGDIR: "/usr/share/eggdrop/language" },
      ),
  ),
  daemon(
    "bip",
    "bip",
    [7778],
    [
      hidden(
        tcp(["irc-proxy", "irc"], null, null, {
          unnamed: "it answers who registers with a nickname, and strangers are not to do that",
        }),
        ["bip", "Bip", "bip IRC proxy"],
      ),
    ],
    ({ ports: [p] }) =>
      shell(`cat > b.conf <<X
ip = "127.0.0.1";
port = ${p};
log = false;
client_side_ssl = false;
pid_file="$PWD/pid";
network { name = "n"; server { host = "127.0.0.1"; port = 9; }; };
user { name = "u"; password = "3880f2b39b3b9cb507b052b695d2680859bfc327"; admin = true; default_nick = "n"; default_user = "n"; default_realname = "n"; connection { name = "n"; network = "n"; }; };
X
chmod 600 b.conf
exec bip -n -f b.conf -s $PWD`),
  ),
  daemon(
    "uhub",
    "uhub",
    [1511],
    [tcp(["adc", "dc", "uhub"], ["uHub", "uhub"], "package")],
    ({ ports: [p] }) =>
      shell(
        `printf 'server_port=${p}\\nserver_bind_addr=127.0.0.1\\nfile_acl=%s/u\\nfile_plugins=%s/pl\\n' $PWD $PWD > u.conf; touch u pl\nexec uhub -c u.conf`,
      ),
  ),
  daemon(
    "osmo-hlr",
    "osmo-hlr",
    [4258, 4222],
    [
      tcp(["telnet", "vty", "osmocom-vty", "quagga"], ["OsmoHLR", "Osmocom HLR"]),
      hidden(tcp(["gsup", "ipa", "osmocom-ipa"], null, null, { at: 1 }), ["OsmoHLR"]),
    ],
    () =>
      shell(
        `printf 'line vty\\n no login\\nhlr\\n database %s/h.db\\n' $PWD > h.cfg\nexec osmo-hlr -c h.cfg -l $PWD/h.db`,
      ),
    OWN,
  ),
  daemon(
    "murmur",
    "mumble-server",
    [64738],
    [
      tcp(["mumble", "murmur"], ["Murmur", "Mumble", "Mumble server"], null, TLS),
      udp(["mumble", "murmur"], ["Murmur", "Mumble", "Mumble server"], "package"),
    ],
    (place) =>
      // Else it bans for five minutes whoever asks ten times in two minutes what it does not know, as nmap -sV does: its next guest is turned away.
      shell(
        `chmod 777 .\nexec /usr/sbin/murmurd -fg -ini ${write(
          place,
          "m.ini",
          `database=${place.directory}/db.sqlite\nhost=127.0.0.1\nport=${place.ports[0]}\nbonjour=False\nlogfile=\npidfile=${place.directory}/pid\nautobanAttempts=0\n`,
        )}`,
      ),
  ),
  daemon(
    "jamulus",
    "jamulus",
    [22124],
    [udp("jamulus", ["Jamulus"], "package")],
    ({ ports: [p] }) => shell(`exec Jamulus -s -n -p ${p}`, { ...HOME, QT_QPA_PLATFORM: "offscreen" }),
    OWN,
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
    OWN,
  ),
  daemon(
    "syncplay",
    "syncplay-server",
    [8999],
    [hidden(tcp(["syncplay"], null), ["Syncplay"])],
    ({ ports: [p] }) => shell(`exec /usr/bin/syncplay-server --port ${p} --disable-ready`, HOME),
  ),
  daemon(
    "prosody",
    "prosody",
    [5222],
    [tcp(["xmpp", "xmpp-client", "jabber"], ["Prosody"], null, { productHidden: true })],
    (place) =>
      prosody(
        place,
        `c2s_ports={${place.ports[0]}}\nc2s_require_encryption=false\nmodules_enabled={"saslauth","version","disco"}\nmodules_disabled={"s2s"}\n`,
      ),
  ),
  daemon(
    "prosody components",
    "prosody",
    [5347],
    [hidden(tcp([...XMPP, "xmpp-component"], null), "Prosody")],
    (place) =>
      prosody(
        place,
        `component_ports={${place.ports[0]}}\ncomponent_interface="127.0.0.1"\nc2s_ports={}\ns2s_ports={}\nComponent "x.lab.test"\n component_secret="x"\n`,
      ),
    OWN,
  ),
  daemon(
    "ejabberd",
    "ejabberd",
    [null, null],
    [
      tcp(["xmpp", "xmpp-client", "jabber"], ["ejabberd"], null),
      tcp(["http"], ["ejabberd"], null, { at: 1 }),
    ],
    (place) =>
      shell(
        `mkdir -p spool log
cat > e.yml <<X
hosts: [lab.test]
loglevel: error
listen:
  - port: ${place.ports[0]}
    ip: "127.0.0.1"
    module: ejabberd_c2s
  - port: ${place.ports[1]}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers:
      /admin: ejabberd_web_admin
X
exec erl -noinput -sname ejlab@localhost -pa /usr/lib/x86_64-linux-gnu/ejabberd*/ebin -pa /usr/lib/x86_64-linux-gnu/erlang/lib/*/ebin -mnesia dir "\\"$PWD/spool\\"" -s ejabberd`,
        {
          EJABBERD_CONFIG_PATH: `${place.directory}/e.yml`,
          EJABBERD_LOG_PATH: `${place.directory}/log/e.log`,
          SPOOL_DIR: `${place.directory}/spool`,
          HOME: place.directory,
          ERL_EPMD_ADDRESS: "127.0.0.1",
        },
      ),
  ),
  daemon("inspircd", "inspircd", [6697], [tcp("irc", ["InspIRCd"], null, { productHidden: true })], (place) =>
    inspircd(place, "irc.lab.test"),
  ),
  daemon(
    "bitlbee",
    "bitlbee",
    [null],
    [tcp("irc", ["BitlBee", "BitlBee IRCd"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/sbin/bitlbee",
        "-F",
        "-n",
        "-i",
        "127.0.0.1",
        "-p",
        `${ports[0]}`,
        "-d",
        directory,
        "-c",
        "/dev/null",
        "-u",
        "nobody",
      ],
    }),
  ),
  daemon(
    "infinoted",
    "infinoted",
    [6523],
    [tcp(["xmpp", "infinote"], ["infinoted", "Infinote", "Gobby infinoted"], null)],
    ({ ports, directory }) =>
      shell(
        `infinoted --security-policy=no-tls --listen-address=127.0.0.1 -p ${ports[0]} -r ${directory} || exec infinoted --security-policy=no-tls -p ${ports[0]} -r ${directory}`,
        HOME,
      ),
    OWN,
  ),
  daemon(
    "jabberd2",
    "jabberd2",
    [5347, 5222],
    [
      tcp(
        ["xmpp-component", "xmpp", "jabber", "xmpp-client"],
        ["jabberd2 router", "jabberd", "jabberd2", "Jabberd"],
        null,
      ),
    ],
    ({ directory, ports }) =>
      shell(
        `cp -r /etc/jabberd2/. .; sed -i -E 's#<ip>.*</ip>#<ip>127.0.0.1</ip>#; s#<port>.*</port>#<port>${ports[0]}</port>#; s#<pidfile>.*</pidfile>#<pidfile>${directory}/pid</pidfile>#; s#<user>.*</user>##; s#<group>.*</group>##; s#/etc/jabberd2/#${directory}/#' router.xml
exec jabberd2-router -c router.xml`,
        HOME,
      ),
  ),
];
