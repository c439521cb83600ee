import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { asNobody } from "../servers/languages.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, withRun } from "./entry.ts";
import { WEB } from "./products.ts";

/** Programs with pages that share, fetch and show files. */
export const transfer: Daemon[] = [
  daemon(
    "strelaysrv",
    "syncthing-relaysrv",
    [22067, 22070],
    [
      hidden(tcp(["syncthing-relay", "bep-relay", "ssl"], null, null, TLS), [
        "Syncthing",
        "Syncthing relay server",
      ]),
      hidden(tcp(WEB, null, null, { at: 1 }), ["Syncthing relay server", "Golang net/http server"]),
    ],
    ({ ports: [p, q] }) =>
      shell(`exec strelaysrv -listen 127.0.0.1:${p} -status-srv 127.0.0.1:${q} -pools "" -keys $PWD`),
  ),
  daemon(
    "stdiscosrv",
    "syncthing-discosrv",
    [null],
    [hidden(tcp(WEB, null), ["Syncthing discovery server", "Golang net/http server"])],
    ({ ports: [p] }) => shell(`exec stdiscosrv -http -listen 127.0.0.1:${p} -db-dir $PWD/d`),
  ),
  daemon(
    "minidlna",
    "minidlna",
    [8200],
    [tcp(["upnp", "http"], ["MiniDLNA"], "package")],
    (place) =>
      shell(`mkdir -p media db
cat > m.conf <<X
media_dir=$PWD/media
db_dir=$PWD/db
log_dir=$PWD
port=${place.ports[0]}
network_interface=lo
X
exec /usr/sbin/minidlnad -S -f $PWD/m.conf -P $PWD/pid`),
    OWN,
  ),
  daemon(
    "servefile",
    "servefile",
    [null],
    [tcp(WEB, ["servefile"], null)],
    ({ ports, directory }) => shell(`exec servefile -p ${ports[0]} -l ${directory}`, HOME),
    OWN,
  ),
  daemon(
    "droopy",
    "droopy",
    [null],
    [tcp(WEB, ["Droopy", "BaseHTTPServer"])],
    ({ ports }) => shell(`exec droopy -d $PWD ${ports[0]}`, HOME),
    OWN,
  ),
  daemon(
    "dms",
    "anacrolix-dms",
    [1338],
    [tcp([...WEB, "upnp"], ["dms", "anacrolix dms", "DMS"], null)],
    ({ ports, directory }) =>
      shell(`exec dms -path ${directory} -http 127.0.0.1:${ports[0]} -ifname lo`, HOME),
  ),
  daemon("supysonic", "supysonic", [5722], [tcp(WEB, ["Supysonic", "gevent", "Flask"], null)], ({ ports }) =>
    shell(
      `printf '[base]\\ndatabase_uri = sqlite:///%s/s.db\\n[webapp]\\ncache_dir=%s\\n' $PWD $PWD > .supysonic
exec supysonic-server -h 127.0.0.1 -p ${ports[0]}`,
      { HOME: "." },
    ),
  ),
  daemon(
    "moosefs cgi",
    "moosefs-cgiserv",
    [9425],
    [tcp(WEB, ["MooseFS CGI Monitor", "MooseFS", "MFS CGI server", "MooseFS CGI Server"], null)],
    ({ ports }) => shell(`exec mfscgiserv -H 127.0.0.1 -P ${ports[0]} -f`),
  ),
  daemon("monerod", "monero", [18081, null], [tcp(WEB, ["Monero", "monerod"])], ({ ports: [r, pp] }) =>
    shell(
      `exec /usr/bin/monerod --non-interactive --offline --data-dir $PWD --rpc-bind-ip 127.0.0.1 --rpc-bind-port ${r} --p2p-bind-ip 127.0.0.1 --p2p-bind-port ${pp} --no-zmq --no-igd`,
    ),
  ),
  daemon("fossil", "fossil", [null], [tcp(WEB, ["Fossil"], "package")], ({ ports: [port] }) =>
    shell(`export HOME=$PWD USER=lab
/usr/bin/fossil init --admin-user lab lab.fossil >/dev/null
exec /usr/bin/fossil server --localhost --port ${port} lab.fossil`),
  ),
  daemon("kiwix", "kiwix-tools", [null], [tcp(WEB, ["Kiwix", "kiwix-serve"])], ({ ports: [port] }) =>
    shell(`echo '<library version="20110515"></library>' > library.xml
exec /usr/bin/kiwix-serve --port=${port} --address=127.0.0.1 --library library.xml`),
  ),
  daemon("motion", "motion", [8083], [tcp(WEB, ["Motion"], "package")], ({ ports: [port] }) =>
    shell(`printf 'daemon off\\nvideodevice /dev/video99\\nwebcontrol_port ${port}\\nwebcontrol_localhost on\\nwebcontrol_interface 1\\nstream_port 0\\n' > m.conf
exec /usr/bin/motion -n -c $PWD/m.conf -p $PWD/pid`),
  ),
  daemon(
    "ustreamer",
    "ustreamer",
    [null],
    [tcp(WEB, ["uStreamer", "ustreamer"], "package")],
    ({ ports: [port] }) =>
      shell(`exec /usr/bin/ustreamer --host 127.0.0.1 --port ${port} --device /dev/video99`),
  ),
  daemon(
    "debuginfod",
    "debuginfod",
    [8002],
    [tcp(WEB, ["debuginfod", "elfutils debuginfod"], "package")],
    ({ ports: [port] }) => shell(`exec /usr/bin/debuginfod -p ${port} -d :memory:`, HOME),
  ),
  daemon("podman", "podman", [null], [tcp(WEB, ["Podman", "Libpod"], "package")], ({ ports: [port] }) =>
    withRun(
      `exec /usr/bin/podman --root $PWD/r --runroot $PWD/rr --storage-driver vfs system service -t 0 tcp:127.0.0.1:${port}`,
      HOME,
    ),
  ),
  daemon(
    "rclone",
    "rclone",
    [null, null],
    [hidden(tcp(WEB, null), ["rclone", "Golang net/http server"]), tcp("ssh", ["rclone"], null, { at: 1 })],
    ({ ports: [web, ssh] }) => [
      shell(`exec ${EXTRACTED}/rclone/usr/bin/rclone serve webdav --addr 127.0.0.1:${web} $PWD`, HOME),
      shell(
        `exec ${EXTRACTED}/rclone/usr/bin/rclone serve sftp --user a --pass b --addr 127.0.0.1:${ssh} $PWD`,
        HOME,
      ),
    ],
  ),
  daemon("mopidy", "mopidy", [null], [tcp(WEB, ["Mopidy", "Tornado httpd"])], ({ ports: [p] }) =>
    shell(
      `exec mopidy -o http/hostname=127.0.0.1 -o http/port=${p} -o http/zeroconf= -o core/data_dir=$PWD/d -o core/cache_dir=$PWD/c -o core/config_dir=$PWD/f`,
      HOME,
    ),
  ),
  daemon(
    "vlc http",
    "vlc-bin",
    [null],
    [tcp(WEB, ["VLC media player http interface", "VLC media player", "VLC"])],
    ({ ports: [p] }) =>
      asNobody(`exec /usr/bin/cvlc -I http --http-host 127.0.0.1 --http-port ${p} --http-password x`),
  ),
  daemon(
    "orthanc",
    "orthanc",
    [null, 4242],
    [
      tcp(WEB, ["Orthanc"], "package"),
      hidden(tcp(["dicom", "acr-nema"], null, null, { at: 1 }), ["Orthanc", "DCMTK"]),
    ],
    ({ ports: [p, q] }) =>
      shell(
        `echo '{"HttpPort":${p},"DicomPort":${q},"StorageDirectory":"d","IndexDirectory":"d","RemoteAccessAllowed":true,"AuthenticationEnabled":false}' > o.json\nexec Orthanc o.json`,
      ),
    OWN,
  ),
  daemon(
    "syncthing",
    "syncthing",
    [8384, 22000],
    [
      tcp(WEB, ["Syncthing"], "package"),
      tcp(["syncthing", "ssl"], ["Syncthing"], null, { at: 1, tls: true }),
    ],
    (place) =>
      shell(
        `/usr/bin/syncthing generate --home=$PWD/home --no-default-folder
sed -i 's#<listenAddress>.*</listenAddress>#<listenAddress>tcp://127.0.0.1:${place.ports[1]}</listenAddress>#; s#<globalAnnounceEnabled>true#<globalAnnounceEnabled>false#; s#<localAnnounceEnabled>true#<localAnnounceEnabled>false#' home/config.xml
exec /usr/bin/syncthing serve --no-browser --home=$PWD/home --gui-address=127.0.0.1:${place.ports[0]} --no-upgrade`,
        { HOME: place.directory, STNOUPGRADE: "1" },
      ),
  ),
  daemon("syncthing sends to TLS", "syncthing", [null], [tcp(WEB, ["Syncthing"], null, TLS)], (place) =>
    shell(
      `/usr/bin/syncthing generate --home=$PWD/home --no-default-folder
sed -i 's#<gui enabled="true" tls="false"#<gui enabled="true" tls="true"#; s#<address>127.0.0.1:[0-9]*</address>#<address>127.0.0.1:${place.ports[0]}</address><user>a</user><password>b</password>#; s#<listenAddress>.*</listenAddress>#<listenAddress>tcp://127.0.0.1:0</listenAddress>#; s#<globalAnnounceEnabled>true#<globalAnnounceEnabled>false#; s#<localAnnounceEnabled>true#<localAnnounceEnabled>false#' home/config.xml
exec /usr/bin/syncthing serve --no-browser --home=$PWD/home --no-upgrade`,
      { HOME: place.directory, STNOUPGRADE: "1" },
    ),
  ),
  daemon("docker-registry", "docker-registry", [5001], [tcp(WEB, ["Docker Registry"], null)], (place) => ({
    argv: [
      "/usr/bin/docker-registry",
      "serve",
      write(
        place,
        "config.yml",
        `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${place.directory}\nhttp:\n  addr: 127.0.0.1:${place.ports[0]}\n`,
      ),
    ],
  })),
  daemon(
    "transmission",
    "transmission-daemon",
    [9091, null],
    [tcp(WEB, ["Transmission", "Transmission BitTorrent management httpd"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/transmission-daemon",
        "-f",
        "-g",
        directory,
        "-p",
        `${ports[0]}`,
        "-P",
        `${ports[1]}`,
        "-r",
        "127.0.0.1",
        "-i",
        "127.0.0.1",
        "-M",
        "-O",
        "-T",
      ],
    }),
  ),
  daemon(
    "aria2",
    "aria2",
    [6800],
    [tcp(WEB, ["aria2", "aria2 downloader"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/aria2c",
        "--enable-rpc",
        `--rpc-listen-port=${ports[0]}`,
        `--dir=${directory}`,
        "--enable-dht=false",
        "--no-conf",
      ],
    }),
  ),
  daemon(
    "deluge",
    "deluged",
    [58846, 8112],
    [
      tcp(["deluge", "deluge-rpc", "ssl"], ["Deluge"], null, TLS),
      tcp(WEB, ["Deluge Web UI", "Deluge", "TwistedWeb httpd", "Deluge WebUI"], null, { at: 1 }),
    ],
    ({ ports, directory }) => [
      {
        argv: ["/usr/bin/deluged", "-d", "-c", `${directory}/d`, "-p", `${ports[0]}`, "-u", "127.0.0.1"],
        env: { HOME: directory },
      },
      {
        argv: ["/usr/bin/deluge-web", "-d", "-c", `${directory}/w`, "-p", `${ports[1]}`, "-i", "127.0.0.1"],
        env: { HOME: directory },
      },
    ],
  ),
  daemon(
    "qbittorrent",
    "qbittorrent-nox",
    [null],
    [tcp(WEB, ["qBittorrent", "qBittorrent Web UI"], null)],
    (place) => {
      return shell(
        `mkdir -p .config/qBittorrent
printf '[LegalNotice]\\nAccepted=true\\n[Preferences]\\nWebUI\\\\Port=${place.ports[0]}\\nWebUI\\\\Address=127.0.0.1\\n' > .config/qBittorrent/qBittorrent.conf
exec /usr/bin/qbittorrent-nox`,
        { HOME: place.directory },
      );
    },
  ),
  daemon("hgweb", "mercurial", [null], [tcp(WEB, ["Mercurial", "Mercurial hgweb"], null)], ({ ports }) =>
    shell(
      `/usr/bin/hg init repo
exec /usr/bin/hg serve -R repo -a 127.0.0.1 -p ${ports[0]}`,
      { HGPORT: "1", HOME: "/root" },
    ),
  ),
];
