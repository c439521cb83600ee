import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, TLS, tcp, udp } from "./entry.ts";
import { WEB } from "./servers.ts";

const SILENT = ["tcpwrapped", "unknown"] as const;
const OWN = { needsOwnNetwork: true } as const;
const listen = (port: number | undefined, command: string) =>
  shell(`exec socat TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork EXEC:"${command}"`, HOME);
const POLICY = ["postfix-policy", "policyd", "policy", "smtp-policy", ...SILENT] as const;

/** Mail, news, talk, printing, games, clusters and instruments: servers of protocols of their own. */
export const tradeDaemons: Daemon[] = [
  daemon(
    "cyrus-imspd",
    "cyrus-imspd",
    [406],
    [tcp(["imsp"], ["Cyrus IMSP", "Cyrus IMSPd", "Cyrus imspd"], null)],
    ({ ports }) => listen(ports[0], "/usr/sbin/cyrus-imspd"),
  ),
  daemon(
    "poppassd",
    "poppassd",
    [106],
    [tcp(["pop3pw", "poppassd", "3com-tsmux"], ["poppassd", "Poppassd"], null)],
    ({ ports }) => listen(ports[0], "/usr/sbin/poppassd"),
  ),
  daemon(
    "clamsmtpd",
    "clamsmtp",
    [10026],
    [hidden(tcp(["smtp", ...SILENT], null), ["clamsmtpd", "ClamSMTP"])],
    ({ ports, directory }) =>
      shell(`printf 'OutAddress: 127.0.0.1:9\\nListen: 127.0.0.1:${ports[0]}\\nClamAddress: 127.0.0.1:9\\nTempDirectory: ${directory}\\nPidFile: ${directory}/pid\\n' > c
exec clamsmtpd -d 1 -f c`),
  ),
  daemon(
    "proxsmtpd",
    "proxsmtp",
    [null],
    [hidden(tcp(["smtp", ...SILENT], null), ["proxsmtpd", "ProxSMTP"])],
    ({ ports, directory }) =>
      shell(`printf 'OutAddress: 127.0.0.1:9\\nListen: 127.0.0.1:${ports[0]}\\nFilterCommand: /bin/cat\\nTempDirectory: ${directory}\\nPidFile: ${directory}/pid\\n' > c
exec proxsmtpd -d 1 -f c`),
  ),
  daemon("sqlgrey", "sqlgrey", [2501], [hidden(tcp(POLICY, null), ["SQLgrey"])], ({ ports, directory }) =>
    shell(`printf 'conf_dir=/etc/sqlgrey\\nuser=nobody\\ngroup=nogroup\\npidfile=${directory}/pid\\ninet=127.0.0.1:${ports[0]}\\ndb_type=SQLite\\ndb_name=${directory}/db\\n' > c; chmod 777 .
exec /usr/sbin/sqlgrey -f $PWD/c`),
  ),
  daemon(
    "mta-sts-daemon",
    "postfix-mta-sts-resolver",
    [8461],
    [hidden(tcp(["socketmap", "netstring", ...SILENT], null), ["postfix-mta-sts-resolver"])],
    (place) =>
      shell(
        `exec mta-sts-daemon -c ${write(place, "c.yml", `host: 127.0.0.1\nport: ${place.ports[0]}\ncache:\n  type: internal\n  options:\n    cache_size: 100\ndefault_zone:\n  strict_testing: false\n  timeout: 4\n`)}`,
        HOME,
      ),
  ),
  daemon(
    "davmail",
    "davmail-server",
    [1143, 1110, 1025, 1389, 1080],
    [
      tcp("imap", ["DavMail", "DavMail IMAP gateway", "DavMail imapd"], null),
      tcp("pop3", ["DavMail", "DavMail POP gateway", "DavMail pop3d"], null, { at: 1 }),
      tcp("smtp", ["DavMail", "DavMail SMTP gateway", "DavMail smtpd"], null, { at: 2 }),
      hidden(tcp("ldap", null, null, { at: 3 }), ["DavMail"]),
      tcp([...WEB, "caldav"], ["DavMail", "DavMail CalDAV gateway"], null, { at: 4 }),
    ],
    ({ ports }) =>
      shell(
        `printf 'davmail.server=true\\ndavmail.mode=EWS\\ndavmail.url=http://127.0.0.1:9/\\ndavmail.imapPort=${ports[0]}\\ndavmail.popPort=${ports[1]}\\ndavmail.smtpPort=${ports[2]}\\ndavmail.ldapPort=${ports[3]}\\ndavmail.caldavPort=${ports[4]}\\ndavmail.allowRemote=false\\ndavmail.disableUpdateCheck=true\\n' > d.properties
exec davmail-server $PWD/d.properties`,
        HOME,
      ),
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
  daemon(
    "radsecproxy",
    "radsecproxy",
    [2083],
    [
      hidden(
        tcp(["radsec", "ssl", "tls"], null, null, {
          ...TLS,
          unnamed:
            "it hears nobody without a certificate, and most who have TLS on this port are web servers",
        }),
        ["radsecproxy"],
      ),
    ],
    (place) =>
      shell(
        `exec radsecproxy -f -c ${write(place, "c", `ListenTLS 127.0.0.1:${place.ports[0]}\nTLS default {\n CACertificateFile ${place.certificate}\n CertificateFile ${place.certificate}\n CertificateKeyFile ${place.privateKey}\n}\nclient 127.0.0.1 {\n type tls\n secret x\n}\nserver a {\n host 127.0.0.1\n type udp\n secret x\n}\nrealm * {\n server a\n}\n`)}`,
      ),
  ),
  daemon(
    "stayrtr",
    "stayrtr",
    [323, null],
    [
      hidden(tcp(["rpki-rtr", ...SILENT], null), ["StayRTR", "stayrtr"]),
      tcp(WEB, ["StayRTR", "Golang net/http server"], null, { at: 1 }),
    ],
    (place) =>
      shell(
        `exec stayrtr -bind 127.0.0.1:${place.ports[0]} -metrics.addr 127.0.0.1:${place.ports[1]} -checktime=false -cache ${write(place, "v.json", '{"metadata":{},"roas":[{"prefix":"10.0.0.0/24","maxLength":24,"asn":"AS65000","ta":"x"}]}')}`,
      ),
  ),
  daemon(
    "isnsd",
    "open-isns-server",
    [3205],
    [hidden(tcp(["isns", ...SILENT], null), ["Open-iSNS"])],
    ({ directory }) =>
      shell(`printf 'Database=${directory}/db\\nSecurity=0\\nPIDFile=${directory}/pid\\nControlSocket=${directory}/ctl\\nSourceName=iqn.2005-01.org.open-iscsi:test\\n' > c
exec isnsd -f -c c`),
    OWN,
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
    "remctld",
    "remctl-server",
    [4373],
    [
      hidden(tcp(["remctl"], null, null, { unnamed: "it answers a Kerberos login alone" }), [
        "remctl",
        "remctld",
      ]),
    ],
    (place) =>
      shell(
        `exec remctld -m -F -S -b 127.0.0.1 -p ${place.ports[0]} -f ${write(place, "c", "a b /bin/true ANYUSER\n")}`,
      ),
  ),
  daemon(
    "sndiod",
    "sndiod",
    [11025],
    [
      hidden(tcp(["sndio", "aucat"], null, null, { unnamed: "its hello opens the sound device" }), [
        "sndio",
        "sndiod",
      ]),
    ],
    () => shell(`exec sndiod -d -L 127.0.0.1 -f /dev/null`),
  ),
  daemon(
    "sniproxy",
    "sniproxy",
    [null, null],
    [
      hidden(tcp([...WEB, ...SILENT], null), ["SNI Proxy", "sniproxy"]),
      hidden(tcp(["ssl", "tls", "https", ...SILENT], null, null, { at: 1 }), ["SNI Proxy"]),
    ],
    (place) =>
      shell(
        `exec sniproxy -f -c ${write(place, "c", `user root\npidfile ${place.directory}/pid\nlisten 127.0.0.1:${place.ports[0]} {\n proto http\n}\nlisten 127.0.0.1:${place.ports[1]} {\n proto tls\n}\ntable {\n a.test 127.0.0.1:9\n}\n`)}`,
      ),
  ),
  daemon(
    "xrootd",
    "xrootd-server",
    [1094],
    [tcp(["xrootd", "rootd"], ["XRootD", "xrootd"], null)],
    (place) =>
      shell(
        `chmod 777 .; exec setpriv --reuid=nobody --regid=nogroup --clear-groups xrootd -l $PWD/log -p ${place.ports[0]} -c ${write(place, "c", `all.export /tmp\nall.adminpath ${place.directory}\nall.pidpath ${place.directory}\n`)}`,
      ),
    OWN,
  ),
  daemon(
    "zabbix proxy",
    "zabbix-proxy-sqlite3",
    [null],
    [
      hidden(tcp(["zabbix-trapper", "zabbix-proxy", "zabbix", "zabbix-server"], null), [
        "Zabbix",
        "Zabbix proxy",
        "Zabbix server",
      ]),
    ],
    ({ ports, directory }) =>
      shell(`printf 'Server=127.0.0.1\\nHostname=p\\nListenIP=127.0.0.1\\nListenPort=${ports[0]}\\nDBName=${directory}/z.db\\nLogType=console\\nPidFile=${directory}/pid\\nSocketDir=${directory}\\nAllowRoot=1\\n' > c
exec ${EXTRACTED}/zabbix-proxy-sqlite3/usr/sbin/zabbix_proxy -f -c c`),
  ),
  daemon(
    "icegridregistry",
    "zeroc-icegrid",
    [4061],
    [tcp(["ice", "zeroc-ice", "icep"], ["ZeroC Ice", "Ice", "ZeroC IceGrid"], null)],
    (place) =>
      shell(
        `mkdir db; exec icegridregistry --Ice.Config=${write(place, "c", `IceGrid.Registry.Client.Endpoints=tcp -h 127.0.0.1 -p ${place.ports[0]}\nIceGrid.Registry.Server.Endpoints=tcp -h 127.0.0.1\nIceGrid.Registry.Internal.Endpoints=tcp -h 127.0.0.1\nIceGrid.Registry.LMDB.Path=${place.directory}/db\nIceGrid.InstanceName=x\nIceGrid.Registry.PermissionsVerifier=x/NullPermissionsVerifier\nIceGrid.Registry.AdminPermissionsVerifier=x/NullPermissionsVerifier\n`)}`,
      ),
  ),
  daemon(
    "ecflow",
    "ecflow-server",
    [3141],
    [hidden(tcp(["ecflow", ...SILENT], null), ["ecFlow"])],
    ({ ports, directory }) =>
      shell(`export ECF_HOME=${directory} ECF_PORT=${ports[0]}\nexec ecflow_server --port ${ports[0]}`),
    OWN,
  ),
  daemon(
    "picolisp",
    "picolisp",
    [8080],
    [tcp(WEB, ["PicoLisp"], null)],
    ({ ports }) => shell(`exec pil @lib/http.l @lib/xhtml.l -'server ${ports[0]} "/tmp"'`, HOME),
    OWN,
  ),
  daemon(
    "poolcounterd",
    "poolcounter",
    [7531],
    [tcp(["poolcounter", "unknown"], null)],
    () => shell("exec poolcounterd"),
    OWN,
  ),
  daemon(
    "corosync-qnetd",
    "corosync-qnetd",
    [5403],
    [hidden(tcp(["qnetd", "corosync-qnetd", "hpoms-dps-lstn", ...SILENT], null), ["Corosync qnetd"])],
    () =>
      shell(
        `mkdir -p q; mount --bind q /etc/corosync; corosync-qnetd-certutil -i >/dev/null 2>&1 || true; mount -t tmpfs tmpfs /run; mkdir -p /run/corosync-qnetd; exec corosync-qnetd -f`,
      ),
    OWN,
  ),
  daemon(
    "glusterd",
    "glusterfs-server",
    [24007],
    [
      tcp(
        ["rpcbind", "gluster_handshake", "glusterd", "rpc", "gluster", "sunrpc", "glusterfs"],
        ["GlusterFS", "glusterd"],
        null,
      ),
    ],
    ({ directory }) =>
      shell(
        `mkdir w; sed "s#/var/lib/glusterd#${directory}/w#" /etc/glusterfs/glusterd.vol > g.vol; exec glusterd -N -f $PWD/g.vol -l $PWD/log -p $PWD/pid`,
      ),
    OWN,
  ),
  daemon(
    "mfsmaster",
    "moosefs-master",
    [9419, 9420, 9421],
    [
      hidden(
        tcp(["moosefs", "mfsmaster"], null, null, { unnamed: "it answers who registers as a second master" }),
        ["MooseFS"],
      ),
      hidden(tcp(["moosefs", "mfsmaster", ...SILENT], null, null, { at: 2 }), ["MooseFS"]),
    ],
    ({ ports, directory }) =>
      shell(`mkdir data; cp $(find / -xdev -name 'metadata.mfs.empty' 2>/dev/null | head -1) data/metadata.mfs; chmod -R 777 data
printf 'WORKING_USER = root\\nWORKING_GROUP = root\\nDATA_PATH = ${directory}/data\\nEXPORTS_FILENAME = ${directory}/e\\nTOPOLOGY_FILENAME = /dev/null\\nMATOML_LISTEN_HOST = 127.0.0.1\\nMATOML_LISTEN_PORT = ${ports[0]}\\nMATOCS_LISTEN_HOST = 127.0.0.1\\nMATOCS_LISTEN_PORT = ${ports[1]}\\nMATOCL_LISTEN_HOST = 127.0.0.1\\nMATOCL_LISTEN_PORT = ${ports[2]}\\n' > c; echo '* / rw' > e
exec mfsmaster -c c -f start`),
  ),
  daemon(
    "mon",
    "mon",
    [2583],
    [tcp(["mon", "trap-mon"], ["mon"], null)],
    ({ ports, directory }) =>
      shell(`printf 'serverbind = 127.0.0.1\\ntrapbind = 127.0.0.1\\nalertdir = /tmp\\nmondir = /tmp\\nstatedir = ${directory}\\nlogdir = ${directory}\\nhostgroup a 127.0.0.1\\nwatch a\\n service p\\n  interval 5h\\n  monitor x.monitor\\n  period wd {Mon-Sun}\\n   alert x.alert\\n' > c
exec mon -c $PWD/c -p ${ports[0]} -P $PWD/pid -s $PWD`),
    OWN,
  ),
  daemon(
    "partimaged",
    "partimage-server",
    [4025],
    [tcp(["partimage"], ["partimaged", "Partimage"], null)],
    ({ ports }) =>
      shell(`export TERM=xterm; partimaged -p ${ports[0]} -L -g0 -d $PWD || exec partimaged -p ${ports[0]}`),
    OWN,
  ),
  daemon(
    "garagemq",
    "garagemq",
    [null, null],
    [
      tcp("amqp", ["GarageMQ", "garagemq"], null),
      tcp(WEB, ["GarageMQ", "Golang net/http server"], null, { at: 1 }),
    ],
    (place) =>
      shell(
        `exec garagemq --config ${write(place, "g.yaml", `proto: amqp-rabbit\ntcp:\n  ip: 127.0.0.1\n  port: ${place.ports[0]}\nadmin:\n  ip: 127.0.0.1\n  port: ${place.ports[1]}\ndb:\n  defaultPath: ${place.directory}/db\n  engine: badger\nusers:\n  - username: guest\n    password: 084e0343a0486ff05530df6c705c8bb4\nvhost:\n  defaultPath: /\nqueue:\n  shardSize: 1024\n  maxMessagesInRam: 4096\nconnection:\n  channelsMax: 4096\n  frameMaxSize: 65536\n`)}`,
        HOME,
      ),
  ),
  daemon(
    "serf",
    "serf",
    [7946, 7373],
    [
      hidden(tcp(["memberlist", "serf"], null), ["Serf", "HashiCorp Serf"]),
      hidden(udp(["memberlist", "serf"], null), ["Serf", "HashiCorp Serf"]),
      hidden(tcp(["serf-rpc", "serf", ...SILENT], null, null, { at: 1 }), ["Serf"]),
    ],
    ({ ports }) =>
      shell(`exec serf agent -bind=127.0.0.1:${ports[0]} -rpc-addr=127.0.0.1:${ports[1]} -node=lab`),
  ),
  daemon(
    "canid",
    "canid",
    [8080],
    [hidden(tcp(WEB, null), ["canid", "Golang net/http server"])],
    ({ ports, directory }) => shell(`exec canid -port ${ports[0]} -file ${directory}/c.json`),
    OWN,
  ),
  daemon(
    "taskd",
    "taskd",
    [53589],
    [hidden(tcp(["taskd", "taskserver", "ssl", "tls", ...SILENT], null, null, TLS), ["Taskserver", "taskd"])],
    ({ ports, certificate, privateKey, directory }) =>
      shell(`export TASKDDATA=${directory}/t; mkdir t; taskd init >/dev/null; for k in client server; do taskd config --force $k.cert ${certificate} >/dev/null; taskd config --force $k.key ${privateKey} > /dev/null; done; taskd config --force ca.cert ${certificate} >/dev/null; taskd config --force server 127.0.0.1:${ports[0]} >/dev/null
exec taskd server --data $TASKDDATA`),
  ),
  daemon("procServ", "procserv", [null], [tcp("telnet", ["procServ"], "package")], ({ ports }) =>
    shell(
      `procServ -f -n lab --allow -L /dev/null -P 127.0.0.1:${ports[0]} /bin/cat || exec procServ -f -n lab ${ports[0]} /bin/cat`,
    ),
  ),
  daemon(
    "uniconfd",
    "uniconfd",
    [4111],
    [tcp(["uniconf"], ["UniConf daemon", "uniconfd", "UniConfDaemon"], null)],
    ({ ports, directory }) =>
      shell(
        `uniconfd -l tcp:127.0.0.1:${ports[0]} ini:${directory}/c.ini || exec uniconfd -f -p ${ports[0]} ini:${directory}/c.ini`,
      ),
  ),
  daemon(
    "gkrellmd",
    "gkrellmd",
    [19150],
    [tcp(["gkrellm", "gkrellmd"], ["GKrellM", "GKrellM System Monitor", "gkrellmd"], null)],
    ({ ports }) => shell(`exec gkrellmd -A 127.0.0.1 -P ${ports[0]}`, HOME),
  ),
  daemon(
    "carbon-c-relay",
    "carbon-c-relay",
    [2003],
    [hidden(tcp(["graphite", "carbon"], null), ["carbon-c-relay"])],
    (place) =>
      shell(
        `exec carbon-c-relay -f ${write(place, "c", `listen type linemode 127.0.0.1:${place.ports[0]} proto tcp;\ncluster a file /dev/null;\nmatch * send to a;\n`)}`,
      ),
  ),
  daemon(
    "iperf3 odd",
    "iperf3",
    [null],
    [hidden(tcp(["iperf3", ...SILENT], null), ["iperf3"])],
    ({ ports }) => shell(`exec iperf3 -s -B 127.0.0.1 -p ${ports[0]}`),
  ),
  daemon(
    "ftp-proxy",
    "ftp-proxy",
    [2121],
    [tcp("ftp", ["ftp-proxy", "SUSE ftp-proxy", "SuSE ftp-proxy"], "package")],
    (place) =>
      shell(
        `exec ftp-proxy -d -n -f ${write(place, "c", `[-Global-]\nServerType standalone\nListen 127.0.0.1\nPort ${place.ports[0]}\nUser nobody\nGroup nogroup\nDestinationAddress 127.0.0.1\nDestinationPort 9\n`)} || exec ftp-proxy -d -f $PWD/c`,
      ),
  ),
  daemon("bidentd", "bidentd", [null], [hidden(tcp(["ident", "auth"], null), ["bidentd"])], ({ ports }) =>
    listen(ports[0], `${EXTRACTED}/bidentd/usr/sbin/bidentd`),
  ),
  daemon("cfingerd", "cfingerd", [null], [tcp("finger", ["cfingerd"], null)], ({ ports }) =>
    shell(`mkdir -p e; cp -r /etc/. e/ 2>/dev/null || true; cp -r ${EXTRACTED}/cfingerd/etc/. e/; mount --bind e /etc
exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:${EXTRACTED}/cfingerd/usr/sbin/cfingerd`),
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
  daemon(
    "freeradius",
    "freeradius",
    [1812],
    [
      hidden(
        udp("radius", null, null, {
          unnamed: "it answers nobody without the shared secret (RFC 2865, section 3)",
        }),
        ["FreeRADIUS"],
      ),
    ],
    ({ directory }) =>
      shell(
        `cp -r /etc/freeradius/3.0/. .; sed -i 's#/var/log/freeradius#${directory}#; s#/run/freeradius#${directory}#; s#user = .*#user = root#; s#group = .*#group = root#' radiusd.conf; exec freeradius -f -d $PWD -l stdout`,
      ),
    OWN,
  ),
  daemon(
    "tinydns",
    "tinydns",
    [53],
    [
      udp(["domain", "dns"], ["tinydns", "djbdns", "TinyDNS", "djbdns tinydns"], null, {
        productHidden: true,
      }),
    ],
    ({ directory }) =>
      shell(`mkdir root; cd root; printf '.lab.test:127.0.0.1:a\\n=www.lab.test:10.0.0.1\\n' > data; tinydns-data
export ROOT=${directory}/root IP=127.0.0.1 UID=65534 GID=65534
exec tinydns`),
    OWN,
  ),
  daemon(
    "iperf udp",
    "iperf",
    [5001],
    [hidden(udp("iperf", null, null, { unnamed: "it answers at the end of a test alone" }), ["iperf"])],
    ({ ports }) => shell(`exec iperf -s -u -B 127.0.0.1 -p ${ports[0]}`),
  ),
  daemon(
    "cube2",
    "cube2-server",
    [28785, 28786],
    [
      hidden(
        udp(["cube2", "sauerbraten", "assaultcube"], null, null, { unnamed: "it answers players alone" }),
        ["Cube 2", "Sauerbraten"],
      ),
      udp(["sauerbraten", "cube2"], ["Sauerbraten", "Cube 2"], null, { at: 1 }),
    ],
    () => shell("exec /usr/games/cube2-server -ilocalhost -mlocalhost -nlab", HOME),
    OWN,
  ),
  daemon(
    "armagetron",
    "armagetronad-dedicated",
    [4534],
    [udp(["armagetron", "armagetronad"], ["Armagetron Advanced", "Armagetron"], "0.2.9.1")],
    ({ directory }) =>
      shell(
        `mkdir u v; exec /usr/games/armagetronad-dedicated.real --userdatadir ${directory}/u --vardir ${directory}/v --datadir /usr/share/games/armagetronad --configdir /etc/games/armagetronad`,
        HOME,
      ),
    OWN,
  ),
];
