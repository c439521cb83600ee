import { type Daemon, type Place, write } from "../../daemon.ts";
import { postfix } from "../mail.ts";
import { daemon, HOME, hidden, shell, TLS, tcp } from "./entry.ts";
import { behind } from "./fronts.ts";
import { APACHE, python3, vsftpd } from "./impostors.ts";
import { apache, nginx, WEB } from "./servers.ts";
import { memcached, REDIS, redis, sshd } from "./variants-data.ts";
import { DOVECOT, node } from "./variants-mail.ts";

const SILENT = ["tcpwrapped", "unknown"] as const;
const POLICY = ["postfix-policy", "policyd", "policy", "smtp-policy"] as const;
const OWN = { needsOwnNetwork: true } as const;
export const perl = (place: Place, program: string) =>
  shell(`exec /usr/bin/perl ${write(place, "app.pl", program)}`, HOME);
/** Dovecot with the services that `more` writes, under a directory of its own. */
export const dovecotOf = (place: Place, more: string) => {
  const { directory } = place;
  const config = `base_dir = ${directory}/run\nstate_dir = ${directory}/state\nlog_path = ${directory}/log\nlisten = 127.0.0.1\nssl = no\nmail_location = maildir:${directory}/mail\npassdb {\n  driver = static\n  args = nopassword=y\n}\nservice stats {\n  chroot =\n}\n${more}`;
  return { argv: ["/usr/sbin/dovecot", "-F", "-c", write(place, "dovecot.conf", config)] as const };
};

const carbon = ({ directory, ports }: Place) =>
  shell(`mkdir conf storage; printf '[cache]\\nLOCAL_DATA_DIR=${directory}/storage\\nLINE_RECEIVER_INTERFACE=127.0.0.1\\nLINE_RECEIVER_PORT=${ports[0]}\\nPICKLE_RECEIVER_INTERFACE=127.0.0.1\\nPICKLE_RECEIVER_PORT=${ports[1]}\\nCACHE_QUERY_INTERFACE=127.0.0.1\\nCACHE_QUERY_PORT=${ports[2]}\\nUSER=\\n' > conf/carbon.conf; printf '[d]\\npattern=.*\\nretentions=60s:1d\\n' > conf/storage-schemas.conf
export GRAPHITE_ROOT=${directory} GRAPHITE_CONF_DIR=${directory}/conf GRAPHITE_STORAGE_DIR=${directory}/storage
exec carbon-cache --config=conf/carbon.conf --nodaemon --pidfile=$PWD/pid --logdir=$PWD start`);

/** Drawn afresh, when what the files before this one taught was learned. */
export const againDaemons: Daemon[] = [
  daemon("postgrey", "postgrey", [10023], [hidden(tcp(POLICY, null), ["Postgrey"])], ({ ports }) =>
    shell(
      `mkdir db; chmod 777 db .; exec /usr/sbin/postgrey --inet=127.0.0.1:${ports[0]} --dbdir=$PWD/db --user=nobody --group=nogroup --pidfile=$PWD/pid`,
    ),
  ),
  daemon(
    "dovecot quota policy",
    "dovecot-core",
    [null],
    [hidden(tcp([...POLICY, ...SILENT], null), ["Dovecot"])],
    (place) =>
      dovecotOf(
        place,
        `protocols =\nservice quota-status {\n  executable = quota-status -p postfix\n  inet_listener {\n    port = ${place.ports[0]}\n  }\n}\n`,
      ),
  ),
  daemon(
    "dovecot wants PROXY",
    "dovecot-core",
    [null],
    [hidden(tcp(["imap", ...SILENT], null), ["Dovecot"])],
    (place) =>
      dovecotOf(
        place,
        `protocols = imap\nhaproxy_trusted_networks = 127.0.0.0/8\nservice imap-login {\n  inet_listener imap {\n    port = ${place.ports[0]}\n    haproxy = yes\n  }\n}\n`,
      ),
  ),
  daemon("dovecot says welcome", "dovecot-core", [1430], [tcp("imap", DOVECOT)], (place) =>
    dovecotOf(
      place,
      `protocols = imap\nlogin_greeting = Willkommen beim IMAP-Server der Universität\nservice imap-login {\n  inet_listener imap {\n    port = ${place.ports[0]}\n  }\n}\n`,
    ),
  ),
  daemon(
    "inetsim",
    "inetsim",
    [21, 25, 110, 80, 6667, 79],
    [
      tcp("ftp", ["INetSim", "INetSim FTP"]),
      tcp("smtp", ["INetSim", "INetSim Mail"], null, { at: 1 }),
      tcp("pop3", ["INetSim", "INetSim POP3"], null, { at: 2 }),
      tcp(WEB, ["INetSim", "INetSim HTTP Server"], null, { at: 3 }),
      tcp("irc", ["INetSim", "INetSim IRC"], null, { at: 4, productHidden: true }),
      tcp("finger", ["INetSim", "INetSim finger"], null, { at: 5, productHidden: true }),
    ],
    ({ directory }) =>
      shell(`cp -r /var/lib/inetsim data; mkdir log report
printf 'service_bind_address 127.0.0.1\\nservice_run_as_user nobody\\nstart_service ftp\\nstart_service smtp\\nstart_service pop3\\nstart_service http\\nstart_service irc\\nstart_service finger\\n' > i.conf
chmod -R 777 ${directory}
exec inetsim --config=$PWD/i.conf --data-dir=$PWD/data --log-dir=$PWD/log --report-dir=$PWD/report`),
    OWN,
  ),
  daemon(
    "sks",
    "sks",
    [11371],
    [tcp([...WEB, "hkp", "pksd"], ["SKS", "SKS OpenPGP Key Server", "sks_www"], "package")],
    ({ ports }) =>
      shell(
        `mkdir -p KDB web var/log/sks log; exec sks db -basedir $PWD -hkp_port ${ports[0]} -hkp_address 127.0.0.1 -nodename lab.test`,
      ),
  ),
  daemon(
    "zabbix web service",
    "zabbix-web-service",
    [10053],
    [hidden(tcp(WEB, null), ["Zabbix", "Golang net/http server"])],
    (place) =>
      shell(
        `exec zabbix_web_service -c ${write(place, "z.conf", `ListenPort=${place.ports[0]}\nAllowedIP=127.0.0.1\nLogType=console\n`)}`,
        HOME,
      ),
    OWN,
  ),
  daemon(
    "timblserver",
    "timblserver",
    [7000],
    [tcp(["timbl", "timblserver", "unknown"], ["TimblServer", "timblserver"], null)],
    ({ ports }) =>
      shell(
        `printf 'a,b,c\\nb,a,c\\nc,c,d\\n' > train; exec timblserver -f train -S ${ports[0]} --daemonize=no --pidfile=$PWD/pid --logfile=$PWD/log`,
      ),
    OWN,
  ),
  daemon(
    "bbstored",
    "boxbackup-server",
    [2201],
    [hidden(tcp(["boxbackup", "ssl", "tls", ...SILENT], null, null, TLS), ["Box Backup"])],
    (place) =>
      shell(`mkdir r0; printf 'disc0\\n{\\n SetNumber = 0\\n BlockSize = 4096\\n Dir0 = %s/r0\\n Dir1 = %s/r0\\n Dir2 = %s/r0\\n}\\n' $PWD $PWD $PWD > raid.conf; touch accounts
exec bbstored -D -c ${write(place, "b.conf", `RaidFileConf = ${place.directory}/raid.conf\nAccountDatabase = ${place.directory}/accounts\nTimeBetweenHousekeeping = 900\nServer\n{\n PidFile = ${place.directory}/pid\n ListenAddresses = inet:127.0.0.1:${place.ports[0]}\n CertificateFile = ${place.certificate}\n PrivateKeyFile = ${place.privateKey}\n TrustedCAsFile = ${place.certificate}\n}\n`)}`),
  ),
  daemon(
    "knxd",
    "knxd",
    [6720],
    [hidden(tcp(["knxd", "knx", "eibd", ...SILENT], null), ["knxd"])],
    ({ ports }) => shell(`exec knxd -e 0.0.1 -E 0.0.2:8 -i${ports[0]} -b dummy:`),
    OWN,
  ),
  daemon(
    "carbon cache",
    "graphite-carbon",
    [null, 2004, 7002],
    [
      hidden(tcp(["graphite-pickle", "graphite", "carbon"], null, null, { at: 1 }), ["Carbon"]),
      tcp(["carbon-cache", "graphite", "carbon"], ["Carbon", "Graphite"], null, { at: 2 }),
    ],
    carbon,
  ),
  daemon(
    "carbon cache on odd ports",
    "graphite-carbon",
    [null, null, null],
    [
      hidden(tcp(["graphite", "carbon"], null, null, { unnamed: "it takes lines and never answers" }), [
        "Carbon",
      ]),
      hidden(
        tcp(["graphite", "carbon"], null, null, { at: 1, unnamed: "it takes pickles and never answers" }),
        ["Carbon"],
      ),
      hidden(
        tcp(["carbon-cache", "graphite", "carbon"], null, null, {
          at: 2,
          unnamed: "its question comes after those that it waits for",
        }),
        ["Carbon"],
      ),
    ],
    carbon,
  ),
  daemon(
    "ceph-mon",
    "ceph-mon",
    [3300, 6789],
    [
      tcp(["ceph", "ceph-mon", "msgr"], ["Ceph", "Ceph monitor"], null),
      tcp(["ceph", "ceph-mon", "msgr"], ["Ceph", "Ceph monitor"], null, { at: 1 }),
    ],
    ({ directory, ports }) =>
      shell(`printf '[global]\\nfsid=a7f64266-0894-4f1e-a635-d0aeaca0e993\\nmon host=[v2:127.0.0.1:${ports[0]},v1:127.0.0.1:${ports[1]}]\\nauth cluster required=none\\nauth service required=none\\nauth client required=none\\nrun dir=${directory}\\nlog file=${directory}/log\\nadmin socket=${directory}/s\\n' > c.conf
monmaptool --create --fsid a7f64266-0894-4f1e-a635-d0aeaca0e993 --addv a '[v2:127.0.0.1:${ports[0]},v1:127.0.0.1:${ports[1]}]' map >/dev/null
ceph-mon -c c.conf -i a --mkfs --monmap map --mon-data $PWD/m
exec ceph-mon -c c.conf -i a -f --mon-data $PWD/m --public-addrv '[v2:127.0.0.1:${ports[0]},v1:127.0.0.1:${ports[1]}]'`),
  ),
  daemon(
    "basex",
    "basex",
    [1984, 1985],
    [hidden(tcp(["basex", ...SILENT], null), ["BaseX"])],
    ({ ports, directory }) => shell(`exec basexserver -n127.0.0.1 -p${ports[0]}`, { HOME: directory }),
  ),
  daemon(
    "monitorix",
    "monitorix",
    [8080],
    [tcp(WEB, ["Monitorix", "Monitorix HTTP Server"], null)],
    ({ ports, directory }) =>
      shell(`cp /etc/monitorix/monitorix.conf m.conf; sed -i -E '/<httpd_builtin>/,/<\\/httpd_builtin>/{s/enabled *=.*/enabled = y/;s/host *=.*/host = 127.0.0.1/;s/port *=.*/port = ${ports[0]}/;s/user *=.*/user = nobody/;s/group *=.*/group = nogroup/;s#log_file *=.*#log_file = ${directory}/h.log#}; s#^base_lib *=.*#base_lib = ${directory}/#; s#^log_file *=.*#log_file = ${directory}/log#' m.conf
exec monitorix -c m.conf -n -p $PWD/pid`),
  ),
  daemon(
    "vdr",
    "vdr",
    [6419],
    [tcp("svdrp", ["Video Disk Recorder", "VDR"], "package")],
    ({ ports, directory }) =>
      shell(
        `mkdir v c; exec vdr --no-kbd -v ${directory}/v -c ${directory}/c --port=${ports[0]} --lirc=/dev/null -u root || exec vdr --no-kbd -v v -c c -p ${ports[0]}`,
      ),
    OWN,
  ),
  daemon(
    "netmux",
    "tinymux",
    [2860],
    [tcp(["telnet", "mud", "mux"], ["TinyMUX", "MUX"], null)],
    ({ ports, directory }) =>
      shell(`cp -r /usr/lib/tinymux/game g; cd g; printf 'port ${ports[0]}\\nip_address 127.0.0.1\\ninput_database data/x.db\\noutput_database data/x.new\\ncrash_database data/x.C\\ngame_dir_file data/x.dir\\ngame_pag_file data/x.pag\\nmail_database data/m\\ncomsys_database data/c\\n' > x.conf; mkdir -p data; cd bin 2>/dev/null && cd ..
export LD_LIBRARY_PATH=${directory}/g/bin
exec ./bin/netmux -c x.conf -s -p $PWD/pid`),
    OWN,
  ),
  daemon(
    "Net::Server::Mail",
    "libnet-server-mail-perl",
    [2526],
    [tcp("smtp", ["Net::Server::Mail"], "package")],
    (place) =>
      perl(
        place,
        `use Net::Server::Mail::ESMTP; use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => '127.0.0.1', LocalPort => ${place.ports[0]}, ReuseAddr => 1) or die; $SIG{CHLD} = 'IGNORE'; while (my $c = $s->accept) { next if fork; Net::Server::Mail::ESMTP->new(socket => $c)->process; exit }`,
      ),
  ),
  daemon(
    "rpyc at its port",
    "python3-rpyc",
    [18812],
    [hidden(tcp(["rpyc", ...SILENT], null), ["RPyC"])],
    ({ ports }) => shell(`exec rpyc_classic --host 127.0.0.1 -p ${ports[0]}`, HOME),
  ),
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
  daemon("falcon", "python3-falcon", [null], [tcp(WEB, ["WSGIServer", "wsgiref"], "0.2")], (place) =>
    python3(
      place,
      `import falcon, wsgiref.simple_server as w\nw.make_server("127.0.0.1", ${place.ports[0]}, falcon.App()).serve_forever()`,
    ),
  ),
  daemon(
    "httpcore",
    "libhttpcore-java",
    [null],
    [tcp(WEB, ["Apache HttpCore", "Apache-HttpCore"], "1.1")],
    (place) =>
      shell(
        `exec java -cp '/usr/share/java/*' ${write(
          place,
          "App.java",
          `import org.apache.http.impl.bootstrap.*; import org.apache.http.entity.*;
public class App { public static void main(String[] a) throws Exception { var s = ServerBootstrap.bootstrap().setListenerPort(${place.ports[0]}).setLocalAddress(java.net.InetAddress.getLoopbackAddress()).setServerInfo("Lab/1.1").registerHandler("/app", (q, r, c) -> r.setEntity(new StringEntity("hi"))).create(); s.start(); s.awaitTermination(1L << 40, java.util.concurrent.TimeUnit.SECONDS); } }`,
        )}`,
        HOME,
      ),
  ),
  daemon("simpleproxy before apache", "apache2-bin", [8880, null], [tcp(WEB, APACHE, "package")], (place) => [
    shell(`exec simpleproxy -L 127.0.0.1:${place.ports[0]} -R 127.0.0.1:${place.ports[1]}`),
    apache(behind(place), "ServerTokens Min"),
  ]),
  daemon("6tunnel before redis", "redis-server", [null, null], [tcp("redis", REDIS, "package")], (place) => [
    shell(`exec 6tunnel -4 -d -l 127.0.0.1 ${place.ports[0]} 127.0.0.1 ${place.ports[1]}`),
    redis(behind(place), ""),
  ]),
  daemon("vsftpd per address full", "vsftpd", [2100], [tcp("ftp", "vsftpd")], (place) => [
    vsftpd(place, "hi", "max_per_ip=1\nidle_session_timeout=36000\n"),
    python3(
      place,
      `import socket, time\nfor _ in range(100):\n    try:\n        s = socket.create_connection(("127.0.0.1", ${place.ports[0]})); break\n    except OSError: time.sleep(0.2)\ntime.sleep(1e6)`,
    ),
  ]),
  daemon("ssh on port 53", "openssh-server", [5353], [tcp("ssh", "OpenSSH", "package")], (place) =>
    sshd(place, "-o VersionAddendum=none -o DebianBanner=no"),
  ),
  daemon(
    "postfix submission with a motto",
    "postfix",
    [5870],
    [tcp("smtp", ["Postfix smtpd", "Postfix"])],
    (place) => postfix(place, "smtpd_banner = relay.lab.test Nur fuer Mitglieder - members only - NO UCE\n"),
  ),
  daemon("nginx says teapot", "nginx-light", [8888], [tcp(WEB, "nginx")], (place) =>
    nginx(place, "server_tokens off;", "return 418;"),
  ),
  daemon(
    "memcached asks for TLS",
    "memcached",
    [null],
    [tcp(["memcached", "memcache"], "Memcached", "package", TLS)],
    (place) => memcached(place, `-Z -o ssl_chain_cert=${place.certificate},ssl_key=${place.privateKey}`),
  ),
  daemon(
    "ws by node",
    "nodejs",
    [null],
    [hidden(tcp([...WEB, "websocket"], null), ["ws", "Node.js", "Node.js Express framework"])],
    ({ ports }) =>
      node(
        `const c = require("crypto"); require("net").createServer((s) => s.once("data", (d) => { const k = /sec-websocket-key: (.*)\\r\\n/i.exec(d); if (!k) return s.destroy(); s.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + c.createHash("sha1").update(k[1] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64") + "\\r\\n\\r\\n"); }).on("error", () => {})).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
];
