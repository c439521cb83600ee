import type { Daemon } from "../../daemon.ts";
import { daemon, HOME, hidden, OWN, shell, tcp, udp } from "./entry.ts";

/** Games. */
export const games: Daemon[] = [
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
    "monopd",
    "monopd",
    [1234],
    [tcp("monopd", ["monopd"], "package")],
    () => shell(`exec $(dpkg -L monopd | grep -m1 bin/monopd)`),
    OWN,
  ),
  daemon("freeciv", "freeciv-server", [null], [hidden(tcp("freeciv", null), ["Freeciv"])], ({ ports: [p] }) =>
    shell(
      `exec setpriv --reuid nobody --regid nogroup --clear-groups sh -c 'sleep 10000 | /usr/games/freeciv-server -p ${p} -b 127.0.0.1'`,
      HOME,
    ),
  ),
  daemon("openttd", "openttd", [3979], [tcp("openttd", ["OpenTTD"], "package")], ({ ports: [p] }) =>
    shell(`exec sh -c 'sleep 10000 | /usr/games/openttd -D 127.0.0.1:${p}'`, HOME),
  ),
  daemon(
    "pokerth",
    "pokerth-server",
    [7234],
    [tcp("pokerth", ["PokerTH"])],
    () =>
      shell(
        `exec setpriv --reuid nobody --regid nogroup --clear-groups sh -c '/usr/games/pokerth_server; sleep 10000'`,
        HOME,
      ),
    OWN,
  ),
  daemon(
    "hedgewars",
    "hedgewars",
    [46631],
    [tcp("hedgewars", ["Hedgewars", "Hedgewars server"])],
    ({ ports: [p] }) =>
      shell(
        `exec $(find /opt/doorplate-lab/hedgewars -name 'hedgewars-server' -type f | head -1) -p ${p} -d False`,
        HOME,
      ),
    OWN,
  ),
  daemon(
    "wesnothd",
    "wesnoth-1.16-server",
    [15000],
    [tcp("wesnoth", ["Battle for Wesnoth", "wesnothd", "Wesnoth"])],
    ({ ports: [p] }) => shell(`exec /usr/games/wesnothd-1.16 -p ${p}`, HOME),
    OWN,
  ),
  daemon(
    "crossfire",
    "crossfire-server",
    [13327],
    [tcp(["crossfire"], ["Crossfire", "Crossfire Server"])],
    ({ ports: [port] }) =>
      shell(`mkdir -p l/account l/unique-items l/players l/maps l/bookarch l/template-maps l/datafiles
chmod -R 777 .
exec setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/sbin/crossfire-server -p ${port} -local $PWD/l`),
  ),
  daemon(
    "pioneers",
    "pioneers-console",
    [5556],
    [hidden(tcp(["pioneers"], null), ["Pioneers"])],
    ({ ports: [port] }) => shell(`exec /usr/games/pioneers-server-console -p ${port} -n lab.test`, HOME),
  ),
  daemon(
    "chocolate-server",
    "chocolate-doom",
    [2342],
    [udp(["chocolate-doom", "doom"], ["Chocolate Doom"])],
    ({ ports: [p] }) => shell(`exec /usr/games/chocolate-server -port ${p} -privateserver`, HOME),
    OWN,
  ),
  daemon(
    "teeworlds",
    "teeworlds-server",
    [8303],
    [udp("teeworlds", ["Teeworlds"], "package")],
    ({ ports: [p] }) =>
      shell(
        `exec setpriv --reuid nobody --regid nogroup --clear-groups /usr/games/teeworlds-server "sv_port ${p}; bindaddr 127.0.0.1; sv_register 0"`,
        HOME,
      ),
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
    "cube2",
    "cube2-server",
    [28785, 28786],
    [
      hidden(
        udp(["cube2", "sauerbraten", "assaultcube"], null, null, { unnamed: "it answers players alone" }),
        ["Cube 2", "Sauerbraten"],
      ),
      udp(["sauerbraten", "cube2"], ["Sauerbraten", "Cube 2"], null, { at: 1 }),
    ],
    () => shell("exec /usr/games/cube2-server -ilocalhost -mlocalhost -nlab", HOME),
    OWN,
  ),
  daemon(
    "armagetron",
    "armagetronad-dedicated",
    [4534],
    [udp(["armagetron", "armagetronad"], ["Armagetron Advanced", "Armagetron"], "0.2.9.1")],
    ({ directory }) =>
      shell(
        `mkdir u v; exec /usr/games/armagetronad-dedicated.real --userdatadir ${directory}/u --vardir ${directory}/v --datadir /usr/share/games/armagetronad --configdir /etc/games/armagetronad`,
        HOME,
      ),
    OWN,
  ),
];
