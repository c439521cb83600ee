/**
 * The protocols we speak, in the order in which an unknown silent port is asked: first what is most often found
 * on unregistered ports, then what little else would answer for. A protocol file knows how to ask and how to read; this list
 * only adds under which service names of the registry it runs, so that a port's prior can pick its protocol.
 */

import { ajp13 } from "./ajp13.ts";
import { amqp } from "./amqp.ts";
import { apcupsd } from "./apcupsd.ts";
import { doom, luanti, quake } from "./arena.ts";
import { bacnet } from "./bacnet.ts";
import { bacula } from "./bacula.ts";
import { beanstalkd } from "./beanstalkd.ts";
import { bittorrentDht, bittorrentTracker } from "./bittorrent.ts";
import { bolt } from "./bolt.ts";
import { cassandra } from "./cassandra.ts";
import { clamav } from "./clamav.ts";
import { clickhouse } from "./clickhouse.ts";
import { coap } from "./coap.ts";
import { connectProxy } from "./connect-proxy.ts";
import { datagramLines } from "./datagram-lines.ts";
import { dicom } from "./dicom.ts";
import { dict } from "./dict.ts";
import { dns } from "./dns.ts";
import { dnsdistConsole } from "./dnsdist-console.ts";
import { drda } from "./drda.ts";
import { dtls } from "./dtls.ts";
import { editorServers } from "./editor-servers.ts";
import { elasticsearchTransport } from "./elasticsearch-transport.ts";
import { enip } from "./enip.ts";
import { epmd } from "./epmd.ts";
import { fastcgi } from "./fastcgi.ts";
import { finger } from "./finger.ts";
import { firebird } from "./firebird.ts";
import { freeciv } from "./freeciv.ts";
import { ftp } from "./ftp.ts";
import { armagetron, cube, raknet } from "./game-lists.ts";
import { gearman } from "./gearman.ts";
import { gemini } from "./gemini.ts";
import { gitDaemon } from "./git-daemon.ts";
import { gopher } from "./gopher.ts";
import { gpsd } from "./gpsd.ts";
import { gqtp } from "./gqtp.ts";
import { greeted } from "./greeted.ts";
import { gtp } from "./gtp.ts";
import { http } from "./http.ts";
import { http2 } from "./http2.ts";
import { icap } from "./icap.ts";
import { ident } from "./ident.ts";
import { iec104 } from "./iec104.ts";
import { ike } from "./ike.ts";
import { imap } from "./imap.ts";
import { ipmi } from "./ipmi.ts";
import { irc } from "./irc.ts";
import { iscsi } from "./iscsi.ts";
import { isoTsap } from "./iso-tsap.ts";
import { jamulus } from "./jamulus.ts";
import { javaRmi } from "./java-rmi.ts";
import { jdwp } from "./jdwp.ts";
import { kafka } from "./kafka.ts";
import { kerberos } from "./kerberos.ts";
import { knxnet } from "./knxnet.ts";
import { kpasswd } from "./kpasswd.ts";
import { l2tp } from "./l2tp.ts";
import { ldap } from "./ldap.ts";
import { lineServers } from "./line-servers.ts";
import { lpd } from "./lpd.ts";
import { managesieve } from "./managesieve.ts";
import { mdns } from "./mdns.ts";
import { memcached } from "./memcached.ts";
import { memcachedBinary } from "./memcached-binary.ts";
import { milter } from "./milter.ts";
import { minecraft } from "./minecraft.ts";
import { modbus } from "./modbus.ts";
import { mongodb } from "./mongodb.ts";
import { mpd } from "./mpd.ts";
import { mqtt } from "./mqtt.ts";
import { mssql } from "./mssql.ts";
import { mumble } from "./mumble.ts";
import { munin } from "./munin.ts";
import { mysql } from "./mysql.ts";
import { natpmp } from "./natpmp.ts";
import { nats } from "./nats.ts";
import { nbd } from "./nbd.ts";
import { netbiosNs } from "./netbios-ns.ts";
import { netbiosSsn } from "./netbios-ssn.ts";
import { nineP } from "./nine-p.ts";
import { nntp } from "./nntp.ts";
import { nrpe } from "./nrpe.ts";
import { nsq } from "./nsq.ts";
import { ntp } from "./ntp.ts";
import { nut } from "./nut.ts";
import { objectRequests } from "./object-requests.ts";
import { opcua } from "./opcua.ts";
import { openttd } from "./openttd.ts";
import { openvpn } from "./openvpn.ts";
import { oracleTns } from "./oracle-tns.ts";
import { pop3 } from "./pop3.ts";
import { postgresql } from "./postgresql.ts";
import { pptp } from "./pptp.ts";
import { proxyProtocol } from "./proxy-protocol.ts";
import { quic } from "./quic.ts";
import { radius } from "./radius.ts";
import { rdp } from "./rdp.ts";
import { redis } from "./redis.ts";
import { relp } from "./relp.ts";
import { rsync } from "./rsync.ts";
import { rtmp } from "./rtmp.ts";
import { rtsp } from "./rtsp.ts";
import { rx } from "./rx.ts";
import { sane } from "./sane.ts";
import { sip } from "./sip.ts";
import { chargen, daytime, echo, qotd, time } from "./small-services.ts";
import { smb } from "./smb.ts";
import { smtp } from "./smtp.ts";
import { snmp } from "./snmp.ts";
import { socks5 } from "./socks5.ts";
import { sourceQuery } from "./source.ts";
import { spamassassin } from "./spamassassin.ts";
import { ssdp } from "./ssdp.ts";
import { ssh } from "./ssh.ts";
import { stomp } from "./stomp.ts";
import { stun } from "./stun.ts";
import { sunrpc } from "./sunrpc.ts";
import { svnserve } from "./svnserve.ts";
import { teamspeak } from "./teamspeak.ts";
import { teeworlds } from "./teeworlds.ts";
import { telnet } from "./telnet.ts";
import { tftp } from "./tftp.ts";
import { tls } from "./tls.ts";
import { torControl } from "./tor-control.ts";
import { torOr } from "./tor-or.ts";
import type { Registered } from "./types.ts";
import { usbip } from "./usbip.ts";
import { varnishCli } from "./varnish-cli.ts";
import { vnc } from "./vnc.ts";
import { websocket } from "./websocket.ts";
import { wsDiscovery } from "./ws-discovery.ts";
import { x11 } from "./x11.ts";
import { xdmcp } from "./xdmcp.ts";
import { xmpp } from "./xmpp.ts";
import { xrootd } from "./xrootd.ts";
import { zabbix } from "./zabbix.ts";
import { zookeeper } from "./zookeeper.ts";

export const protocols: readonly Registered[] = [
  { protocol: http, services: ["http", "https", "http-alt", "http-proxy", "ipp", "https-alt"] },
  { protocol: tls, services: ["ssl", "https", "imaps", "pop3s", "smtps", "ldaps", "ftps"], tunnel: true },
  // Redis takes a line with "Host:" for an attack and hangs up, so it is asked in its own words.
  { protocol: redis, services: ["redis"], onAlien: "closes" },
  { protocol: postgresql, services: ["postgresql"], onAlien: "closes" },
  // Asked inside of TLS only, where relays are common and hear nothing else out.
  { protocol: torOr, services: ["tor-orport", "etlservicemgr"], onAlien: "either" },
  { protocol: dns, services: ["domain"], onAlien: "waits" },
  { protocol: ldap, services: ["ldap", "ldaps"], onAlien: "closes" },
  { protocol: mqtt, services: ["mqtt", "secure-mqtt"], onAlien: "closes" },
  // They speak after any datagram, so that one nudge early on asks for all of them; over TCP they speak unasked.
  { protocol: daytime, services: ["daytime"] },
  { protocol: time, services: ["time"] },
  { protocol: chargen, services: ["chargen"] },
  { protocol: qotd, services: ["qotd"] },
  // UDP only, and so no competition for those below.
  { protocol: ntp, services: ["ntp"] },
  { protocol: snmp, services: ["snmp"] },
  // Asked of everybody who says nothing: its programs take whatever port is free.
  { protocol: sunrpc, services: ["rpcbind", "sunrpc", "nfs", "mountd"], onAlien: "either" },
  { protocol: tftp, services: ["tftp"] },
  { protocol: coap, services: ["coap"] },
  { protocol: ssdp, services: ["upnp"] },
  { protocol: dtls, services: ["dtls"] },
  { protocol: quic, services: ["quic"] },
  // Before smb, since Windows on 139 wants a session request first.
  { protocol: netbiosSsn, services: ["netbios-ssn"], onAlien: "closes" },
  // Samba takes an HTTP request for the start of a long message; and it comes on other ports more often than Windows does.
  { protocol: smb, services: ["microsoft-ds", "netbios-ssn"], onAlien: "waits" },
  { protocol: mongodb, services: ["mongodb"] },
  { protocol: rdp, services: ["ms-wbt-server"], onAlien: "closes" },
  { protocol: socks5, services: ["socks5", "socks"], onAlien: "closes" },
  { protocol: epmd, services: ["epmd"], onAlien: "waits" },
  // RabbitMQ waits for the end of a frame; other brokers refuse HTTP in words of their own.
  { protocol: stomp, services: ["stomp"], onAlien: "waits" },
  { protocol: x11, services: ["X11"], onAlien: "closes" },
  { protocol: zookeeper, services: ["zookeeper"], onAlien: "closes" },
  { protocol: memcachedBinary, services: ["memcached", "memcache"], onAlien: "closes" },
  // These answer the requests above in words of their own, so that their own are needed on registered ports only.
  { protocol: memcached, services: ["memcached", "memcache"] },
  { protocol: amqp, services: ["amqp", "amqps"] },
  { protocol: beanstalkd, services: ["beanstalkd", "beanstalk"] },
  { protocol: rtsp, services: ["rtsp"] },
  { protocol: sip, services: ["sip", "sip-tls"], onAlien: "closes" },
  { protocol: irc, services: ["irc", "ircs"], oneByOne: true },
  { protocol: editorServers, services: ["lsp", "dap"], onAlien: "either" },
  { protocol: stun, services: ["stun"], onAlien: "closes" },
  // Hung up upon by all the others; each of them answers nobody else.
  { protocol: proxyProtocol, services: [], onAlien: "closes" },
  { protocol: connectProxy, services: [], onAlien: "closes" },
  { protocol: javaRmi, services: ["java-rmi"], onAlien: "closes" },
  { protocol: jdwp, services: ["jdwp"], onAlien: "closes" },
  { protocol: xmpp, services: ["xmpp"], onAlien: "closes" },
  { protocol: websocket, services: ["websocket"], onAlien: "closes" },
  { protocol: ident, services: ["ident"], onAlien: "closes" },
  { protocol: gitDaemon, services: ["git"], onAlien: "closes" },
  { protocol: apcupsd, services: ["apcupsd"], onAlien: "closes" },
  { protocol: nrpe, services: ["nrpe"], onAlien: "closes" },
  { protocol: zabbix, services: ["zabbix", "zabbix-agent", "zabbix-trapper"], onAlien: "closes" },
  { protocol: milter, services: ["milter"], onAlien: "closes" },
  { protocol: iscsi, services: ["iscsi"], onAlien: "either" },
  { protocol: ajp13, services: ["ajp13"], onAlien: "closes" },
  { protocol: fastcgi, services: ["fastcgi", "cslistener"], onAlien: "closes" },
  { protocol: usbip, services: ["usbip"], onAlien: "closes" },
  { protocol: nineP, services: ["9pfs"], onAlien: "closes" },
  { protocol: openvpn, services: ["openvpn"], onAlien: "closes" },
  { protocol: sane, services: ["sane", "sane-port"], onAlien: "either" },
  { protocol: nut, services: ["nut"] },
  { protocol: relp, services: ["relp", "syslog-relp"] },
  // These refuse HTTP in words of their own, too.
  { protocol: drda, services: ["drda", "derby"], onAlien: "closes" },
  { protocol: icap, services: ["icap"], onAlien: "closes" },
  { protocol: gqtp, services: ["gqtp"] },
  ...lineServers,
  { protocol: objectRequests, services: ["giop", "corbaloc", "pyro", "drb"], onAlien: "closes" },
  { protocol: gemini, services: ["gemini"] },
  { protocol: openttd, services: ["openttd"], onAlien: "closes" },
  { protocol: freeciv, services: ["freeciv"], onAlien: "waits" },
  // Asked on their registered ports; several know themselves from an HTTP request, too.
  { protocol: http2, services: ["grpc"] },
  { protocol: nsq, services: ["nsq"] },
  { protocol: kafka, services: ["kafka"] },
  { protocol: cassandra, services: ["cassandra"] },
  { protocol: mssql, services: ["ms-sql-s"] },
  { protocol: oracleTns, services: ["oracle-tns"] },
  { protocol: clickhouse, services: ["clickhouse"] },
  { protocol: bolt, services: ["bolt"] },
  { protocol: firebird, services: ["firebird"] },
  { protocol: xrootd, services: ["xrootd", "rootd"], onAlien: "either" },
  { protocol: clamav, services: ["clam"] },
  { protocol: spamassassin, services: ["spamassassin", "spamd"] },
  { protocol: gearman, services: ["gearman"] },
  { protocol: torControl, services: ["tor-control"] },
  { protocol: bacula, services: ["bacula"], onAlien: "waits" },
  { protocol: opcua, services: ["opcua"], onAlien: "either" },
  { protocol: rtmp, services: ["rtmp", "macromedia-fcs"], onAlien: "either" },
  { protocol: lpd, services: ["printer"] },
  { protocol: finger, services: ["finger"] },
  { protocol: gopher, services: ["gopher"] },
  { protocol: echo, services: ["echo"], mirrors: true },
  { protocol: elasticsearchTransport, services: ["elasticsearch"] },
  { protocol: pptp, services: ["pptp"] },
  { protocol: modbus, services: ["modbus"], onAlien: "waits" },
  { protocol: iec104, services: ["iec-104"], onAlien: "either" },
  { protocol: enip, services: ["EtherNetIP-2"], onAlien: "either" },
  { protocol: dnsdistConsole, services: ["dnsdist-console"], onAlien: "waits" },
  { protocol: isoTsap, services: ["iso-tsap"] },
  { protocol: dicom, services: ["dicom", "acr-nema"] },
  { protocol: minecraft, services: ["minecraft"] },
  { protocol: mumble, services: ["mumble"] },
  { protocol: kerberos, services: ["kerberos-sec"], onAlien: "waits" },
  { protocol: netbiosNs, services: ["netbios-ns"] },
  { protocol: mdns, services: ["mdns"] },
  { protocol: ike, services: ["isakmp"] },
  { protocol: l2tp, services: ["l2tp"] },
  { protocol: bacnet, services: ["bacnet"] },
  { protocol: sourceQuery, services: ["source"] },
  { protocol: teamspeak, services: ["teamspeak"] },
  { protocol: ipmi, services: ["asf-rmcp"] },
  { protocol: xdmcp, services: ["xdmcp"] },
  { protocol: quake, services: ["quake3"] },
  { protocol: luanti, services: ["minetest"] },
  { protocol: doom, services: ["doom"] },
  { protocol: teeworlds, services: ["teeworlds"] },
  { protocol: raknet, services: ["minecraft-bedrock"] },
  { protocol: cube, services: ["sauerbraten"], mirrors: true },
  { protocol: armagetron, services: ["armagetron"] },
  { protocol: wsDiscovery, services: ["ws-discovery"] },
  { protocol: jamulus, services: ["jamulus"] },
  ...datagramLines,
  { protocol: bittorrentDht, services: ["bittorrent-dht"] },
  { protocol: bittorrentTracker, services: ["bittorrent-tracker"] },
  { protocol: rx, services: ["afs", "afs3-fileserver", "afs3-callback", "afs3-vlserver"] },
  { protocol: kpasswd, services: ["kpasswd5"] },
  { protocol: natpmp, services: ["nat-pmp", "pcp"] },
  { protocol: radius, services: ["radius"] },
  { protocol: gtp, services: ["gtp-control", "gtp-user"] },
  { protocol: knxnet, services: ["knxnet-ip", "knxnetip"] },
  // Servers that greet.
  {
    protocol: greeted,
    services: [
      "tarantool",
      "bzflag",
      "sphinx-search",
      "openwire",
      "ganglia",
      "quagga",
      "hylafax",
      "svdrp",
      "icecc",
      "unison",
      "rserve",
      "qmp",
      "babel",
      "monopd",
      "hedgewars",
      "pokerth",
      "openflow",
      "owserver",
      "bgp",
      "ice",
      "zmtp",
      "partimage",
      "uniconf",
      "gkrellm",
      "openvpn-management",
      "moosefs",
      "pmcd",
      "check_mk",
      "checkmk-agent",
    ],
  },
  { protocol: munin, services: ["munin"] },
  { protocol: managesieve, services: ["sieve"] },
  { protocol: svnserve, services: ["svnserve"] },
  { protocol: dict, services: ["dict"] },
  { protocol: mpd, services: ["mpd"] },
  { protocol: gpsd, services: ["gpsd"] },
  { protocol: ssh, services: ["ssh"], oneByOne: true },
  { protocol: ftp, services: ["ftp", "ftps"], oneByOne: true },
  { protocol: smtp, services: ["smtp", "smtps", "submission", "lmtp"], oneByOne: true },
  { protocol: imap, services: ["imap", "imaps"], oneByOne: true },
  { protocol: pop3, services: ["pop3", "pop3s"], oneByOne: true },
  { protocol: nntp, services: ["nntp", "nntps"], oneByOne: true },
  { protocol: telnet, services: ["telnet"] },
  { protocol: mysql, services: ["mysql"], oneByOne: true },
  { protocol: vnc, services: ["vnc"], oneByOne: true },
  { protocol: rsync, services: ["rsync"] },
  { protocol: varnishCli, services: ["varnish-cli"] },
  { protocol: nats, services: ["nats"] },
  { protocol: nbd, services: ["nbd"] },
];
