/**
 * What the `matches` keys of Recog files mean here: the facts whose values their patterns read, and the service that they speak of. Keys without
 * facts (things that no port says, or a method that is not ours to use) are named by `signatures check`.
 */

export interface RecogSource {
  facts: readonly string[];
  service: string | null;
}

const of = (service: string | null, ...facts: string[]): RecogSource => ({ facts, service });

export const RECOG_SOURCES: Readonly<Record<string, RecogSource>> = {
  "http_header.server": of("http", "http.server"),
  "http_header.cookie": of("http", "http.cookie"),
  "http_header.wwwauth": of("http", "http.wwwAuthenticate", "http.www_authenticate"),
  "http_header.x-powered-by": of("http", "http.poweredBy", "http.x_powered_by"),
  html_title: of("http", "http.title"),
  "favicon.md5": of("http", "http.favicon.md5"),
  apache_modules: of("http", "http.server.module"),
  apache_os: of("http", "http.server.comment"),
  "ssh.banner": of("ssh", "ssh.banner"),
  "ftp.banner": of("ftp", "ftp.banner"),
  "smtp.banner": of("smtp", "smtp.banner"),
  smtp_ehlo: of("smtp", "smtp.ehlo"),
  smtp_help: of("smtp", "smtp.help"),
  smtp_quit: of("smtp", "smtp.quit"),
  smtp_debug: of("smtp", "smtp.debug"),
  smtp_expn: of("smtp", "smtp.expn"),
  smtp_vrfy: of("smtp", "smtp.vrfy"),
  "pop3.banner": of("pop3", "pop3.banner"),
  "imap4.banner": of("imap", "imap.banner"),
  "nntp.banner": of("nntp", "nntp.banner"),
  telnet_banners: of("telnet", "telnet.banner"),
  "telnet.banner": of("telnet", "telnet.banner"),
  "snmp.sys_description": of("snmp", "snmp.sysDescr"),
  "snmp.sys_object_id": of("snmp", "snmp.sysObjectID"),
  "mysql.banners": of("mysql", "mysql.banner"),
  "mysql.banner": of("mysql", "mysql.banner"),
  "mysql.error": of("mysql", "mysql.error"),
  "sip_header.server": of("sip", "sip.server"),
  "sip_header.user_agent": of("sip", "sip.userAgent", "sip.user_agent"),
  "rtsp_header.server": of("rtsp", "rtsp.server"),
  "ntp.readvar": of("ntp", "ntp.readvar"),
  "dns.versionbind": of("domain", "dns.version.bind", "dns.version_bind"),
  "ldap.search_result": of("ldap", "ldap.rootDse"),
  "mdns.device-info.txt": of("mdns", "mdns.deviceInfo", "mdns.txt"),
  "mdns.workstation.txt": of("mdns", "mdns.workstation"),
  "smb.native_os": of("microsoft-ds", "smb.nativeOs"),
  "smb.native_lm": of("microsoft-ds", "smb.nativeLanManager"),
  "x11.vendor": of("X11", "x11.vendor"),
  // A certificate tells whose device it is, whatever service shows it.
  "x509.subject": of(null, "tls.subject"),
  "x509.issuer": of(null, "tls.issuer"),
  dhcp_vendor_class: of(null, "dhcp.vendorClass"),
  hp_pjl_id: of("hp-pjl", "pjl.id"),
  rsh_resp: of("shell", "rsh.response"),
};
