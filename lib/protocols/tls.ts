import { certificateFacts } from "./certificate.ts";
import { factList } from "./fact-list.ts";
import {
  clientHello,
  helloHash,
  OPEN_VERSIONS,
  parseAlert,
  parseServerHello,
  startsServerHello,
} from "./tls-hello.ts";
import { flightComplete, parseFirstFlight } from "./tls-request.ts";
import type { Ask, Protocol } from "./types.ts";

const REQUEST_PROBE = "tls.certificateRequest";

/** Whose certificates a server would take that wants one of ours: asked where it has shown nothing else. */
export const certificateRequest = (hostname: string | null): Ask => ({
  probe: REQUEST_PROBE,
  data: clientHello(hostname, OPEN_VERSIONS),
  complete: flightComplete,
});

/**
 * TLS (RFC 8446, RFC 5246) as a tunnel: recognised by a ServerHello, or by the alert that a TLS server sends when it is asked in plain
 * text. The core then opens the tunnel and names the service inside; the facts here describe the tunnel.
 */
export const tls: Protocol = {
  name: "tls",
  transports: ["tcp"],
  speaksFirst: "client",

  openers: (context) => [
    {
      probe: "tls.clientHello",
      data: clientHello(context.hostname),
      complete: (received) => parseServerHello(received) !== null || parseAlert(received) !== null,
    },
  ],

  recognise(response) {
    // Inside a tunnel these bytes are something else's payload; and who was asked twice has not said twice that it is TLS.
    if (response.tls || response.probe === REQUEST_PROBE) return null;
    const hello = parseServerHello(response.data);
    if (hello)
      return {
        service: "ssl",
        weight: 9,
        excerpt: `ServerHello 0x${hello.version.toString(16)}`,
        tunnel: true,
      };
    const alert = parseAlert(response.data);
    if (alert)
      return {
        service: "ssl",
        weight: 9,
        excerpt: `alert ${alert.level}/${alert.description}`,
        tunnel: true,
      };
    if (startsServerHello(response.data))
      return { service: "ssl", weight: 7, excerpt: "ServerHello, cut", tunnel: true };
    return null;
  },

  facts(responses, session) {
    const list = factList();
    for (const response of responses) {
      if (response.tls) continue;
      // Another hello of ours has another answer.
      const hello = response.probe === REQUEST_PROBE ? null : parseServerHello(response.data);
      if (hello) list.add("tls.hello", helloHash(hello), "tls.hello");
      const alert = response.probe === REQUEST_PROBE ? null : parseAlert(response.data);
      if (alert) list.add("tls.alert", `${alert.level}/${alert.description}`, "tls.hello");
    }
    if (session) {
      list.add("tls.version", session.protocol, "tls.hello");
      list.add("tls.cipher", session.cipher, "tls.hello");
      list.add("tls.alpn", session.alpn, "tls.hello");
    }
    const spoken = session !== null || responses.some((response) => tls.recognise(response));
    const request = spoken ? responses.find(({ probe }) => probe === REQUEST_PROBE) : undefined;
    const flight = request ? parseFirstFlight(request.data) : null;
    if (flight?.authorities) list.add("tls.clientCertificate", "requested", "tls.request");
    for (const name of flight?.authorities ?? []) list.add("tls.clientAuthority", name, "tls.request");
    const leaf = session?.certificates[0] ?? flight?.certificate;
    return leaf ? [...list.facts, ...certificateFacts(leaf)] : list.facts;
  },
};
