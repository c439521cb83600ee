import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { daemon, shell, tcp, withRun } from "./entry.ts";

/** Mail and chat. */
export const talkDaemons: Daemon[] = [
  daemon(
    "prosody",
    "prosody",
    [5222],
    [tcp(["xmpp", "xmpp-client", "jabber"], ["Prosody"], null, { productHidden: true })],
    (place) => ({
      argv: [
        "/usr/bin/prosody",
        "-F",
        "--config",
        write(
          place,
          "p.lua",
          `daemonize=false\nrun_as_root=true\ndata_path="${place.directory}"\ninterfaces={"127.0.0.1"}\nc2s_ports={${place.ports[0]}}\nc2s_require_encryption=false\nauthentication="internal_hashed"\nmodules_enabled={"saslauth","version","disco"}\nmodules_disabled={"s2s"}\nlog="*stdout"\nVirtualHost "lab.test"\nVirtualHost "127.0.0.1"\n`,
        ),
      ],
    }),
  ),
  daemon(
    "ejabberd",
    "ejabberd",
    [null, null],
    [
      tcp(["xmpp", "xmpp-client", "jabber"], ["ejabberd"], null),
      tcp(["http"], ["ejabberd"], null, { at: 1, productHidden: true }),
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
    withRun(`cat > i.conf <<X
<server name="irc.lab.test" description="lab" network="Lab">
<admin name="a" nick="a" email="a@lab.test">
<bind address="127.0.0.1" port="${place.ports[0]}" type="clients">
<connect allow="*" timeout="60">
<path logdir="$PWD" datadir="$PWD">
<pid file="$PWD/pid">
X
exec /usr/sbin/inspircd --nofork --runasroot --config=$PWD/i.conf`),
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
    (place) => ({
      argv: [
        "/usr/sbin/dovecot",
        "-F",
        "-c",
        write(
          place,
          "d.conf",
          `base_dir = ${place.directory}/run
state_dir = ${place.directory}/state
log_path = ${place.directory}/log
protocols = lmtp sieve submission
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
hostname = lab.test
submission_relay_host = 127.0.0.1
mail_location = maildir:${place.directory}/mail
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/tmp
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${place.ports[0]}
  }
}
service managesieve-login {
  inet_listener sieve {
    port = ${place.ports[1]}
  }
}
service submission-login {
  inet_listener submission {
    port = ${place.ports[2]}
  }
}
service stats {
  chroot =
}
`,
        ),
      ],
    }),
  ),
  daemon("aiosmtpd", "python3-aiosmtpd", [null], [tcp("smtp", ["aiosmtpd"], "package")], ({ ports }) => ({
    argv: ["/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", `127.0.0.1:${ports[0]}`],
  })),
  daemon("opensmtpd", "opensmtpd", [null], [tcp("smtp", ["OpenSMTPD"], null)], (place) =>
    withRun(`getent passwd opensmtpd >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin opensmtpd
getent passwd opensmtpq >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin opensmtpq
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty /run/opensmtpd
chmod 711 /var/spool/smtpd
exec ${EXTRACTED}/opensmtpd/usr/sbin/smtpd -d -f $PWD/o.conf # ${write(place, "o.conf", `listen on 127.0.0.1 port ${place.ports[0]}\naction "x" relay\nmatch for any action "x"\n`)}`),
  ),
];
