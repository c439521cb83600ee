import type { Command, Daemon, Place } from "../../daemon.ts";
import { renamedMariadb } from "../servers/data.ts";
import { proftpd, renamedPureFtpd, smbd, vsftpd } from "../servers/files.ts";
import { node, python3 } from "../servers/languages.ts";
import { dovecot, exim, eximTls, login, mailboxes, postfixSays, postfixTls } from "../servers/mail.ts";
import { knot, named, nsd, pdns, recursor, renamedUnbound } from "../servers/names.ts";
import { inspircd, kamailioBoth, snmpd } from "../servers/network.ts";
import { behind, passing, stunnel } from "../servers/proxies.ts";
import { asyncssh, conch, paramiko } from "../servers/shells.ts";
import { both, daemon, hidden, tcp, udp } from "./entry.ts";
import {
  BIND,
  CONCH,
  DNS,
  DOVECOT,
  EXIM,
  KNOT,
  NET_SNMP,
  NSD,
  POSTFIX,
  POWERDNS,
  SAMBA,
  SMB,
  SMTP,
} from "./products.ts";

const renamed = (
  name: string,
  pack: string,
  service: Parameters<typeof tcp>[0],
  product: Parameters<typeof tcp>[1],
  spoof: readonly [string, ...string[]],
  start: (place: Place) => Command | readonly Command[],
) => daemon(name, pack, [null], [tcp(service, product, null, { spoof })], start);
/** Dovecot with one kind of mailbox, greeted so. */
const greeting = (place: Place, protocol: "imap" | "pop3", says: string) =>
  dovecot(place, `protocols = ${protocol}\n${login(protocol, place.ports[0])}login_greeting = ${says}\n`);

/** Servers of mail, files, shells, names and data that give another's name. */
export const renamedServers: Daemon[] = [
  daemon("smbd by another name", "samba", [null], [tcp(SMB, SAMBA)], (place) =>
    smbd(
      place,
      "server string = Windows 10 Pro 6.3\nworkgroup = WORKGROUP\nnetbios name = DESKTOP\nserver min protocol = SMB2_02\nmap to guest = never\nrestrict anonymous = 2",
    ),
  ),
  daemon(
    "mariadb as MySQL 8 through haproxy",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB", null, { spoof: ["MySQL"] })],
    (place) => [
      passing(place),
      renamedMariadb(behind(place), "8.0.35-0ubuntu0.22.04.1", "--character-set-server=utf8mb4"),
    ],
  ),
  renamed("mariadb as MySQL", "mariadb-server-core", "mysql", ["MariaDB"], ["MySQL"], (place) =>
    renamedMariadb(place, "8.0.36-foo"),
  ),
  renamed("mariadb as Percona", "mariadb-server-core", "mysql", "MariaDB", ["Percona"], (place) =>
    renamedMariadb(place, "8.0.36-28-Percona"),
  ),
  renamed("mariadb as Vitess", "mariadb-server-core", "mysql", "MariaDB", ["Vitess"], (place) =>
    renamedMariadb(place, "8.0.30-Vitess"),
  ),
  daemon(
    "mariadb as TiDB",
    "mariadb-server-core",
    [4000],
    [tcp("mysql", "MariaDB", null, { spoof: ["TiDB"] })],
    (place) => renamedMariadb(place, "8.0.11-TiDB-v7.5.0"),
  ),
  daemon(
    "mariadb as MySQL 5.7 in stunnel",
    "mariadb-server-core",
    [null, null],
    [tcp("mysql", "MariaDB", null, { tls: true, spoof: ["MySQL"] })],
    (place) => [renamedMariadb(behind(place), "5.7.44-log"), stunnel(place)],
  ),
  daemon("bind as Knot", "bind9", [null], [udp(DNS, BIND, null, { spoof: ["Knot"] })], (place) =>
    named(place, 'version "Knot DNS 3.2.6";'),
  ),
  daemon("bind as dnsmasq", "bind9", [null], [udp(DNS, BIND, null, { spoof: ["dnsmasq"] })], (place) =>
    named(place, 'version "dnsmasq-2.80";'),
  ),
  daemon("bind as unbound", "bind9", [null], [udp(DNS, BIND, null, { spoof: ["Unbound"] })], (place) =>
    named(place, 'version "unbound 1.17.1";'),
  ),
  daemon("bind as PowerDNS", "bind9", [null], [udp(DNS, BIND, null, { spoof: ["PowerDNS"] })], (place) =>
    named(place, 'version "PowerDNS Authoritative Server 4.7.3";'),
  ),
  daemon(
    "bind as PowerDNS recursor",
    "bind9",
    [null],
    [udp(DNS, BIND, null, { spoof: ["PowerDNS"] })],
    (place) => named(place, 'version "PowerDNS Recursor 4.8.4";'),
  ),
  daemon("bind as Microsoft", "bind9", [null], both(DNS, BIND, null, { spoof: ["Microsoft"] }), (place) =>
    named(place, 'version "Microsoft DNS 10.0.17763 (4563400D)";'),
  ),
  daemon("bind as Knot Resolver", "bind9", [null], [udp(DNS, BIND, null, { spoof: ["Knot"] })], (place) =>
    named(place, 'version "Knot Resolver 5.6.0";'),
  ),
  daemon(
    "bind as YADIFA",
    "bind9",
    [null],
    [udp(DNS, BIND, null, { spoof: ["YADIFA", "yadifa"] })],
    (place) => named(place, 'version "yadifa 2.6.4";'),
  ),
  daemon(
    "bind as djbdns",
    "bind9",
    [null],
    [udp(DNS, BIND, null, { spoof: ["djbdns", "tinydns"] })],
    (place) => named(place, 'version "tinydns 1.05";'),
  ),
  daemon(
    "bind as Infoblox",
    "bind9",
    [null],
    [udp(DNS, BIND, null, { spoof: ["Infoblox", "NIOS"] })],
    (place) => named(place, 'version "Infoblox NIOS 8.6.2";'),
  ),
  daemon(
    "bind as Nominum",
    "bind9",
    [null],
    [udp(DNS, BIND, null, { spoof: ["Nominum", "Vantio"] })],
    (place) => named(place, 'version "Nominum Vantio 5.4.1.0";'),
  ),
  daemon("unbound as NSD", "unbound", [null], [udp(DNS, "Unbound", null, { spoof: ["NSD"] })], (place) =>
    renamedUnbound(place, "NSD 4.6.1"),
  ),
  daemon("unbound as BIND", "unbound", [null], [udp(DNS, ["Unbound"], null, { spoof: ["BIND"] })], (place) =>
    renamedUnbound(place, "9.18.24-1-Debian"),
  ),
  daemon(
    "unbound as dnsmasq",
    "unbound",
    [null],
    both(DNS, ["Unbound"], null, { spoof: ["dnsmasq"] }),
    (place) => renamedUnbound(place, "dnsmasq-2.89"),
  ),
  daemon(
    "unbound as Microsoft",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["Microsoft"] })],
    (place) => renamedUnbound(place, "Microsoft DNS 10.0.17763"),
  ),
  daemon(
    "unbound as CoreDNS",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["CoreDNS"] })],
    (place) => renamedUnbound(place, "CoreDNS-1.11.1"),
  ),
  daemon(
    "unbound as Akamai",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["AnswerX", "Akamai"] })],
    (place) => renamedUnbound(place, "Akamai AnswerX 9.2.1"),
  ),
  daemon("unbound as pdnsd", "unbound", [null], [udp(DNS, "Unbound", null, { spoof: ["pdnsd"] })], (place) =>
    renamedUnbound(place, "pdnsd-1.2.9a-par"),
  ),
  daemon(
    "unbound as MaraDNS",
    "unbound",
    [null],
    [udp(DNS, "Unbound", null, { spoof: ["MaraDNS"] })],
    (place) => renamedUnbound(place, "MaraDNS Deadwood 3.5.0022"),
  ),
  daemon("nsd as unbound", "nsd", [null], [udp(DNS, "NSD", null, { spoof: ["Unbound"] })], (place) =>
    nsd(place, 'version: "unbound 1.17.1"'),
  ),
  daemon("nsd as BIND", "nsd", [null], both(DNS, NSD, null, { spoof: ["BIND"] }), (place) =>
    nsd(place, 'version: "9.11.4-P2-RedHat-9.11.4-26.P2.el7"'),
  ),
  daemon("knot as BIND", "knot", [null], [udp(DNS, KNOT, null, { spoof: ["BIND"] })], (place) =>
    knot(place, "9.18.24-1-Debian"),
  ),
  daemon("knot as dnsmasq", "knot", [null], both(DNS, KNOT, null, { spoof: ["dnsmasq"] }), (place) =>
    knot(place, "dnsmasq-2.89"),
  ),
  daemon(
    "snmpd as Cisco",
    "snmpd",
    [null],
    [udp("snmp", ["net-snmp", "Net-SNMP", "Net-SNMP snmpd"])],
    (place) =>
      snmpd(
        place,
        "rocommunity public\nsysDescr Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(55)SE5, RELEASE SOFTWARE (fc1)\nsysObjectID 1.3.6.1.4.1.9.1.716",
      ),
  ),
  daemon("snmpd as ProCurve", "snmpd", [1161], [hidden(udp("snmp", null), NET_SNMP)], (place) =>
    snmpd(place, "rocommunity public\nsysDescr ProCurve J9085A Switch 2610-24, revision R.11.122"),
  ),
  renamed("vsftpd as pyftpdlib", "vsftpd", "ftp", "vsftpd", ["pyftpdlib"], (place) =>
    vsftpd(place, "pyftpdlib 1.5.7 ready."),
  ),
  renamed("vsftpd as ProFTPD", "vsftpd", "ftp", "vsftpd", ["ProFTPD"], (place) =>
    vsftpd(place, "ProFTPD 1.3.5 Server (lab) [127.0.0.1]"),
  ),
  renamed("vsftpd as FileZilla", "vsftpd", "ftp", "vsftpd", ["FileZilla"], (place) =>
    vsftpd(place, "FileZilla Server 1.7.0"),
  ),
  renamed("vsftpd as Pure-FTPd", "vsftpd", "ftp", "vsftpd", ["Pure-FTPd"], (place) =>
    vsftpd(place, "---------- Welcome to Pure-FTPd [privsep] [TLS] ----------"),
  ),
  renamed("vsftpd as IIS", "vsftpd", "ftp", "vsftpd", ["Microsoft"], (place) =>
    vsftpd(place, "Microsoft FTP Service"),
  ),
  renamed("vsftpd as Gene6", "vsftpd", "ftp", "vsftpd", ["Gene6"], (place) =>
    vsftpd(place, "Gene6 FTP Server v3.10.0 (Build 2) ready..."),
  ),
  renamed("vsftpd as NcFTPd", "vsftpd", "ftp", "vsftpd", ["NcFTPd"], (place) =>
    vsftpd(place, "ftp.lab.test NcFTPd Server (licensed copy) ready."),
  ),
  renamed("proftpd as wu-ftpd", "proftpd-core", "ftp", "ProFTPD", ["WU-FTPD", "wu-ftpd"], (place) =>
    proftpd(place, 'on "lab FTP server (Version wu-2.6.2(1) Mon Jan 1 10:00:00 GMT 2024) ready."'),
  ),
  renamed("proftpd as IIS", "proftpd-core", "ftp", "ProFTPD", ["Microsoft"], (place) =>
    proftpd(place, 'on "Microsoft FTP Service"'),
  ),
  renamed("proftpd as vsftpd", "proftpd-core", "ftp", "ProFTPD", ["vsftpd"], (place) =>
    proftpd(place, 'on "(vsFTPd 3.0.3)"'),
  ),
  renamed("proftpd as Serv-U", "proftpd-core", "ftp", "ProFTPD", ["Serv-U"], (place) =>
    proftpd(place, 'on "Serv-U FTP Server v15.3 ready..."'),
  ),
  renamed("proftpd as FileZilla", "proftpd-core", "ftp", "ProFTPD", ["FileZilla"], (place) =>
    proftpd(place, 'on "FileZilla Server 1.5.1"'),
  ),
  renamed("proftpd as Pure-FTPd", "proftpd-core", "ftp", "ProFTPD", ["Pure-FTPd"], (place) =>
    proftpd(place, 'on "---------- Welcome to Pure-FTPd [privsep] [TLS] ----------"'),
  ),
  renamed("proftpd as CrushFTP", "proftpd-core", "ftp", "ProFTPD", ["CrushFTP"], (place) =>
    proftpd(place, 'on "CrushFTP Server Ready!"'),
  ),
  renamed("proftpd as Titan", "proftpd-core", "ftp", "ProFTPD", ["Titan"], (place) =>
    proftpd(place, 'on "Titan FTP Server 2019.15.3647 Ready."'),
  ),
  renamed("proftpd as glFTPd", "proftpd-core", "ftp", "ProFTPD", ["glFTPd"], (place) =>
    proftpd(place, 'on "glFTPd 2.11a Linux+TLS ready."'),
  ),
  renamed("pure-ftpd as vsftpd", "pure-ftpd", "ftp", "Pure-FTPd", ["vsftpd"], (place) =>
    renamedPureFtpd(place, "(vsFTPd 3.0.3)"),
  ),
  renamed("pure-ftpd as ProFTPD", "pure-ftpd", "ftp", ["Pure-FTPd"], ["ProFTPD"], (place) =>
    renamedPureFtpd(place, "ProFTPD 1.3.5e Server (Debian) [::ffff:10.0.0.1]"),
  ),
  renamed("paramiko as dropbear", "python3-paramiko", "ssh", "paramiko", ["Dropbear"], (place) =>
    paramiko(place, "SSH-2.0-dropbear_2022.83"),
  ),
  renamed("paramiko as Cisco", "python3-paramiko", "ssh", "paramiko", ["Cisco"], (place) =>
    paramiko(place, "SSH-2.0-Cisco-1.25"),
  ),
  renamed("paramiko as OpenSSH", "python3-paramiko", "ssh", "paramiko", ["OpenSSH"], (place) =>
    paramiko(place, "SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.6"),
  ),
  renamed("paramiko as Sun", "python3-paramiko", "ssh", "paramiko", ["Sun"], (place) =>
    paramiko(place, "SSH-2.0-Sun_SSH_1.1.9"),
  ),
  renamed(
    "paramiko as WeOnlyDo",
    "python3-paramiko",
    "ssh",
    "paramiko",
    ["WeOnlyDo", "freeSSHd", "wodSSH"],
    (place) => paramiko(place, "SSH-2.0-WeOnlyDo 2.1.3"),
  ),
  renamed("postfix as sendmail", "postfix", "smtp", POSTFIX, ["Sendmail smtpd", "Sendmail"], (place) =>
    postfixSays(place, "mail.lab.test ESMTP Sendmail 8.15.2/8.15.2; ready"),
  ),
  renamed("postfix as exim", "postfix", "smtp", POSTFIX, ["Exim"], (place) =>
    postfixSays(place, "mail.lab.test ESMTP Exim 4.96 Mon, 01 Jan 2024 10:00:00 +0000"),
  ),
  renamed("postfix as Exchange", "postfix", "smtp", POSTFIX, ["Microsoft", "Exchange"], (place) =>
    postfixSays(place, "mail.lab.test Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2024 10:00:00 +0000"),
  ),
  renamed("postfix as OpenSMTPD", "postfix", "smtp", POSTFIX, ["OpenSMTPD"], (place) =>
    postfixSays(place, "mail.lab.test ESMTP OpenSMTPD"),
  ),
  renamed("postfix as CommuniGate", "postfix", SMTP, POSTFIX, ["CommuniGate"], (place) =>
    postfixSays(place, "mail.lab.test ESMTP CommuniGate Pro 6.3.39"),
  ),
  renamed("postfix as MailEnable", "postfix", SMTP, POSTFIX, ["MailEnable"], (place) =>
    postfixSays(place, "mail.lab.test ESMTP MailEnable Service, Version: 10.34-- ready"),
  ),
  renamed("postfix as Kerio", "postfix", SMTP, POSTFIX, ["Kerio"], (place) =>
    postfixSays(place, "mail.lab.test Kerio Connect 9.4.2 ESMTP ready"),
  ),
  daemon(
    "postfix as Domino in stunnel",
    "postfix",
    [null, null],
    [tcp(SMTP, POSTFIX, null, { tls: true, spoof: ["Domino"] })],
    (place) => [
      stunnel(place),
      postfixSays(behind(place), "mail.lab.test ESMTP Service (IBM Domino Release 9.0.1FP10) ready"),
    ],
  ),
  daemon(
    "postfix in tls as exim",
    "postfix",
    [null],
    [tcp(SMTP, POSTFIX, null, { tls: true, spoof: ["Exim"] })],
    (place) =>
      postfixSays(
        place,
        "mail.lab.test ESMTP Exim 4.96",
        `disable_vrfy_command = yes\nsmtpd_tls_wrappermode = yes\nsmtpd_tls_security_level = encrypt\n${postfixTls(place)}`,
      ),
  ),
  renamed("exim as postfix", "exim4-daemon-light", "smtp", EXIM, ["Postfix"], (place) =>
    exim(place, "mail.lab.test ESMTP Postfix (Debian/GNU)"),
  ),
  renamed("exim as Exchange", "exim4-daemon-light", "smtp", EXIM, ["Microsoft", "Exchange"], (place) =>
    exim(place, "mail.lab.test Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2024 10:00:00 +0000"),
  ),
  renamed("exim as OpenSMTPD", "exim4-daemon-light", SMTP, EXIM, ["OpenSMTPD"], (place) =>
    exim(place, "mail.lab.test ESMTP OpenSMTPD"),
  ),
  renamed("exim as Sendmail", "exim4-daemon-light", "smtp", EXIM, ["Sendmail"], (place) =>
    exim(place, "mail.lab.test ESMTP Sendmail 8.17.1/8.17.1; Mon, 1 Jan 2024 10:00:00 GMT"),
  ),
  renamed("exim as Haraka", "exim4-daemon-light", SMTP, EXIM, ["Haraka"], (place) =>
    exim(place, "mail.lab.test ESMTP Haraka/2.8.28 ready"),
  ),
  renamed("exim as Mercury", "exim4-daemon-light", SMTP, EXIM, ["Mercury"], (place) =>
    exim(place, "mail.lab.test Mercury/32 v4.80 ESMTP server ready."),
  ),
  renamed("exim as MDaemon", "exim4-daemon-light", SMTP, EXIM, ["MDaemon"], (place) =>
    exim(place, "mail.lab.test ESMTP MDaemon 21.5.0; $tod_full"),
  ),
  daemon(
    "exim in tls as postfix",
    "exim4-daemon-light",
    [null],
    [tcp(SMTP, EXIM, null, { tls: true, spoof: ["Postfix"] })],
    (place) =>
      exim(
        place,
        "mail.lab.test ESMTP Postfix",
        `${eximTls(place)}tls_on_connect_ports = ${place.ports[0]}\n`,
      ),
  ),
  daemon(
    "dovecot as courier",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", ["Dovecot", "Dovecot imapd"], null, { spoof: ["Courier"] }),
      tcp("pop3", ["Dovecot", "Dovecot pop3d"], null, { at: 1 }),
    ],
    (place) =>
      mailboxes(
        place,
        "Courier-IMAP ready. Copyright 1998-2018 Double Precision, Inc. See COPYING for distribution information.",
      ),
  ),
  daemon(
    "dovecot as cyrus",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", ["Dovecot", "Dovecot imapd"], null, { spoof: ["Cyrus"] }),
      tcp("pop3", ["Dovecot", "Dovecot pop3d"], null, { at: 1, spoof: ["Cyrus"] }),
    ],
    (place) => mailboxes(place, "mail.lab.test Cyrus IMAP 3.6.1 server ready"),
  ),
  daemon(
    "dovecot as UW",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", DOVECOT, null, { spoof: ["UW", "University of Washington"] }),
      tcp("pop3", DOVECOT, null, { at: 1 }),
    ],
    (place) => mailboxes(place, "localhost IMAP4rev1 2007e.404 at Mon, 1 Jan 2024 10:00:00 +0000 (UTC)"),
  ),
  daemon(
    "dovecot as Exchange",
    "dovecot-core",
    [null, null],
    [
      tcp("imap", DOVECOT, null, { spoof: ["Microsoft", "Exchange"] }),
      tcp("pop3", DOVECOT, null, { at: 1, spoof: ["Microsoft", "Exchange"] }),
    ],
    (place) => mailboxes(place, "The Microsoft Exchange IMAP4 service is ready."),
  ),
  renamed("dovecot as MailEnable", "dovecot-core", "imap", DOVECOT, ["MailEnable"], (place) =>
    greeting(place, "imap", "IMAP4rev1 MailEnable server ready at 11/22/26"),
  ),
  renamed("dovecot as MDaemon", "dovecot-core", "pop3", DOVECOT, ["MDaemon"], (place) =>
    greeting(place, "pop3", "mail.lab.test POP MDaemon 21.5.0 ready"),
  ),
  renamed("dovecot as Qpopper", "dovecot-core", "pop3", DOVECOT, ["Qpopper", "Qualcomm"], (place) =>
    greeting(place, "pop3", "Qpopper (version 4.1.0) at mail.lab.test starting."),
  ),
  daemon(
    "dovecot as Zimbra in stunnel",
    "dovecot-core",
    [null, null],
    [tcp("imap", DOVECOT, null, { tls: true, spoof: ["Zimbra"] })],
    (place) => [
      stunnel(place),
      greeting(behind(place), "imap", "mail.lab.test Zimbra IMAP4rev1 server ready"),
    ],
  ),
  renamed("twisted as OpenSSH", "python3-twisted", "ssh", CONCH, ["OpenSSH"], (place) =>
    conch(place, "SSH-2.0-OpenSSH_6.0p1 Debian-4+deb7u2"),
  ),
  renamed("conch as RouterOS", "python3-twisted", "ssh", CONCH, ["MikroTik", "RouterOS"], (place) =>
    conch(place, "SSH-2.0-ROSSSH"),
  ),
  renamed("conch as dropbear", "python3-twisted", "ssh", CONCH, ["Dropbear"], (place) =>
    conch(place, "SSH-2.0-dropbear_2020.81"),
  ),
  renamed("conch as libssh", "python3-twisted", "ssh", CONCH, ["libssh"], (place) =>
    conch(place, "SSH-2.0-libssh_0.9.6"),
  ),
  renamed(
    "twisted as IIS ftp",
    "python3-twisted",
    "ftp",
    ["Twisted ftpd", "Twisted"],
    ["Microsoft"],
    (place) =>
      python3(`from twisted.cred import checkers, portal
from twisted.internet import reactor
from twisted.protocols import ftp
factory = ftp.FTPFactory(portal.Portal(ftp.FTPRealm("/var/empty"), [checkers.AllowAnonymousAccess()]))
factory.welcomeMessage = "Microsoft FTP Service"
reactor.listenTCP(${place.ports[0]}, factory, interface="127.0.0.1")
reactor.run()`),
  ),
  renamed("asyncssh as Cisco", "python3-asyncssh", "ssh", ["AsyncSSH", "asyncssh"], ["Cisco"], (place) =>
    asyncssh(place, "Cisco-1.25"),
  ),
  renamed("asyncssh as OpenSSH", "python3-asyncssh", "ssh", ["AsyncSSH", "asyncssh"], ["OpenSSH"], (place) =>
    asyncssh(place, "OpenSSH_9.2p1"),
  ),
  renamed(
    "asyncssh as RouterOS",
    "python3-asyncssh",
    "ssh",
    ["AsyncSSH", "asyncssh"],
    ["MikroTik", "RouterOS"],
    (place) => asyncssh(place, "ROSSSH"),
  ),
  renamed("pyftpdlib as ProFTPD", "python3-pyftpdlib", "ftp", "pyftpdlib", ["ProFTPD"], (place) =>
    python3(`from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
FTPHandler.banner = "ProFTPD Server (Debian) [::ffff:127.0.0.1]"; FTPHandler.authorizer = DummyAuthorizer()
FTPServer(("127.0.0.1", ${place.ports[0]}), FTPHandler).serve_forever()`),
  ),
  renamed("pyftpdlib as vsftpd", "python3-pyftpdlib", "ftp", ["pyftpdlib"], ["vsftpd"], (place) =>
    python3(`from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
FTPHandler.banner = "(vsFTPd 3.0.3)"
FTPServer(("127.0.0.1", ${place.ports[0]}), FTPHandler).serve_forever()`),
  ),
  renamed(
    "aiosmtpd as Exchange",
    "python3-aiosmtpd",
    "smtp",
    ["aiosmtpd"],
    ["Microsoft", "Exchange"],
    (place) =>
      python3(`import time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
Controller(Sink(), hostname="127.0.0.1", port=${place.ports[0]}, ident="Microsoft ESMTP MAIL Service ready").start()
time.sleep(1e6)`),
  ),
  renamed("aiosmtpd as postfix", "python3-aiosmtpd", "smtp", ["aiosmtpd"], ["Postfix"], (place) =>
    python3(`import asyncio
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Sink(), hostname="mail.lab.test", ident="ESMTP Postfix (Ubuntu)"), "127.0.0.1", ${place.ports[0]})
    await server.serve_forever()
asyncio.run(main())`),
  ),
  daemon("pdns as BIND", "pdns-server", [null], both(DNS, POWERDNS, null, { spoof: ["BIND"] }), (place) =>
    pdns(place, "--version-string=9.16.23-RH"),
  ),
  daemon(
    "recursor as unbound",
    "pdns-recursor",
    [null],
    both(DNS, ["PowerDNS Recursor"], null, { spoof: ["Unbound"] }),
    (place) => recursor(place, "--version-string='unbound 1.17.1'"),
  ),
  daemon(
    "ssh2 as OpenSSH",
    "nodejs",
    [null],
    [
      tcp("ssh", ["ssh2", "mscdex ssh2", "ssh2js", "ssh2 (Node.js)"], null, {
        productHidden: true,
        spoof: ["OpenSSH"],
      }),
    ],
    ({ ports }) =>
      node(
        `const { Server, utils } = require("ssh2"); new Server({ hostKeys: [utils.generateKeyPairSync("ed25519").private], ident: "OpenSSH_9.2p1 Debian-2+deb12u2" }, () => {}).listen(${ports[0]}, "127.0.0.1")`,
      ),
  ),
  daemon(
    "kamailio as Asterisk",
    "kamailio",
    [null],
    both("sip", "Kamailio", null, { spoof: ["Asterisk"] }),
    (place) => kamailioBoth(place, '403, "Forbidden"', 'server_header="Server: Asterisk PBX 18.10.0"\n'),
  ),
  daemon("inspircd by another name", "inspircd", [null], [hidden(tcp("irc", null), "InspIRCd")], (place) =>
    inspircd(
      place,
      "irc.example.org",
      ' password="secret"',
      '<security customversion="UnrealIRCd-6.0.4" hideserver="irc.example.org">',
    ),
  ),
];
