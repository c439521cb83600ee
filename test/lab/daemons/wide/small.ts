import { type Daemon, write } from "../../daemon.ts";
import { daemon, hidden, shell, tcp, udp, withRun } from "./entry.ts";

const inetd = (name: string, body: string) => `service ${name}\n{\n${body}\n}\n`;

/** Small services, files, shells, games, media, desks, backup. */
export const smallDaemons: Daemon[] = [
  daemon(
    "xinetd",
    "xinetd",
    [7, 19, 13, 37, null, null],
    [
      tcp("echo", null),
      tcp("chargen", ["xinetd chargen", "Linux chargen", "xinetd"], null, { at: 1, productHidden: true }),
      tcp("daytime", null, null, { at: 2 }),
      tcp("time", null, null, { at: 3 }),
      tcp("daytime", null, null, { at: 4 }),
      tcp("echo", null, null, { at: 5 }),
    ],
    (place) => {
      const one = (id: string, kind: string, port: number | undefined) =>
        inetd(
          id,
          `  type = INTERNAL UNLISTED\n  id = ${id}-${port}\n  port = ${port}\n  bind = 127.0.0.1\n  socket_type = stream\n  protocol = tcp\n  user = root\n  wait = no`,
        ).replace(`service ${id}`, `service ${kind}`);
      const [a, b, c, d, e, f] = place.ports;
      return {
        argv: [
          "/usr/sbin/xinetd",
          "-dontfork",
          "-pidfile",
          `${place.directory}/pid`,
          "-f",
          write(
            place,
            "x.conf",
            one("a", "echo", a) +
              one("b", "chargen", b) +
              one("c", "daytime", c) +
              one("d", "time", d) +
              one("e", "daytime", e) +
              one("f", "echo", f),
          ),
        ],
      };
    },
  ),
  daemon(
    "inetd services",
    "xinetd",
    [23, null, null, null],
    [
      tcp("telnet", null, null, { product: ["GNU Inetutils telnetd", "Linux telnetd", "telnetd"] }),
      tcp("telnet", null, null, { at: 1, product: ["GNU Inetutils telnetd", "Linux telnetd", "telnetd"] }),
      hidden(tcp("ssh", null, null, { at: 2 }), ["TinySSH", "tinysshd"]),
      tcp(["sane", "sane-port"], null, null, { at: 3 }),
    ],
    (place) => {
      const one = (id: string, server: string, args: string, port: number | undefined) =>
        inetd(
          id,
          `  type = UNLISTED\n  port = ${port}\n  bind = 127.0.0.1\n  socket_type = stream\n  protocol = tcp\n  user = root\n  wait = no\n  server = ${server}${args && `\n  server_args = ${args}`}`,
        );
      const [a, b, c, d] = place.ports;
      place.prepare(["/usr/sbin/tinysshd-makekey", `${place.directory}/ts`]);
      const text = [
        one("a", "/usr/sbin/telnetd", "-h", a),
        one("b", "/usr/sbin/telnetd", "-h", b),
        one("c", "/usr/sbin/tinysshd", `-v ${place.directory}/ts`, c),
        one("d", "/usr/sbin/saned", "", d),
      ].join("");
      return {
        argv: [
          "/usr/sbin/xinetd",
          "-dontfork",
          "-pidfile",
          `${place.directory}/pid`,
          "-f",
          write(place, "x.conf", text),
        ],
      };
    },
  ),
  daemon(
    "oidentd",
    "oidentd",
    [null],
    [tcp(["ident", "auth"], ["oidentd"], null, { productHidden: true })],
    ({ ports }) => ({
      argv: [
        "/usr/sbin/oidentd",
        "-i",
        "-a",
        "127.0.0.1",
        "-p",
        `${ports[0]}`,
        "-u",
        "nobody",
        "-g",
        "nogroup",
      ],
    }),
  ),
  daemon(
    "git daemon",
    "git",
    [null],
    [tcp("git", ["git daemon", "git-daemon", "Git"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/git",
        "daemon",
        "--listen=127.0.0.1",
        `--port=${ports[0]}`,
        `--base-path=${directory}`,
      ],
    }),
  ),
  daemon(
    "svnserve",
    "subversion",
    [null],
    [tcp(["svnserve", "svn"], ["Subversion", "svnserve"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/svnserve",
        "-d",
        "--foreground",
        "--listen-host",
        "127.0.0.1",
        "--listen-port",
        `${ports[0]}`,
        "-r",
        directory,
      ],
    }),
  ),
  daemon(
    "bacula-fd",
    "bacula-fd",
    [null],
    [tcp("bacula", ["Bacula", "Bacula file daemon", "Bacula File Daemon"], null)],
    (place) => ({
      argv: [
        "/usr/sbin/bacula-fd",
        "-f",
        "-c",
        write(
          place,
          "fd.conf",
          `Director { Name = lab-dir\n Password = "x"\n}\nFileDaemon { Name = lab-fd\n FDport = ${place.ports[0]}\n FDAddress = 127.0.0.1\n WorkingDirectory = ${place.directory}\n Pid Directory = ${place.directory}\n Plugin Directory = /usr/lib/bacula\n}\nMessages { Name = Standard\n console = all\n}\n`,
        ),
      ],
    }),
  ),
  daemon(
    "bacula-sd",
    "bacula-sd",
    [9103],
    [
      tcp("bacula", ["Bacula", "Bacula storage daemon", "Bacula Storage Daemon"], null, {
        productHidden: true,
      }),
    ],
    (place) => ({
      argv: [
        "/usr/sbin/bacula-sd",
        "-f",
        "-c",
        write(
          place,
          "sd.conf",
          `Director { Name = lab-dir\n Password = "x"\n}\nStorage { Name = lab-sd\n SDport = ${place.ports[0]}\n SDAddress = 127.0.0.1\n WorkingDirectory = ${place.directory}\n Pid Directory = ${place.directory}\n}\nDevice { Name = d\n Media Type = File\n Archive Device = ${place.directory}\n}\nMessages { Name = Standard\n director = lab-dir = all\n}\n`,
        ),
      ],
    }),
  ),
  daemon(
    "nbd-server",
    "nbd-server",
    [null],
    [tcp("nbd", ["NBD server", "nbd-server"], null, { productHidden: true })],
    // Its one option for the foreground (-d) also serves the first client in the only process, which ends with that client.
    (place) => {
      const disk = write(place, "disk", "x".repeat(4096));
      write(
        place,
        "nbd.conf",
        `[generic]\n listenaddr = 127.0.0.1\n port = ${place.ports[0]}\n user = root\n group = root\n[x]\n exportname = ${disk}\n readonly = true\n`,
      );
      return shell(`trap 'kill $(cat pid)' TERM
/usr/bin/nbd-server -C $PWD/nbd.conf -p $PWD/pid
sleep infinity &
wait`);
    },
  ),
  daemon(
    "tgtd",
    "tgt",
    [3260],
    [
      tcp("iscsi", ["Linux SCSI target framework (tgt)", "tgt", "Linux SCSI target framework"], null, {
        productHidden: true,
      }),
    ],
    ({ ports }) =>
      withRun(`(sleep 1; tgtadm --lld iscsi --op new --mode target --tid 1 -T iqn.2001-04.test.lab:disk; tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL) &
exec /usr/sbin/tgtd -f --iscsi portal=127.0.0.1:${ports[0]}`),
    { needsOwnNetwork: true },
  ),
  daemon("dictd", "dictd", [2628], [tcp("dict", ["dictd"], "package")], (place) => ({
    argv: [
      "/usr/sbin/dictd",
      "-d",
      "nodetach",
      "--listen-to",
      "127.0.0.1",
      "-p",
      `${place.ports[0]}`,
      "-c",
      write(place, "d.conf", "global { }\naccess { allow * }\ndatabase_exit\n"),
      "--pid-file",
      `${place.directory}/pid`,
    ],
  })),
  daemon(
    "icecast2",
    "icecast2",
    [null],
    [tcp(["http"], ["Icecast streaming media server", "Icecast", "Icecast2"], "package")],
    (place) => ({
      argv: [
        "/usr/bin/icecast2",
        "-c",
        write(
          place,
          "i.xml",
          `<icecast><limits><sources>1</sources></limits><authentication><source-password>x</source-password><admin-user>a</admin-user><admin-password>x</admin-password></authentication><hostname>lab</hostname><listen-socket><port>${place.ports[0]}</port><bind-address>127.0.0.1</bind-address></listen-socket><paths><basedir>/usr/share/icecast2</basedir><logdir>/tmp</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths><logging><errorlog>e.log</errorlog><accesslog>-</accesslog></logging><security><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>`,
        ),
      ],
    }),
  ),
  daemon("mpd", "mpd", [null], [tcp("mpd", ["Music Player Daemon", "MPD"], null)], (place) => ({
    argv: [
      "/usr/bin/mpd",
      "--no-daemon",
      write(
        place,
        "m.conf",
        `bind_to_address "127.0.0.1"\nport "${place.ports[0]}"\nmusic_directory "${place.directory}"\ndb_file "${place.directory}/db"\nlog_file "${place.directory}/log"\nzeroconf_enabled "no"\naudio_output {\n type "null"\n name "n"\n}\n`,
      ),
    ],
  })),
  daemon(
    "gpsd",
    "gpsd",
    [2947],
    [tcp("gpsd", ["gpsd"], "package")],
    ({ ports, directory }) => ({
      argv: ["/usr/sbin/gpsd", "-N", "-n", "-F", `${directory}/gpsd.sock`, "-S", `${ports[0]}`],
    }),
    { needsOwnNetwork: true },
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
    "xvfb",
    "xvfb",
    [6001],
    [tcp("x11", ["X.Org X11", "X.Org", "X.Org Xvfb"], null)],
    () =>
      shell(
        "mount -t tmpfs tmpfs /tmp\nmkdir /tmp/.X11-unix\nexec Xvfb :1 -listen tcp -ac -nolisten local -nolisten unix",
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "xrdp",
    "xrdp",
    [3389],
    [tcp(["ms-wbt-server", "rdp"], ["xrdp"], null, { productHidden: true })],
    (place) =>
      withRun(`sed 's#^port=.*#port=tcp://127.0.0.1:${place.ports[0]}#; s#^certificate=.*#certificate=${place.certificate}#; s#^key_file=.*#key_file=${place.privateKey}#' /etc/xrdp/xrdp.ini > x.ini
mkdir -p /run/xrdp
exec /usr/sbin/xrdp --nodaemon -c $PWD/x.ini`),
  ),
  daemon("minetest", "minetest-server", [30000], [udp("minetest", ["Minetest"], null)], (place) =>
    shell(
      `exec /usr/games/minetestserver --port ${place.ports[0]} --world $PWD/w --gameid devtest --logfile $PWD/log`,
      { HOME: place.directory },
    ),
  ),
  daemon(
    "openarena",
    "openarena-server",
    [27960],
    [udp("quake3", ["OpenArena", "Quake 3 dedicated server", "Open Arena"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/games/openarena-server",
        "+set",
        "net_ip",
        "127.0.0.1",
        "+set",
        "net_port",
        `${ports[0]}`,
        "+set",
        "dedicated",
        "1",
        "+set",
        "fs_homepath",
        directory,
        "+map",
        "oa_dm1",
      ],
      env: { HOME: directory },
    }),
  ),
  daemon(
    "bzflag",
    "bzflag-server",
    [5154],
    [tcp("bzflag", ["BZFlag game server", "BZFlag"], null)],
    ({ ports }) => ({
      argv: ["/usr/games/bzfs", "-i", "127.0.0.1", "-p", `${ports[0]}`],
    }),
  ),
  daemon(
    "pyftpdlib",
    "python3-pyftpdlib",
    [null],
    [tcp("ftp", ["pyftpdlib"], "package")],
    ({ ports, directory }) => ({
      argv: ["/usr/bin/python3", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", `${ports[0]}`, "-d", directory],
    }),
  ),
];
