/** Services and products of several doors, under all the names that they go by: the first is Nmap's. */

export const WEB = ["http", "http-proxy"] as const;
export const HTTPS = [...WEB, "https"] as const;
export const DNS = ["domain", "dns"] as const;
export const SMTP = ["smtp", "smtps", "submission", "submissions"] as const;
export const MQTT = ["mqtt", "mqtts", "secure-mqtt"] as const;
export const RDP = ["ms-wbt-server", "rdp"] as const;
export const SMB = ["microsoft-ds", "netbios-ssn", "smb"] as const;
export const STUN = ["stun", "turn"] as const;
export const SOCKS = ["socks5", "socks"] as const;
export const XMPP = ["xmpp", "xmpp-client", "jabber", "xmpp-server"] as const;
export const POLICY = ["postfix-policy", "policyd", "policy", "smtp-policy"] as const;
/** Of doors that say nothing to whom they do not know. */
export const SILENT = ["tcpwrapped", "unknown"] as const;
export const MEMCACHE = ["memcached", "memcache"] as const;

export const APACHE = ["Apache httpd", "Apache HTTP Server"] as const;
export const BIND = ["ISC BIND", "BIND"] as const;
export const CADDY = ["Caddy httpd", "Caddy", "Golang net/http server"] as const;
export const CONCH = ["Twisted Conch", "Twisted", "Twisted SSH"] as const;
export const DOVECOT = ["Dovecot", "Dovecot imapd", "Dovecot pop3d"] as const;
export const DROPBEAR = ["Dropbear sshd", "Dropbear SSH"] as const;
export const EXIM = ["Exim smtpd", "Exim"] as const;
export const GO = ["Golang net/http server", "Go net/http"] as const;
export const HAPROXY = ["HAProxy http proxy", "HAProxy"] as const;
export const IIS = ["Microsoft IIS httpd", "Microsoft-IIS", "IIS", "Microsoft IIS"] as const;
export const KNOT = ["Knot DNS", "Knot"] as const;
export const MOSQUITTO = ["Mosquitto", "Eclipse Mosquitto"] as const;
export const NET_SNMP = ["net-snmp", "Net-SNMP agent"] as const;
export const NSD = ["NSD", "NLnet Labs NSD"] as const;
export const POSTFIX = ["Postfix smtpd", "Postfix"] as const;
export const POSTGRES = ["PostgreSQL DB", "PostgreSQL"] as const;
export const POWERDNS = ["PowerDNS Authoritative Server", "PowerDNS"] as const;
export const PYTHON = ["SimpleHTTPServer", "BaseHTTPServer", "Python http.server"] as const;
export const REDIS = ["Redis key-value store", "Redis"] as const;
export const SAMBA = ["Samba smbd", "Samba"] as const;
export const SQUID = ["Squid http proxy", "Squid"] as const;
export const TOMCAT = ["Apache Tomcat", "Apache Tomcat/Coyote JSP engine", "Tomcat"] as const;
export const TWISTED_WEB = ["TwistedWeb httpd", "TwistedWeb", "Twisted Web"] as const;
export const VARNISH = ["Varnish http accelerator", "Varnish", "Varnish Cache"] as const;
export const WEBFS = ["webfs", "webfsd"] as const;
export const WEBRICK = ["WEBrick httpd", "WEBrick"] as const;
export const WERKZEUG = ["Werkzeug httpd", "Werkzeug"] as const;
export const ZOOKEEPER = ["Zookeeper", "Apache ZooKeeper", "ZooKeeper"] as const;
