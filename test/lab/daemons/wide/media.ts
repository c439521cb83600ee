import { type Daemon, write } from "../../daemon.ts";
import { asNobody } from "../servers/languages.ts";
import { daemon, HOME, hidden, OWN, shell, tcp, withRun } from "./entry.ts";
import { WEB } from "./products.ts";

/** Sound, pictures, printers. */
export const media: Daemon[] = [
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
    "p910nd",
    "p910nd",
    [9101],
    [hidden(tcp(["jetdirect", "unknown", "tcpwrapped", "bacula-dir", "bacula"], null), ["p910nd"])],
    () => shell("mkdir -p /var/lock/p910nd; exec p910nd -d -f /dev/null -i 127.0.0.1 1"),
    OWN,
  ),
  daemon(
    "pulseaudio",
    "pulseaudio",
    [4712, 4714, 4713],
    [
      tcp(["pulseaudio-cli", "pulseaudio"], ["PulseAudio"], "package"),
      tcp(WEB, ["PulseAudio"], null, { at: 1 }),
      hidden(tcp(["pulseaudio"], null, null, { at: 2 }), ["PulseAudio"]),
    ],
    ({ ports: [cli, web, native] }) =>
      withRun(
        `exec /usr/bin/pulseaudio -n --system=no --daemonize=no --use-pid-file=no --disallow-exit --exit-idle-time=-1 -L 'module-null-sink' -L 'module-cli-protocol-tcp port=${cli} listen=127.0.0.1' -L 'module-http-protocol-tcp port=${web} listen=127.0.0.1' -L 'module-native-protocol-tcp port=${native} listen=127.0.0.1'`,
        { HOME: "/tmp", XDG_RUNTIME_DIR: "/run" },
      ),
  ),
  daemon(
    "snapserver",
    "snapserver",
    [1780, 1705, 1704],
    [
      tcp(WEB, ["Snapcast", "snapserver"]),
      hidden(tcp(["snapcast", "jsonrpc"], null, null, { at: 1 }), ["Snapcast"]),
    ],
    ({ ports: [web, control, stream] }) =>
      shell(
        `mkfifo f
exec /usr/bin/snapserver --http.port=${web} --http.bind_to_address=127.0.0.1 --tcp.port=${control} --tcp.bind_to_address=127.0.0.1 --stream.port=${stream} --stream.bind_to_address=127.0.0.1 --server.datadir=$PWD --stream.source="pipe:///$PWD/f?name=a"`,
        HOME,
      ),
  ),
  daemon(
    "liquidsoap",
    "liquidsoap",
    [1234, 8005],
    [
      hidden(tcp(["liquidsoap", "telnet"], null), ["Liquidsoap"]),
      tcp(["http", "icy"], ["Liquidsoap"], null, { at: 1 }),
    ],
    ({ ports: [t, h] }) =>
      shell(
        `printf 'set("server.telnet",true)\\nset("server.telnet.port",${t})\\nset("harbor.bind_addrs",["127.0.0.1"])\\ns = input.harbor("x",port=${h},password="y")\\noutput.dummy(fallible=true,s)\\n' > l.liq\nexec setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/bin/liquidsoap l.liq`,
        HOME,
      ),
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
    "vlc telnet",
    "vlc-bin",
    [4212],
    [tcp(["telnet", "vlc", "vlc-telnet"], ["VLC media player", "VLC"])],
    ({ ports: [p] }) =>
      asNobody(`exec /usr/bin/cvlc -I telnet --telnet-host 127.0.0.1 --telnet-port ${p} --telnet-password x`),
  ),
  daemon(
    "ecasound",
    "ecasound",
    [null],
    [hidden(tcp(["ecasound", "ecasound-eci"], null), ["Ecasound"])],
    ({ ports: [p] }) =>
      shell(`exec sh -c 'sleep 10000 | ecasound -c -i null -o null --server --server-tcp-port=${p}'`, {
        ...HOME,
        TERM: "dumb",
      }),
  ),
  daemon("festival", "festival", [1314], [hidden(tcp("festival", null), ["Festival"])], ({ ports: [p] }) =>
    shell(
      `exec festival --server '(set! server_port ${p})' '(set! server_access_list (list "localhost" "lab" "127.0.0.1"))'`,
    ),
  ),
  daemon("fluidsynth", "fluidsynth", [9800], [tcp("fluidsynth", ["FluidSynth"])], ({ ports: [p] }) =>
    shell(
      `exec fluidsynth -a file -m alsa_seq -o audio.file.name=/dev/null -o midi.driver= -i -s -o shell.port=${p}`,
    ),
  ),
  daemon(
    "storescp",
    "dcmtk",
    [null],
    [tcp(["dicom", "acr-nema"], ["DCMTK", "OFFIS DCMTK"], "package")],
    ({ ports: [p] }) => shell(`exec storescp ${p}`),
    OWN,
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
];
