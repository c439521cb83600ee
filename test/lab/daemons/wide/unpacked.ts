import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { daemon, hidden, tcp, udp, withRun } from "./entry.ts";

/** Daemons that Debian does not let stand beside others of their trade: unpacked, not installed. */
export const unpackedDaemons: Daemon[] = [
  daemon(
    "upsd",
    "nut-server",
    [null],
    [tcp("nut", ["Network UPS Tools upsd", "Network UPS Tools"], "package")],
    (place) => {
      write(place, "ups.conf", "");
      return withRun(
        `mkdir -p /run/nut
printf '[dummy]\\n driver = dummy-ups\\n port = x\\n' > ups.conf
printf 'LISTEN 127.0.0.1 ${place.ports[0]}\\nALLOW_NO_DEVICE true\\n' > upsd.conf
touch upsd.users
exec ${EXTRACTED}/nut-server/lib/nut/upsd -F -u root`,
        { NUT_CONFPATH: place.directory, NUT_STATEPATH: place.directory, NUT_ALTPIDPATH: place.directory },
      );
    },
  ),
  daemon(
    "atftpd",
    "atftpd",
    [null],
    [udp("tftp", ["atftpd"], null, { productHidden: true })],
    ({ ports, directory }) => ({
      argv: [
        `${EXTRACTED}/atftpd/usr/sbin/atftpd`,
        "--daemon",
        "--no-fork",
        "--port",
        `${ports[0]}`,
        "--bind-address",
        "127.0.0.1",
        "--user",
        "root.root",
        "--logfile",
        "-",
        directory,
      ],
    }),
  ),
  daemon(
    "ntpsec",
    "ntpsec",
    [123],
    [hidden(udp("ntp", null), ["NTP", "ntpd", "NTPsec"])],
    (place) => ({
      argv: [
        `${EXTRACTED}/ntpsec/usr/sbin/ntpd`,
        "-n",
        "-g",
        "-N",
        "-c",
        write(place, "n.conf", "server 127.127.1.0\nrestrict default\n"),
        "-I",
        "lo",
      ],
    }),
    { needsOwnNetwork: true },
  ),
];
