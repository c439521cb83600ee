#!/usr/bin/env bash
# Installs the lab's daemons from Debian, as root. Running it again does nothing but a look at what is there.
# No daemon is started: policy-rc.d says "forbidden" (101) to every start while packages unpack, and is taken away after.
set -euo pipefail

readonly POLICY=/usr/sbin/policy-rc.d
readonly HERE=$(cd "$(dirname "$0")" && pwd)
# Where packages go that cannot be installed beside the others: Debian allows one mail and one FTP server.
readonly EXTRACTED=${DOORPLATE_LAB_EXTRACTED:-/opt/doorplate-lab}

# Daemons; the names are the ones that daemons/*.ts ask dpkg about.
PACKAGES=(
  openssh-server dropbear-bin
  nginx-light apache2-bin lighttpd haproxy tinyproxy squid python3
  vsftpd
  postfix dovecot-imapd dovecot-pop3d
  mariadb-server-core postgresql redis-server memcached
  bind9 dnsmasq-base unbound
  mosquitto beanstalkd nats-server slapd ngircd rsync
  snmpd chrony rpcbind
  stunnel4
)
# What the tests compare with or look with: nmap and its DTD, xmllint, pcre2test, ss, openssl.
PACKAGES+=(nmap libxml2-utils pcre2-utils iproute2 openssl)
# Unpacked with dpkg -x, not installed; what they link against is installed above or here.
UNPACKED=(exim4-daemon-light proftpd-core pure-ftpd)
PACKAGES+=(libgnutls-dane0 libidn12 libnsl2 libdb5.3 libpcre2-8-0 libpcre2-posix3 libhiredis0.14 libmemcached11 libmemcachedutil2 libsodium23 libcap2)

# The wide lab is asked for with DOORPLATE_LAB_FULL=1: five gigabytes, half an hour.
WIDE=(
  # The web, and what runs in it
  h2o caddy webfs mini-httpd php8.2-cli nodejs gunicorn uvicorn python3-werkzeug ruby-webrick puma thin unicorn uwsgi-core
  uwsgi-plugin-python3 python3-twisted busybox starman civetweb nghttp2-proxy tomcat10 jetty9 privoxy varnish hitch cockpit-ws
  radicale syncthing docker-registry transmission-daemon aria2 deluged deluge-web qbittorrent-nox rspamd monit mercurial cups-daemon
  kea-ctrl-agent
  # Monitoring
  prometheus prometheus-node-exporter prometheus-alertmanager prometheus-pushgateway prometheus-blackbox-exporter
  prometheus-redis-exporter munin-node zabbix-agent nagios-nrpe-server apcupsd influxdb
  # Data
  etcd-server zookeeper gearman-job-server pgbouncer redis-sentinel tarantool firebird3.0-server sphinxsearch rabbitmq-server
  # Names, tunnels, files over the network
  knot pdns-server pdns-backend-bind pdns-recursor nsd dnsdist krb5-kdc openvpn strongswan-charon kamailio coturn mumble-server samba
  nfs-ganesha nfs-ganesha-mem nfs-common nfs-kernel-server minidlna dante-server microsocks tor
  # Small services, backup, media, games
  xinetd oidentd git subversion bacula-fd bacula-sd nbd-server tgt dictd icecast2 mpd gpsd clamav-daemon spamd opendkim
  xvfb xrdp minetest-server openarena-server bzflag-server python3-pyftpdlib inetutils-telnetd tinysshd sane-utils
  # Mail and chat
  prosody ejabberd inspircd bitlbee mailutils-imap4d mailutils-pop3d dovecot-lmtpd dovecot-managesieved dovecot-submissiond
  python3-aiosmtpd
  # Servers inside of languages, and applications with pages
  python3-waitress python3-cheroot python3-cherrypy3 python3-tornado python3-aiohttp python3-bottle python3-hypercorn daphne python3-django
  python3-paste python3-gevent python3-eventlet python3-paramiko python3-asyncssh sshesame libmojolicious-perl libhttp-daemon-perl
  libplack-perl starlet feersum php8.2-fpm yaws micro-httpd socat weborf trafficserver c-icap fossil jupyter-notebook kiwix-tools
  shellinabox darkstat motion ustreamer apt-cacher-ng debuginfod podman jekyll mkdocs supervisor mitmproxy xandikos glances websockify
  systemd-journal-remote libgtk-3-bin ocserv hugo tang liquidsoap monero novnc tigervnc-standalone-server
  # More that watches, data, names, relays
  prometheus-apache-exporter prometheus-bind-exporter prometheus-mysqld-exporter prometheus-postgres-exporter prometheus-snmp-exporter
  prometheus-haproxy-exporter prometheus-process-exporter prometheus-squid-exporter prometheus-bird-exporter prometheus-varnish-exporter
  prometheus-smokeping-prober netdata-core ganglia-monitor xymon nsca icinga2-bin nutcracker derby-tools libh2-java rrdcached groonga-bin
  virtuoso-opensource-7-bin clickhouse-server rbldnsd gdnsd knot-resolver stubby rinetd redir pen ziproxy shadowsocks-libev v2ray trojan
  pptpd istgt opentracker
  # Mail, media, hardware, games, routing
  qpsmtpd opendmarc hylafax-server znc syncplay-server gophernicus efingerd lirc libhamlib-utils lcdproc owhttpd icecc i2pd
  crossfire-server pioneers-console pulseaudio snapserver vtun xl2tpd frr boinc-client guile-3.0 libcoap3-bin
  conserver-server distcc diod nbdkit activemq
  # Common servers in uncommon configurations
  pgpool2 endlessh sslh fcgiwrap tftpd-hpa python3-flask mariadb-client
  # Debuggers, instruments, desktops, telephony, games, and servers of datagrams
  brz cvs unison lldb python3-debugpy python3-pylsp gopls openjdk-17-jre-headless nailgun python3-pyro4 python3-distributed ruby cl-swank
  r-cran-rserve r-cran-httpuv libsoap-lite-perl libdancer2-perl twiggy libnet-server-perl esbuild erlang-inets erlang-ssh mopidy vlc-bin
  ecasound festival fluidsynth orthanc dcmtk indi-bin qemu-system-x86 qemu-utils hercules openocd python3-pymodbus x11vnc
  freerdp2-shadow-x11 ola owserver perdition chasquid postsrsd globus-gridftp-server-progs eggdrop bip ncat uhub hledger-web pygopherd
  molly-brown webdis webhook goaccess libhsqldb-java xapian-tools yaz prometheus-elasticsearch-exporter prometheus-ipmi-exporter
  prometheus-exporter-exporter prometheus-postfix-exporter mtail victoria-metrics syncthing-relaysrv syncthing-discosrv gmetad
  zabbix-java-gateway conman omniorb-nameserver openvswitch-testcontroller openvswitch-switch babeld kannel osmo-hlr monopd freeciv-server
  openttd pokerth-server snmptrapd stun-server gnutls-bin avahi-daemon rtpengine-daemon pyzor osmo-mgw openipmi krb5-admin-server
  chocolate-doom jamulus yadifa dns2tcp dnss libnet-dns-perl smartdns teeworlds-server osmo-ggsn python3-serial python3-serial-asyncio
  openttd-opengfx libkdc2-heimdal libhdb9-heimdal libkadm5srv8-heimdal vlc-plugin-base
  # States, side doors, libraries' own servers, consoles, and protocols that hardly anybody else speaks
  anacrolix-dms apt-cacher armagetronad-dedicated basex bird2 boxbackup-server calypso canid carbon-c-relay ceph-mon cl-hunchentoot clamsmtp
  cntlm corosync-qnetd cube2-server cyrus-imspd davmail-server didiwiki droopy ecflow-server eja etcd-discovery freeradius
  ftp-proxy garagemq gkrellmd glusterfs-server gobgpd goiardi graphite-carbon harvid inetsim infinoted iperf iperf3 jabberd2 knxd
  libanyevent-httpd-perl libcorona-perl libevent-dev libhttp-daemon-ssl-perl libhttp-proxy-perl libhttp-server-simple-perl libhttpcore-java
  libmicrohttpd-dev libnet-httpserver-perl libnet-server-mail-perl libnetty-java libpod-webserver-perl
  libpoe-component-server-simplehttp-perl libsoup-3.0-dev libulfius-dev libwebsockets-test-server llmnrd magic-wormhole-transit-relay
  mapproxy mighttpd2 mon mongrel2-core monitorix moosefs-cgiserv moosefs-master morty n2n nim ocsigenserver open-isns-server openbgpd
  partimage-server pebble perlbal picolisp poolcounter poppassd postfix-mta-sts-resolver postgrey procserv prometheus-frr-exporter
  prometheus-libvirt-exporter prometheus-mongodb-exporter prometheus-nginx-exporter prometheus-sql-exporter proxsmtp pushpin
  python3-aioftp python3-falcon python3-grpcio python3-httpbin python3-pyramid python3-quart python3-rpyc python3-websockets python3-zmq
  radsecproxy remctl-server ruby-async-http ruby-em-websocket ruby-sinatra serf servefile sks sndiod sniproxy sqlgrey stayrtr
  supysonic taskd timblserver tinydns tinymux uniconfd vdr webhttrack websocketd wsdd2 xrootd-server ycmd yubiserver zabbix-web-service
  zeroc-icegrid simpleproxy 6tunnel openjdk-17-jdk-headless gcc libc6-dev pkgconf
  # What everybody runs, closed, renamed, in another language, at other doors
  amavisd-new collectd-core libapache2-mod-svn p910nd rsyslog rsyslog-relp
  sip-tester tinc xpra zabbix-agent2
  # Consoles, clusters, media, and formats of their own
  brltty courier-authlib csync2 dlt-daemon groonga-httpd iodine janus libdico2 libvirt-daemon pagekite pcs prometheus-mailexporter
  tryton-server usbip wesnoth-1.16-server xdm
)
if [ "${DOORPLATE_LAB_FULL:-}" = 1 ]; then
  PACKAGES+=("${WIDE[@]}")
  UNPACKED+=(opensmtpd nut-server atftpd ntpsec libnginx-mod-http-headers-more-filter libapache2-mod-security2)
  UNPACKED+=(merecat msmtp-mta leafnode nullidentd inetutils-ftpd rclone libnginx-mod-stream proftpd-mod-crypto)
  UNPACKED+=(libnginx-mod-mail bidentd cfingerd zabbix-proxy-sqlite3)
  UNPACKED+=(ftpd-ssl rsh-server talkd heimdal-kdc openafs-fileserver hedgewars)
  UNPACKED+=(libnginx-mod-rtmp squid-openssl openntpd)
  UNPACKED+=(courier-imap courier-pop dicod)
  PACKAGES+=(liblua5.1-0 libyajl2 libcurl3-gnutls libevent-2.1-7 libnss3 libusb-1.0-0 libwrap0 libsecret-1-0)
  PACKAGES+=(libcourier-unicode4 libgsasl18 libltdl7)
fi

missing() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
  done
}
missing_unpacked() {
  local package
  for package in "${UNPACKED[@]}"; do
    [ -e "$EXTRACTED/$package/.version" ] || echo "$package"
  done
}

# Users that Exim and libvirt look up, whatever their configuration says.
USERS=(Debian-exim)
if [ "${DOORPLATE_LAB_FULL:-}" = 1 ]; then USERS+=(libvirt-qemu); fi
missing_users() {
  local user
  for user in "${USERS[@]}"; do
    id -u "$user" >/dev/null 2>&1 || echo "$user"
  done
}

mapfile -t wanted < <(missing "${PACKAGES[@]}")
mapfile -t unpack < <(missing_unpacked)
mapfile -t users < <(missing_users)
if [ $((${#wanted[@]} + ${#unpack[@]} + ${#users[@]})) -eq 0 ]; then
  echo "lab: all $((${#PACKAGES[@]} + ${#UNPACKED[@]})) packages are there"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "lab: run as root to install: ${wanted[*]} ${unpack[*]} ${users[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
readonly APT=(apt-get -qq -o Dpkg::Use-Pty=0 -o APT::Install-Recommends=false -o Acquire::Retries=3)
scratch=$(mktemp -d)
cleanup() {
  rm -rf "$scratch" "$POLICY"
  # One that was there before (container images have one) comes back.
  if [ -e "$POLICY.doorplate-lab" ]; then mv "$POLICY.doorplate-lab" "$POLICY"; fi
}
trap cleanup EXIT
if [ -e "$POLICY" ] && [ ! -e "$POLICY.doorplate-lab" ]; then mv "$POLICY" "$POLICY.doorplate-lab"; fi
printf '#!/bin/sh\nexit 101\n' >"$POLICY"
chmod 755 "$POLICY"

# Package lists older than a day may name files that the mirror no longer has.
if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -1 -print -quit 2>/dev/null)" ]; then
  "${APT[@]}" update
fi

if [ ${#wanted[@]} -gt 0 ]; then
  # No cluster, no directory: the lab makes its own. (A container's image may lack these directories.)
  mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/doorplate-lab.conf
  debconf-set-selections <<'ANSWERS'
slapd slapd/no_configuration boolean true
postfix postfix/main_mailer_type select No configuration
ANSWERS
  "${APT[@]}" -y install "${wanted[@]}" </dev/null >"$scratch/log" 2>&1 || {
    cat "$scratch/log" >&2
    exit 1
  }
fi

for user in "${users[@]}"; do
  useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
done
for package in "${unpack[@]}"; do
  mkdir -p "$EXTRACTED/$package"
  (cd "$scratch" && "${APT[@]}" download "$package" 2>/dev/null)
  archive=$(find "$scratch" -name "${package}_*.deb" -print -quit)
  dpkg-deb -x "$archive" "$EXTRACTED/$package"
  dpkg-deb -f "$archive" Version >"$EXTRACTED/$package/.version"
done
echo "lab: installed ${#wanted[@]} packages, unpacked ${#unpack[@]}"
