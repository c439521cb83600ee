import { type Daemon, EXTRACTED, type Place, write } from "../../daemon.ts";
import { perl } from "../servers/languages.ts";
import { dovecot, lmtp, msmtpd, service } from "../servers/mail.ts";
import { socat, stunnel } from "../servers/proxies.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, udp, withRun } from "./entry.ts";
import { POLICY, SILENT, WEB } from "./products.ts";

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
/** Either of its two filters between servers. */
const clamsmtp = (place: Place, program: string, line: string) =>
  shell(
    `exec ${program} -d 1 -f ${write(place, "c", `OutAddress: 127.0.0.1:9\nListen: 127.0.0.1:${place.ports[0]}\n${line}\nTempDirectory: ${place.directory}\nPidFile: ${place.directory}/pid\n`)}`,
  );

/** Mail and what filters it; news and fax. */
export const mailServers: Daemon[] = [
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
      dovecot(
        place,
        `protocols =\nservice quota-status {\n  executable = quota-status -p postfix\n  inet_listener {\n    port = ${place.ports[0]}\n  }\n}\n`,
      ),
  ),
  daemon(
    "dovecot lmtp sieve",
    "dovecot-core",
    [24, 4190, null],
    [
      tcp("lmtp", ["Dovecot lmtpd", "Dovecot", "Dovecot LMTP"], null, { service: ["lmtp", "smtp"] }),
      tcp(["sieve", "managesieve"], ["Dovecot Pigeonhole", "Dovecot", "Dovecot managesieve"], null, {
        at: 1,
      }),
      tcp(["smtp", "submission"], ["Dovecot submissiond", "Dovecot", "Dovecot submission"], null, { at: 2 }),
    ],
    (place) =>
      dovecot(
        place,
        `protocols = lmtp sieve submission
disable_plaintext_auth = no
hostname = lab.test
submission_relay_host = 127.0.0.1
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/tmp
}
${service("lmtp", "lmtp", place.ports[0])}${service("managesieve-login", "sieve", place.ports[1])}${service("submission-login", "submission", place.ports[2])}`,
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
    "Net::Server::Mail",
    "libnet-server-mail-perl",
    [2526],
    [tcp("smtp", ["Net::Server::Mail"], "package")],
    (place) =>
      perl(
        `use Net::Server::Mail::ESMTP; use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => '127.0.0.1', LocalPort => ${place.ports[0]}, ReuseAddr => 1) or die; $SIG{CHLD} = 'IGNORE'; while (my $c = $s->accept) { next if fork; Net::Server::Mail::ESMTP->new(socket => $c)->process; exit }`,
      ),
  ),
  daemon(
    "mailman's LMTP",
    "python3-aiosmtpd",
    [8024],
    [tcp(["lmtp", "smtp"], ["Mailman", "GNU Mailman", "aiosmtpd"], null)],
    ({ ports }) => lmtp(ports[0], "GNU Mailman LMTP runner 2.0"),
  ),
  daemon("aiosmtpd", "python3-aiosmtpd", [null], [tcp("smtp", ["aiosmtpd"], "package")], ({ ports }) => ({
    argv: ["/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", `127.0.0.1:${ports[0]}`],
  })),
  daemon(
    "amavisd",
    "amavisd-new",
    [null],
    [tcp(["smtp", "lmtp"], ["amavisd-new", "Amavis", "amavisd"])],
    ({ directory, ports }) =>
      shell(
        `mkdir tmp db v; cat > a.conf <<X
use strict;
\\$max_servers = 2; \\$daemon_user = 'amavis'; \\$daemon_group = 'amavis'; \\$mydomain = 'lab.test'; \\$myhostname = 'mail.lab.test';
\\$MYHOME = '${directory}'; \\$TEMPBASE = '${directory}/tmp'; \\$db_home = '${directory}/db'; \\$lock_file = '${directory}/l'; \\$pid_file = '${directory}/p'; \\$enable_db = 0; \\$enable_zmq = 0;
\\$inet_socket_bind = '127.0.0.1'; \\$inet_socket_port = ${ports[0]}; \\$unix_socketname = undef;
@bypass_virus_checks_maps = (1); @bypass_spam_checks_maps = (1); \\$do_syslog = 0; \\$DEBUG = 0;
1;
X
chown -R amavis tmp db v .; chown root a.conf
exec amavisd -c $PWD/a.conf foreground`,
        HOME,
      ),
  ),
  daemon(
    "python smtpd",
    "python3.11",
    [null],
    [tcp("smtp", ["Python SMTP Proxy", "Python smtpd", "Python SMTP"], "0.3")],
    ({ ports }) =>
      shell(`exec /usr/bin/python3 -W ignore -m smtpd -n -c DebuggingServer 127.0.0.1:${ports[0]}`),
  ),
  daemon("pyzord", "pyzor", [24441], [udp("pyzor", ["Pyzor"])], ({ ports: [p] }) =>
    shell(`exec pyzord --homedir=$PWD -a 127.0.0.1 -p ${p} -e gdbm --dsn=$PWD/db`),
  ),
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
    msmtpd(port),
  ),
  daemon(
    "msmtpd in tls",
    "msmtp-mta",
    [null, null],
    [tcp("smtp", ["msmtpd", "msmtp"], null, TLS)],
    (place) => [msmtpd(place.ports[1]), stunnel(place)],
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
  daemon(
    "smtp-sink",
    "postfix",
    [null, null],
    [
      tcp("smtp", ["Postfix smtp-sink", "smtp-sink", "Postfix"]),
      tcp("qmqp", ["Postfix", "Postfix qmqp-sink", "qmqp-sink"], null, { at: 1 }),
    ],
    ({ ports }) => [
      shell(`exec /usr/sbin/smtp-sink -u postfix 127.0.0.1:${ports[0]} 100`),
      shell(`exec /usr/sbin/qmqp-sink -v 127.0.0.1:${ports[1]} 100`),
    ],
  ),
  daemon(
    "clamd",
    "clamav-daemon",
    [3310],
    [tcp(["clam", "clamav"], ["ClamAV", "Clam AV"], "package")],
    (place) =>
      shell(`printf 'aGVsbG8=' > /dev/null
mkdir -p db
printf '44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\\n' > db/lab.hdb
cat > c.conf <<X
TCPSocket ${place.ports[0]}
TCPAddr 127.0.0.1
Foreground yes
DatabaseDirectory $PWD/db
User root
X
exec /usr/sbin/clamd -c c.conf`),
  ),
  daemon(
    "spamd",
    "spamassassin",
    [null],
    [tcp(["spamassassin", "spamd"], ["SpamAssassin", "SpamAssassin spamd"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/sbin/spamd",
        "-i",
        "127.0.0.1",
        "-p",
        `${ports[0]}`,
        "-L",
        "-m",
        "1",
        "--min-children=1",
        "--siteconfigpath",
        "/etc/spamassassin",
        "-x",
        "--helper-home-dir",
        directory,
      ],
    }),
  ),
  daemon("opendkim", "opendkim", [8891], [tcp("milter", null)], (place) => ({
    argv: [
      "/usr/sbin/opendkim",
      "-f",
      "-x",
      write(place, "o.conf", `Socket inet:${place.ports[0]}@127.0.0.1\nMode v\nSyslog no\n`),
    ],
  })),
  daemon(
    "imap4d",
    "mailutils-imap4d",
    [null],
    [tcp("imap", ["GNU Mailutils imapd", "GNU Mailutils IMAP4"], null)],
    (place) => ({
      argv: [
        "/usr/sbin/imap4d",
        "--foreground",
        "--daemon=5",
        "--no-site-config",
        `--config-file=${write(place, "i.conf", `server 127.0.0.1:${place.ports[0]} { transcript no; };\nacl { allow from any; };\npidfile ${place.directory}/pid;\n`)}`,
      ],
    }),
  ),
  daemon(
    "pop3d",
    "mailutils-pop3d",
    [null],
    [tcp("pop3", ["GNU Mailutils pop3d", "GNU mailutils pop3d"], null)],
    (place) => ({
      argv: [
        "/usr/sbin/pop3d",
        "--foreground",
        "--daemon=5",
        "--no-site-config",
        `--config-file=${write(place, "i.conf", `server 127.0.0.1:${place.ports[0]} { transcript no; };\nacl { allow from any; };\npidfile ${place.directory}/pid;\n`)}`,
      ],
    }),
  ),
  daemon(
    "courier-pop3d",
    "courier-pop",
    [null],
    [tcp("pop3", ["Courier pop3d", "Courier", "Courier POP3"])],
    ({ ports: [p] }) =>
      socat(p, `EXEC:${EXTRACTED}/courier-pop/usr/lib/courier/courier/courierpop3login /bin/false Maildir`),
  ),
  daemon(
    "courier-imapd",
    "courier-imap",
    [null],
    [tcp("imap", ["Courier Imapd", "Courier", "Courier IMAP"])],
    ({ ports: [p] }) =>
      socat(p, `EXEC:${EXTRACTED}/courier-imap/usr/lib/courier/courier/imaplogin /bin/false Maildir`),
  ),
  daemon("opensmtpd", "opensmtpd", [null], [tcp("smtp", ["OpenSMTPD"], null)], (place) =>
    withRun(`getent passwd opensmtpd >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin opensmtpd
getent passwd opensmtpq >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin opensmtpq
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty /run/opensmtpd
chmod 711 /var/spool/smtpd
exec ${EXTRACTED}/opensmtpd/usr/sbin/smtpd -d -f $PWD/o.conf # ${write(place, "o.conf", `listen on 127.0.0.1 port ${place.ports[0]}\naction "x" relay\nmatch for any action "x"\n`)}`),
  ),
  daemon(
    "cyrus-imspd",
    "cyrus-imspd",
    [406],
    [tcp(["imsp"], ["Cyrus IMSP", "Cyrus IMSPd", "Cyrus imspd"], null)],
    ({ ports }) => socat(ports[0], "EXEC:/usr/sbin/cyrus-imspd"),
  ),
  daemon(
    "poppassd",
    "poppassd",
    [106],
    [tcp(["pop3pw", "poppassd", "3com-tsmux"], ["poppassd", "Poppassd"], null)],
    ({ ports }) => socat(ports[0], "EXEC:/usr/sbin/poppassd"),
  ),
  daemon(
    "clamsmtpd",
    "clamsmtp",
    [10026],
    [hidden(tcp(["smtp", ...SILENT], null), ["clamsmtpd", "ClamSMTP"])],
    (place) => clamsmtp(place, "clamsmtpd", "ClamAddress: 127.0.0.1:9"),
  ),
  daemon(
    "proxsmtpd",
    "proxsmtp",
    [null],
    [hidden(tcp(["smtp", ...SILENT], null), ["proxsmtpd", "ProxSMTP"])],
    (place) => clamsmtp(place, "proxsmtpd", "FilterCommand: /bin/cat"),
  ),
  daemon(
    "sqlgrey",
    "sqlgrey",
    [2501],
    [hidden(tcp([...POLICY, ...SILENT], null), ["SQLgrey"])],
    ({ ports, directory }) =>
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
      tcp("ldap", "DavMail", null, { at: 3 }),
      tcp([...WEB, "caldav"], ["DavMail", "DavMail CalDAV gateway"], null, { at: 4 }),
    ],
    ({ ports }) =>
      shell(
        `printf 'davmail.server=true\\ndavmail.mode=EWS\\ndavmail.url=http://127.0.0.1:9/\\ndavmail.imapPort=${ports[0]}\\ndavmail.popPort=${ports[1]}\\ndavmail.smtpPort=${ports[2]}\\ndavmail.ldapPort=${ports[3]}\\ndavmail.caldavPort=${ports[4]}\\ndavmail.allowRemote=false\\ndavmail.disableUpdateCheck=true\\n' > d.properties
exec davmail-server $PWD/d.properties`,
        HOME,
      ),
  ),
];
