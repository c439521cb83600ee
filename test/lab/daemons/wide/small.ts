import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { xinetd, xinetdService } from "../servers/network.ts";
import { socat } from "../servers/proxies.ts";
import { daemon, hidden, OWN, shell, TLS, tcp, udp } from "./entry.ts";

/** The little services of old, and their successors. */
export const smallServices: Daemon[] = [
  daemon(
    "inetd datagrams",
    "xinetd",
    [7, 13, 19, null, null, null],
    [
      udp("echo", null),
      udp("daytime", null, null, { at: 1 }),
      udp("chargen", null, null, { at: 2 }),
      udp("time", null, null, { at: 3 }),
      udp("daytime", null, null, { at: 4 }),
      udp("echo", null, null, { at: 5 }),
    ],
    (place) =>
      xinetd(
        place,
        ["echo", "daytime", "chargen", "time", "daytime", "echo"].map((internal, at) =>
          xinetdService(place.ports[at], "udp", { internal }),
        ),
      ),
  ),
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
    (place) =>
      xinetd(
        place,
        ["echo", "chargen", "daytime", "time", "daytime", "echo"].map((internal, at) =>
          xinetdService(place.ports[at], "tcp", { internal }),
        ),
      ),
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
      place.prepare(["/usr/sbin/tinysshd-makekey", `${place.directory}/ts`]);
      const servers = [
        { server: "/usr/sbin/telnetd", args: "-h" },
        { server: "/usr/sbin/telnetd", args: "-h" },
        { server: "/usr/sbin/tinysshd", args: `-v ${place.directory}/ts` },
        { server: "/usr/sbin/saned" },
      ];
      return xinetd(
        place,
        servers.map((what, at) => xinetdService(place.ports[at], "tcp", what)),
      );
    },
  ),
  daemon(
    "inetd services behind a banner",
    "xinetd",
    [null, null, null],
    [
      tcp("telnet", ["GNU Inetutils telnetd", "Linux telnetd", "telnetd"]),
      tcp("ftp", "vsftpd", null, { at: 1 }),
      tcp("ssh", "OpenSSH", null, { at: 2 }),
    ],
    (place) => {
      const banner = write(place, "banner", "Authorized users only.\nAll activity is logged.\n");
      const vsftpd = write(
        place,
        "v.conf",
        "listen=NO\nlisten_ipv6=NO\nanonymous_enable=YES\nftpd_banner=ready\n",
      );
      place.prepare(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${place.directory}/key`]);
      const servers = [
        { server: "/usr/sbin/telnetd", args: "-h" },
        { server: "/usr/sbin/vsftpd", args: vsftpd },
        { server: "/usr/sbin/sshd", args: `-i -f /dev/null -h ${place.directory}/key` },
      ];
      return xinetd(
        place,
        servers.map((what, at) => xinetdService(place.ports[at], "tcp", { ...what, banner })),
      );
    },
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
    OWN,
  ),
  daemon(
    "molly-brown",
    "molly-brown",
    [1965],
    [hidden(tcp("gemini", null, null, TLS), ["Molly Brown"])],
    ({ ports: [p], certificate, privateKey }) =>
      shell(
        `mkdir docs; echo hello > docs/index.gmi; printf 'Port = ${p}\\nHostname = "lab.test"\\nCertPath = "${certificate}"\\nKeyPath = "${privateKey}"\\nDocBase = "%s/docs"\\nAccessLog = "%s/a"\\nErrorLog = "%s/e"\\n' $PWD $PWD $PWD > m.conf\nexec molly-brown -c m.conf`,
      ),
    OWN,
  ),
  daemon(
    "gophernicus",
    "gophernicus",
    [70],
    [tcp("gopher", ["Gophernicus"], "package")],
    ({ ports: [port] }) =>
      socat(port, `EXEC:/usr/sbin/gophernicus -h lab.test -p ${port} -r /usr/share/doc/gophernicus`),
  ),
  daemon("efingerd", "efingerd", [79], [hidden(tcp("finger", null), ["efingerd"])], ({ ports: [port] }) =>
    socat(port, "EXEC:/usr/sbin/efingerd"),
  ),
  daemon(
    "nullidentd",
    "nullidentd",
    [null],
    [hidden(tcp("ident", null), ["nullidentd"])],
    ({ ports: [port] }) => socat(port, `EXEC:${EXTRACTED}/nullidentd/usr/sbin/nullidentd,su=nobody`),
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
  daemon("dicod", "dicod", [2628], [tcp("dict", ["GNU dico", "dicod", "Dico"], "2.11")], (place) =>
    shell(
      `exec ${EXTRACTED}/dicod/usr/bin/dicod -f --stderr --config=${write(place, "d.conf", `user root;\ngroup root;\nmode daemon;\npidfile "${place.directory}/pid";\nlisten (127.0.0.1:${place.ports[0]});\n`)}`,
    ),
  ),
  daemon("bidentd", "bidentd", [null], [hidden(tcp(["ident", "auth"], null), ["bidentd"])], ({ ports }) =>
    socat(ports[0], `EXEC:${EXTRACTED}/bidentd/usr/sbin/bidentd`),
  ),
  daemon("cfingerd", "cfingerd", [null], [tcp("finger", ["cfingerd"], null)], ({ ports }) =>
    shell(`mkdir -p e; cp -r /etc/. e/ 2>/dev/null || true; cp -r ${EXTRACTED}/cfingerd/etc/. e/; mount --bind e /etc
exec socat TCP-LISTEN:${ports[0]},bind=127.0.0.1,reuseaddr,fork EXEC:${EXTRACTED}/cfingerd/usr/sbin/cfingerd`),
  ),
  daemon(
    "endlessh",
    "endlessh",
    [null],
    [hidden(tcp(["ssh", "unknown"], null), ["Endlessh", "endlessh"])],
    ({ ports }) =>
      shell(
        `printf 'Port ${ports[0]}\\nDelay 3000\\nBindFamily 4\\n' > e.conf\nexec /usr/bin/endlessh -f e.conf`,
      ),
    OWN,
  ),
];
