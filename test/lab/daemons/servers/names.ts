/** Name servers, each with lines of its own in the configuration. */
import { type Command, type Place, write } from "../../daemon.ts";
import { shell } from "../wide/entry.ts";

/** `says`: of its clause options. */
export const named = (place: Place, says = ""): Command =>
  shell(
    `exec /usr/sbin/named -f -n 1 -c ${write(
      place,
      "named.conf",
      `options { directory "${place.directory}"; listen-on port ${place.ports[0]} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no; dnssec-validation no; ${says} };\ncontrols { };\n`,
    )}`,
  );
/** `server`: further lines of that clause; `control`: of remote-control. */
export const unbound = (place: Place, server = "", control = "  control-enable: no\n"): Command =>
  shell(
    `exec /usr/sbin/unbound -d -c ${write(
      place,
      "unbound.conf",
      `server:
  interface: 127.0.0.1@${place.ports[0]}
  num-threads: 1
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${place.directory}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
${server}remote-control:
${control}`,
    )}`,
  );
export const renamedUnbound = (place: Place, version: string, more = ""): Command =>
  unbound(place, `  version: "${version}"\n${more}`);
/** `more`: lines of its clause server. */
export const nsd = (place: Place, more = ""): Command =>
  shell(
    `exec /usr/sbin/nsd -d -c ${write(
      place,
      "nsd.conf",
      `server:
  ip-address: 127.0.0.1@${place.ports[0]}
  username: ""
  chroot: ""
  zonesdir: "${place.directory}"
  pidfile: ""
  database: ""
  zonelistfile: "${place.directory}/zl"
  xfrdfile: "${place.directory}/x"
  xfrdir: "${place.directory}"
  ${more}
remote-control:
  control-enable: no
`,
    )}`,
  );
/** `version`: what it says of itself. */
export const knot = ({ ports }: Place, version?: string): Command =>
  shell(`mkdir -p run store
cat > knot.conf <<X
server:
  rundir: $PWD/run
  listen: 127.0.0.1@${ports[0]}
${version === undefined ? "" : `  version: "${version}"`}
database:
  storage: $PWD/store
X
exec /usr/sbin/knotd -c knot.conf`);
const POWERDNS =
  "--config-dir=$PWD --socket-dir=$PWD --local-address=127.0.0.1 --daemon=no --disable-syslog --security-poll-suffix=";
export const pdns = ({ ports }: Place, more = ""): Command =>
  shell(`echo > pdns.conf
echo > named.conf
exec /usr/sbin/pdns_server ${POWERDNS} --local-port=${ports[0]} --launch=bind --bind-config=$PWD/named.conf --guardian=no --module-dir=/usr/lib/x86_64-linux-gnu/pdns ${more}`);
export const recursor = ({ ports }: Place, more = ""): Command =>
  shell(`exec /usr/sbin/pdns_recursor ${POWERDNS} --local-port=${ports[0]} --hint-file=no ${more}`);
/** The web server of either PowerDNS. */
export const powerdnsWeb = (port: number | undefined): string =>
  `--webserver=yes --webserver-address=127.0.0.1 --webserver-port=${port} --api-key=x --webserver-password=secret`;
export const dnsmasq = (port: number | undefined, more = ""): Command =>
  shell(
    `exec /usr/sbin/dnsmasq --keep-in-foreground --conf-file=/dev/null --listen-address=127.0.0.1 --bind-interfaces --port=${port} --no-resolv --no-hosts --user=root --pid-file ${more}`,
  );
export const dnsdist = (place: Place, config: string): Command =>
  shell(
    `exec /usr/bin/dnsdist --supervised --disable-syslog -C ${write(place, "d.conf", `setLocal("127.0.0.1:${place.ports[0]}")\n${config}`)}`,
  );
