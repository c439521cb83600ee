import type { Daemon, Place } from "../../daemon.ts";
import { EXTRACTED, write } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp } from "./entry.ts";
import { WEB } from "./servers.ts";

const perdition = (name: string, kind: string, service: string) =>
  daemon(
    name,
    "perdition",
    [null],
    [tcp(service, ["Perdition", `perdition ${service}d`])],
    ({ ports: [p] }) =>
      shell(
        `exec perdition.${kind} --no_daemon --bind_address 127.0.0.1 --listen_port ${p} --outgoing_server 127.0.0.1 --ssl_mode none --pid_file $PWD/pid --config_file /dev/null`,
      ),
  );
/** A server that inetd starts. */
export const inetd = (place: Place, at: number, kind: "tcp" | "udp", server: string, args = ""): string =>
  `service lab${at}\n{\n type = UNLISTED\n port = ${place.ports[at]}\n bind = 127.0.0.1\n socket_type = ${kind === "tcp" ? "stream" : "dgram"}\n protocol = ${kind}\n user = root\n wait = ${kind === "tcp" ? "no" : "yes"}\n server = ${server}\n${args ? ` server_args = ${args}\n` : ""}}\n`;
export const xinetd = (place: Place, text: string) =>
  shell(`exec xinetd -dontfork -pidfile $PWD/pid -f ${write(place, "x.conf", text)}`);

/** Mail, talk, files, databases, and pages. */
export const exchangeDaemons: Daemon[] = [
  perdition("perdition imap", "imap4", "imap"),
  perdition("perdition pop3", "pop3", "pop3"),
  daemon(
    "chasquid",
    "chasquid",
    [null],
    [tcp("smtp", ["chasquid"])],
    ({ ports: [p], certificate, privateKey }) =>
      shell(`mkdir -p c/certs/lab.test c/domains/lab.test data
cp ${certificate} c/certs/lab.test/fullchain.pem; cp ${privateKey} c/certs/lab.test/privkey.pem
printf 'hostname: "lab.test"\\ndata_dir: "%s/data"\\nsmtp_address: "127.0.0.1:${p}"\\nmail_log_path: "<stderr>"\\n' $PWD > c/chasquid.conf
exec chasquid -config_dir=$PWD/c`),
  ),
  daemon(
    "postsrsd",
    "postsrsd",
    [10001, null],
    [hidden(tcp(["postsrsd", "tcp-table", "tcptable"], null), ["PostSRSd"])],
    ({ ports: [p, q] }) =>
      shell(`echo secret > s\nexec postsrsd -s s -d lab.test -f ${p} -r ${q} -l 127.0.0.1 -4`),
  ),
  daemon(
    "globus gridftp",
    "globus-gridftp-server-progs",
    [2811],
    [tcp("ftp", ["GridFTP Server", "Globus GridFTP Server", "Globus GridFTP"], "package")],
    ({ ports: [p] }) =>
      shell(
        `exec globus-gridftp-server -aa -p ${p} -control-interface 127.0.0.1 -anonymous-user nobody -single -c none`,
      ),
  ),
  daemon(
    "ftpd-ssl",
    "ftpd-ssl",
    [null],
    [tcp("ftp", ["Linux-ftpd", "OpenBSD ftpd", "Linux ftpd", "netkit ftpd", "Netkit FTP"])],
    (place) => xinetd(place, inetd(place, 0, "tcp", `${EXTRACTED}/ftpd-ssl/usr/sbin/in.ftpd`)),
  ),
  daemon(
    "rexecd",
    "rsh-server",
    [512],
    [hidden(tcp("exec", null), ["netkit-rsh rexecd", "netkit rexecd"])],
    (place) => xinetd(place, inetd(place, 0, "tcp", `${EXTRACTED}/rsh-server/usr/sbin/in.rexecd`)),
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
    [tcp(["irc-proxy", "irc"], ["bip", "Bip", "bip IRC proxy"])],
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
    "ncat chat",
    "ncat",
    [null, null],
    [
      tcp(["ncat-chat", "chat"], ["Ncat chat", "Ncat"]),
      hidden(tcp(WEB, null, null, { at: 1 }), ["Ncat", "Ncat http proxy"]),
    ],
    ({ ports: [p, q] }) => [
      shell(`exec ncat -4 -l 127.0.0.1 ${p} --chat`),
      shell(`exec ncat -4 -l 127.0.0.1 ${q} --proxy-type http`),
    ],
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
  daemon("hledger-web", "hledger-web", [null], [tcp(WEB, ["hledger-web", "Warp"])], ({ ports: [p] }) =>
    shell(`touch j\nexec hledger-web --serve -f j --host 127.0.0.1 --port ${p}`, {
      ...HOME,
      LANG: "C.UTF-8",
    }),
  ),
  daemon(
    "pygopherd",
    "pygopherd",
    [70],
    [tcp("gopher", ["pygopherd"])],
    ({ ports: [p] }) =>
      shell(
        `mkdir root; sed -e 's#^port *=.*#port = ${p}#; s#^root *=.*#root = '$PWD'/root#; s#^pidfile.*##; s#^detach.*#detach = no#; s#^usechroot.*#usechroot = no#; s#^setuid.*##; s#^setgid.*##' /etc/pygopherd/pygopherd.conf > g.conf\nexec pygopherd g.conf`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "molly-brown",
    "molly-brown",
    [1965],
    [hidden(tcp("gemini", null, null, { tls: true }), ["Molly Brown"])],
    ({ ports: [p], certificate, privateKey }) =>
      shell(
        `mkdir docs; echo hello > docs/index.gmi; printf 'Port = ${p}\\nHostname = "lab.test"\\nCertPath = "${certificate}"\\nKeyPath = "${privateKey}"\\nDocBase = "%s/docs"\\nAccessLog = "%s/a"\\nErrorLog = "%s/e"\\n' $PWD $PWD $PWD > m.conf\nexec molly-brown -c m.conf`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon("webdis", "webdis", [7379, null], [tcp(WEB, ["Webdis"])], ({ ports: [p, q] }) => [
    shell(`exec redis-server --bind 127.0.0.1 --port ${q} --save ""`),
    shell(
      `echo '{"redis_host":"127.0.0.1","redis_port":${q},"http_host":"127.0.0.1","http_port":${p},"threads":1,"daemonize":false,"database":0,"pool_size":2,"logfile":"/dev/stdout"}' > w.json\nexec webdis w.json`,
    ),
  ]),
  daemon(
    "webhook",
    "webhook",
    [9000],
    [hidden(tcp(WEB, null), ["webhook", "Golang net/http server"])],
    ({ ports: [p] }) =>
      shell(`echo '[]' > h.json\nexec webhook -ip 127.0.0.1 -port ${p} -hooks h.json -verbose`),
  ),
  daemon(
    "goaccess",
    "goaccess",
    [7890],
    [hidden(tcp([...WEB, "websocket"], null), ["GoAccess"])],
    ({ ports: [p] }) =>
      shell(
        `echo '127.0.0.1 - - [10/Oct/2023:13:55:36 +0000] "GET / HTTP/1.0" 200 2326 "-" "x"' > l\nexec goaccess l --log-format=COMBINED -o $PWD/o.html --real-time-html --addr=127.0.0.1 --port=${p}`,
      ),
  ),
  daemon(
    "hsqldb",
    "libhsqldb-java",
    [9001],
    [tcp(["hsqldb", "postgresql"], ["HSQLDB", "HSQL Database Engine"])],
    ({ ports: [p] }) =>
      shell(
        `exec java -cp /usr/share/java/hsqldb.jar org.hsqldb.server.Server --port ${p} --address 127.0.0.1 --database.0 mem:x --dbname.0 x`,
      ),
  ),
  daemon(
    "xapian-tcpsrv",
    "xapian-tools",
    [null],
    [hidden(tcp("xapian", null), ["Xapian"])],
    ({ ports: [p] }) => shell(`exec xapian-tcpsrv --interface 127.0.0.1 --port ${p} --writable $PWD/db`),
  ),
  daemon(
    "yaz-ztest",
    "yaz",
    [null],
    [tcp([...WEB, "z39.50"], ["YAZ", "Index Data YAZ"], "package")],
    ({ ports: [p] }) => shell(`exec yaz-ztest tcp:127.0.0.1:${p}`),
  ),
];
