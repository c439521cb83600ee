import type { Daemon } from "../daemon.ts";
import { pythonFiles } from "./servers/languages.ts";
import { haproxyAlone, squid, tinyproxy } from "./servers/proxies.ts";
import { apache, FILES, lighttpd, nginx } from "./servers/web.ts";
import { daemon, TLS, tcp } from "./wide/entry.ts";
import { APACHE, WEB } from "./wide/products.ts";

export const webDaemons: Daemon[] = [
  daemon(
    "nginx",
    "nginx-light",
    [80, 443],
    [tcp(WEB, "nginx", "package"), tcp(["http", "https"], "nginx", "package", { at: 1, ...TLS })],
    (place) =>
      nginx(
        place,
        `server { listen 127.0.0.1:${place.ports[1]} ssl; ${FILES} ssl_certificate ${place.certificate}; ssl_certificate_key ${place.privateKey}; }`,
        FILES,
      ),
  ),
  daemon("apache2", "apache2-bin", [8080], [tcp(WEB, APACHE, "package")], (place) =>
    apache(place, "ServerTokens OS"),
  ),
  daemon("lighttpd", "lighttpd", [null], [tcp(WEB, "lighttpd", "package")], (place) => lighttpd(place)),
  daemon(
    "python3 -m http.server",
    "python3",
    [8000],
    // Python's http.server names itself "SimpleHTTP/0.6" in every release (Lib/http/server.py).
    [tcp(WEB, ["SimpleHTTPServer", "SimpleHTTP", "Python http.server"], "0.6")],
    pythonFiles,
  ),
  daemon("haproxy", "haproxy", [null], [tcp(WEB, "HAProxy http proxy")], (place) => haproxyAlone(place)),
  daemon("tinyproxy", "tinyproxy-bin", [8888], [tcp(WEB, "tinyproxy", "package")], (place) =>
    tinyproxy(place),
  ),
  daemon("squid", "squid", [3128], [tcp(WEB, "Squid http proxy", "package")], (place) =>
    squid(place, "http_access deny all"),
  ),
];
