import type { Daemon } from "../daemon.ts";
import { dovecot, exim, postfix } from "./servers/mail.ts";
import { daemon, TLS, tcp } from "./wide/entry.ts";
import { DOVECOT } from "./wide/products.ts";

export const mailDaemons: Daemon[] = [
  daemon("postfix", "postfix", [25], [tcp("smtp", "Postfix smtpd")], (place) => postfix(place)),
  daemon("exim", "exim4-daemon-light", [null], [tcp("smtp", "Exim smtpd", "package")], (place) =>
    exim(place, null),
  ),
  daemon(
    "dovecot",
    "dovecot-core",
    [143, null, null, 995],
    [
      tcp("imap", DOVECOT),
      tcp(["imap", "imaps"], DOVECOT, null, { at: 1, ...TLS }),
      tcp("pop3", DOVECOT, null, { at: 2 }),
      tcp(["pop3", "pop3s"], DOVECOT, null, { at: 3, ...TLS }),
    ],
    (place) => {
      const login = (protocol: string, plain?: number, tls?: number) =>
        `service ${protocol}-login {\n  inet_listener ${protocol} {\n    port = ${plain}\n  }\n  inet_listener ${protocol}s {\n    port = ${tls}\n    ssl = yes\n  }\n}\n`;
      const [imap, imaps, pop3, pop3s] = place.ports;
      return dovecot(
        place,
        `protocols = imap pop3\nssl = yes\nssl_cert = <${place.certificate}\nssl_key = <${place.privateKey}\n${login("imap", imap, imaps)}${login("pop3", pop3, pop3s)}`,
      );
    },
  ),
];
