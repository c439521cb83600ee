import { type Daemon, EXTRACTED } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp, withRun } from "./entry.ts";

const WEB = ["http", "http-proxy"] as const;
/** Mail, news, fax, chat. */
export const postDaemons: Daemon[] = [
  daemon("qpsmtpd", "qpsmtpd", [null], [tcp("smtp", ["qpsmtpd"], "package")], ({ ports: [port] }) =>
    shell(
      `mkdir -p c
echo '# none' > c/plugins
echo 0 > c/loglevel
mkdir -m 700 tmp
chown nobody tmp
echo $PWD/tmp > c/spool_dir
export QPSMTPD_CONFIG=$PWD/c
exec /usr/bin/qpsmtpd-forkserver --listen-address 127.0.0.1 --port ${port} --user nobody -H`,
    ),
  ),
  daemon("msmtpd", "msmtp-mta", [null], [tcp("smtp", ["msmtpd", "msmtp"])], ({ ports: [port] }) =>
    shell(
      `exec ${EXTRACTED}/msmtp-mta/usr/bin/msmtpd --interface=127.0.0.1 --port=${port} --command=/bin/true`,
    ),
  ),
  daemon("opendmarc", "opendmarc", [8893], [tcp("milter", null)], ({ ports: [port] }) =>
    shell(`exec /usr/sbin/opendmarc -f -p inet:${port}@127.0.0.1 -c /dev/null`),
  ),
  daemon(
    "hylafax",
    "hylafax-server",
    [4559],
    [tcp(["hylafax", "fax", "ftp"], ["HylaFAX", "HylaFAX hfaxd"], "package")],
    ({ ports: [port] }) =>
      withRun(`mkdir -p s/etc s/status s/client s/sendq s/doneq s/docq s/tmp s/log s/info s/bin s/config s/dev s/recvq s/archive s/pollq
chown -R uucp:uucp s
cp -r /var/spool/hylafax/etc/. s/etc/ 2>/dev/null || true
exec /usr/sbin/hfaxd -d -q $PWD/s -l 127.0.0.1 -i ${port}`),
  ),
  daemon("leafnode", "leafnode", [null], [tcp("nntp", ["Leafnode", "Leafnode NNTPd"])], ({ ports: [port] }) =>
    shell(`printf '#!/bin/sh\\nhostname news.lab.example.org\\nexec ${EXTRACTED}/leafnode/usr/sbin/leafnode\\n' > run.sh
chmod 755 run.sh
exec unshare --uts socat TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork EXEC:$PWD/run.sh`),
  ),
  daemon("znc", "znc", [null], [tcp(WEB, ["ZNC", "ZNC IRC bouncer"], "package")], ({ ports: [port] }) =>
    shell(`mkdir -p z/configs
cat > z/configs/znc.conf <<X
Version = 1.8.2
LoadModule = webadmin
<Listener l>
  Port = ${port}
  IPv4 = true
  IPv6 = false
  SSL = false
</Listener>
<User a>
  Pass = plain#b
  Admin = true
</User>
X
chmod -R 777 .
exec setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/bin/znc -f -d $PWD/z`),
  ),
  daemon(
    "syncplay",
    "syncplay-server",
    [8999],
    [hidden(tcp(["syncplay"], null), ["Syncplay"])],
    ({ ports: [p] }) => shell(`exec /usr/bin/syncplay-server --port ${p} --disable-ready`, HOME),
  ),
  daemon(
    "inetutils-ftpd",
    "inetutils-ftpd",
    [null],
    [tcp("ftp", ["GNU Inetutils FTPd", "inetutils-ftpd", "GNU inetutils ftpd"], "package")],
    ({ ports: [p] }) =>
      shell(
        `exec socat TCP-LISTEN:${p},bind=127.0.0.1,reuseaddr,fork EXEC:"${EXTRACTED}/inetutils-ftpd/usr/sbin/ftpd -p"`,
      ),
  ),
  daemon(
    "msmtpd in tls",
    "msmtp-mta",
    [null, null],
    [tcp("smtp", ["msmtpd", "msmtp"], null, { tls: true })],
    ({ ports: [p, q], certificate, privateKey }) => [
      shell(
        `exec ${EXTRACTED}/msmtp-mta/usr/bin/msmtpd --interface=127.0.0.1 --port=${q} --command=/bin/true`,
      ),
      shell(
        `printf 'foreground = yes\\npid =\\n[x]\\naccept = 127.0.0.1:${p}\\nconnect = 127.0.0.1:${q}\\ncert = ${certificate}\\nkey = ${privateKey}\\n' > s.conf\nexec /usr/bin/stunnel4 s.conf`,
      ),
    ],
  ),
];
