/** What stands in front of other servers: the daemon's first port is the proxy's, the second that of the server behind it. */
import { type Command, type Place, write } from "../../daemon.ts";
import { HOME, shell } from "../wide/entry.ts";

/** The server that stands behind: it has the daemon's second port. */
export const behind = (place: Place): Place => ({ ...place, ports: place.ports.slice(1) });
/** A certificate and its key in one file, as haproxy, lighttpd and socat want them. */
export function joined(place: Place): string {
  place.prepare(["sh", "-c", `cat ${place.certificate} ${place.privateKey} > both.pem; chmod 644 both.pem`]);
  return `${place.directory}/both.pem`;
}

const haproxyOf = (place: Place, mode: "http" | "tcp", config: string): Command =>
  shell(
    `exec /usr/sbin/haproxy -db -f ${write(place, "haproxy.cfg", `defaults\n  mode ${mode}\n  timeout connect 1s\n  timeout client 30s\n  timeout server 30s\n${config}`)}`,
  );
/** A frontend of its own without anything behind it; `global`: lines before all. */
export const haproxyAlone = (place: Place, frontend = "", global = ""): Command =>
  haproxyOf(place, "http", `frontend lab\n  bind 127.0.0.1:${place.ports[0]}\n${frontend}${global}`);
/** `backend`: lines of that clause; `bind`: options of the port. */
export const haproxy = (place: Place, backend = "", bind = ""): Command =>
  haproxyOf(
    place,
    "http",
    `frontend lab\n  bind 127.0.0.1:${place.ports[0]}${bind}\n  default_backend behind\nbackend behind\n${backend}  server one 127.0.0.1:${place.ports[1]}\n`,
  );
/** haproxy passes bytes on without a look at them. */
export const passing = (place: Place, bind = ""): Command =>
  haproxyOf(
    place,
    "tcp",
    `listen lab\n  bind 127.0.0.1:${place.ports[0]}${bind}\n  server one 127.0.0.1:${place.ports[1]}\n`,
  );
/** The same, and ends TLS. */
export const passingTls = (place: Place, bind = ""): Command =>
  passing(place, ` ssl crt ${joined(place)}${bind}`);

/** `vcl`: what it does with requests and answers. */
export const varnish = ({ ports }: Place, vcl = "", more = ""): Command =>
  shell(`cat > v.vcl <<'X'
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${ports[1] ?? 9}"; }
${vcl}
X
exec /usr/sbin/varnishd -F -j none -a 127.0.0.1:${ports[0]} -f $PWD/v.vcl -n $PWD/v ${more}`);

/** `port`: its line of http_port; `more`: who may come, and what it tells. */
export const squidOf = (place: Place, port: string, more: string, program = "/usr/sbin/squid"): Command =>
  shell(`install -d -m 777 home
cat > squid.conf <<X
${port}
pid_filename none
coredump_dir $PWD/home
cache_log /dev/null
access_log none
cache_store_log none
cache_mem 1 MB
pinger_enable off
visible_hostname lab.test
shutdown_lifetime 0 seconds
${more}
X
exec ${program} -N -n doorplate${place.ports[0]} -f squid.conf`);
export const squid = (place: Place, more: string): Command =>
  squidOf(place, `http_port 127.0.0.1:${place.ports[0]}`, more);
export const squidFront = (place: Place, more = ""): Command =>
  squidOf(
    place,
    `http_port 127.0.0.1:${place.ports[0]} accel defaultsite=lab.test no-vhost
cache_peer 127.0.0.1 parent ${place.ports[1]} 0 no-query originserver`,
    `http_access allow all\n${more}`,
  );

export const tinyproxy = (place: Place, more = ""): Command =>
  shell(
    `exec /usr/bin/tinyproxy -d -c ${write(place, "tinyproxy.conf", `Port ${place.ports[0]}\nListen 127.0.0.1\nTimeout 60\n${more}`)}`,
  );

export const stunnel = (place: Place, more = ""): Command =>
  shell(
    `exec /usr/bin/stunnel4 ${write(
      place,
      "stunnel.conf",
      `foreground = yes\npid =\n[x]\naccept = 127.0.0.1:${place.ports[0]}\nconnect = 127.0.0.1:${place.ports[1]}\ncert = ${place.certificate}\nkey = ${place.privateKey}\n${more}`,
    )}`,
  );
/** socat joins every connection to such an address: a program as inetd starts it, another port. */
export const socat = (port: number | undefined, address: string): Command =>
  shell(`exec socat TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork "${address}"`, HOME);
/** socat ends TLS. */
export const socatTls = (place: Place): Command =>
  shell(
    `exec socat OPENSSL-LISTEN:${place.ports[0]},bind=127.0.0.1,reuseaddr,fork,cert=${joined(place)},verify=0 TCP:127.0.0.1:${place.ports[1]}`,
  );
