import { latin1, type Response } from "../model/observation.ts";

/**
 * Paths of one application each, which say its version without a login. They are asked for only when an earlier answer gave the
 * application away: nobody's server is searched for what it may hold. All are documented and read-only; sources are the vendors'
 * API references.
 */

export interface Hint {
  /** The probe is `http.hint.<name>`, the fact `http.hint` begins with it. */
  name: string;
  path: string;
  /** What gave it away, in the text of an answer (its head and the start of its page). */
  seen: RegExp;
  /** Which part of a long answer is kept; without it, its beginning. */
  part?: RegExp;
}

/** Probe names of hints begin with this. */
export const HINT_PROBE = "http.hint.";

/** Bytes of an answer kept as the fact `http.hint`, and those searched for the part worth keeping: a list of metrics is long. */
const MAX_HINT = 3072;
const MAX_ANSWER = 262_144;
/** Requests of this kind to one endpoint. */
const MAX_HINTS = 2;
/** Characters of each answer that are searched. */
const MAX_TEXT = 20_000;

export const HINTS: readonly Hint[] = [
  { name: "grafana", path: "/api/health", seen: /<title>Grafana<|grafana_session=|grafanaBootData/ },
  {
    name: "kibana",
    path: "/api/status",
    seen: /^kbn-(?:name|version|license-sig): |kbn-injected-metadata/im,
  },
  {
    name: "prometheus",
    path: "/api/v1/status/buildinfo",
    seen: /<title>Prometheus Time Series|^Location: (?:\/classic)?\/(?:graph|query)\r?$/im,
  },
  { name: "alertmanager", path: "/api/v2/status", seen: /<title>Alertmanager</ },
  { name: "wordpress", path: "/feed/", seen: /\/wp-(?:content|includes)\/|rel="https:\/\/api\.w\.org\/"/ },
  { name: "drupal7", path: "/CHANGELOG.txt", seen: /Drupal 7 \(|Drupal\.settings/ },
  {
    name: "joomla",
    path: "/administrator/manifests/files/joomla.xml",
    seen: /content="Joomla! |\/media\/(?:jui|vendor\/joomla)/,
  },
  { name: "nextcloud", path: "/status.php", seen: /\boc_sessionPassphrase=|\bnc_sameSiteCookie/ },
  { name: "docker", path: "/version", seen: /^(?:Docker-Experimental|Api-Version): /im },
  {
    // Podman's API says this, in other words than Go's library, to all it does not know; to Docker's `_ping` it names itself in a field.
    name: "podman",
    path: "/_ping",
    seen: /^HTTP\/1\.1 404 Not Found\r\n(?:[^\r]{0,200}\r\n){1,8}\r\nNot Found\n$/,
  },
  {
    // A repository's home page may be any page of it; its login page is always there, and signs like all others.
    name: "fossil",
    path: "/login",
    seen: /<h1>Not Found<\/h1>\n<p>Page not found: doorplate-no-such-page<\/p>/,
    part: /\bFossil \d{1,3}\.\d{1,4} \[[0-9a-f]{6,40}\]/,
  },
  { name: "kubernetes", path: "/version", seen: /"kind":\s*"Status",\s*"apiVersion":\s*"v1"/ },
  // Since version 3 etcd says nothing else over HTTP, in the words of Go's library for what it does not know.
  { name: "etcd", path: "/version", seen: /^X-Etcd-Cluster-Id: |\r\n\r\n404 page not found\n$/im },
  {
    // By convention each exporter has a metric <program>_build_info with a label "version".
    name: "exporter",
    path: "/metrics",
    seen: /<title>(?:[\w .-]{2,40}[ _]Exporter|Prometheus Pushgateway)</i,
    part: /^[a-z]\w{0,40}_exporter_build_info\{[^}\n]{0,400}\}|^pushgateway_build_info\{[^}\n]{0,400}\}/m,
  },
  {
    // aria2 manual, "RPC interface": JSON-RPC over HTTP GET, answered only where no secret is set. It says 404 to all else, with these fields.
    name: "aria2",
    path: "/jsonrpc?method=aria2.getVersion&id=doorplate",
    seen: /^HTTP\/1\.1 404 Not Found\r\nDate: [^\r]{1,40}\r\nContent-Length: 0\r\nExpires: [^\r]{1,40}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n$/,
  },
  {
    // The path that HAProxy's manual uses; its version is far down in the page, which is found under "/" only where that covers all paths.
    name: "haproxy",
    path: "/haproxy?stats",
    seen: /<title>Statistics Report for HAProxy<\/title>/,
    part: /<h1><a href="http:\/\/(?:www\.)?haproxy\.(?:org|1wt\.eu)\/"[^>]{0,80}>\s{0,8}HAProxy version \d[\w.]{0,20}/,
  },
  {
    name: "dovecot",
    path: "/metrics",
    seen: /<title>Dovecot Stats/,
    part: /^dovecot_build(?:_info)?\{[^}\n]{0,200}\}/m,
  },
  {
    name: "consul",
    path: "/v1/agent/self",
    seen: /^Consul Agent|<title>Consul(?: by HashiCorp)?<|^X-Consul-/im,
  },
  {
    // Janus' "RESTful interface": whoever asks outside of its base path gets these fields, and nothing else.
    name: "janus",
    path: "/janus/info",
    seen: /^HTTP\/1\.1 404 Not Found\r\n(?:(?:Date|Connection): [^\r]{1,40}\r\n){0,2}Access-Control-Allow-Origin: \*\r\nAccess-Control-Max-Age: 86400\r\nContent-Length: 0\r\n/,
  },
  { name: "vault", path: "/v1/sys/health", seen: /<title>Vault</ },
  { name: "nomad", path: "/v1/agent/self", seen: /<title>Nomad<|^X-Nomad-/im },
  // Its errors name it; it describes itself to whom it answers at all.
  { name: "orthanc", path: "/system", seen: /"OrthancError" : "|^Location: app\/explorer\.html/m },
  {
    name: "solr",
    path: "/solr/admin/info/system?wt=json",
    seen: /^Location: \S{0,120}\/solr\/|<title>Solr Admin/im,
  },
  { name: "influxdb", path: "/health", seen: /^X-Influxdb-|<title>InfluxDB/im },
  {
    name: "gitea",
    path: "/api/v1/version",
    seen: /\bi_like_gite?a=|\bgitea_incredible=|Powered by Gitea|Forgejo/,
  },
  { name: "sonarqube", path: "/api/server/version", seen: /<title>SonarQube/ },
  { name: "portainer", path: "/api/status", seen: /<title>Portainer/ },
  { name: "argo-cd", path: "/api/version", seen: /<title>Argo CD</ },
  { name: "traefik", path: "/api/version", seen: /<title>Traefik/ },
  { name: "airflow", path: "/api/v1/version", seen: /<title>(?:Sign In - |DAGs - )?Airflow/ },
  {
    name: "jupyter",
    path: "/api",
    seen: /<title>(?:Jupyter|JupyterLab|Home Page - Select)|data-jupyter-api-token|Jupyter Server/,
  },
  {
    name: "synapse",
    path: "/_matrix/federation/v1/version",
    seen: /Synapse is running|^Location: \/_matrix\//m,
  },
  { name: "rocketchat", path: "/api/info", seen: /<title>Rocket\.Chat|^X-Rocket-Chat-Version: /im },
  {
    name: "jira",
    path: "/rest/api/2/serverInfo",
    seen: /^X-AREQUESTID: |ajs-jira|\batlassian\.xsrf\.token=/im,
  },
  {
    name: "jellyfin",
    path: "/System/Info/Public",
    seen: /<title>Jellyfin|<title>Emby|^Location: \/?web\/(?:index\.html)?\r?$/im,
  },
  { name: "plex", path: "/identity", seen: /^X-Plex-Protocol: /im },
  { name: "unifi", path: "/status", seen: /<title>UniFi|^Location: \/manage\b/im },
  { name: "phpmyadmin", path: "/doc/html/index.html", seen: /\bphpMyAdmin(?:_https)?=|<title>phpMyAdmin/ },
];

/** What is worth asking, likeliest first; what was asked already is left out. Pure. */
export function hintsFor(responses: readonly Response[]): Hint[] {
  const texts = responses
    .filter(({ probe }) => !probe.startsWith(HINT_PROBE))
    .map(({ data }) => latin1(data.subarray(0, MAX_TEXT)));
  return HINTS.filter(
    ({ name, seen }) =>
      texts.some((text) => seen.test(text)) && !responses.some(({ probe }) => probe === HINT_PROBE + name),
  ).slice(0, MAX_HINTS);
}

/** What is kept of the answer to the hint that `probe` names; empty if nothing is. */
export function hintText(probe: string, body: Uint8Array): string {
  const part = HINTS.find(({ name }) => HINT_PROBE + name === probe)?.part;
  if (!part) return latin1(body.subarray(0, MAX_HINT));
  return part.exec(latin1(body.subarray(0, MAX_ANSWER)))?.[0] ?? "";
}
