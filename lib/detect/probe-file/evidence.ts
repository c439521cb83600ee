import type { Claim, Evidence } from "../../model/evidence.ts";
import { printable } from "../../model/observation.ts";
import { cpe23FromUri } from "../../signatures/cpe-uri.ts";
import type { PortContext, PortState } from "./state.ts";

/** Weights of what a file says, nats: one line that names the product is an exact token; a softmatch is a shape. */
const PRODUCT_WEIGHT = 7;
const SERVICE_WEIGHT = 6;
const SOFT_WEIGHT = 4;

/** What the machine concluded, as evidence; empty when nothing matched. The claim has the file's own labels. */
export function evidenceOf({ pack }: PortContext, state: PortState): Evidence[] {
  if (state.final === "tcpwrapped")
    return [
      {
        source: "NULL",
        family: "closing",
        claim: { service: "tcpwrapped" },
        weight: SERVICE_WEIGHT,
        excerpt: "connections are closed without a byte",
        signature: `${pack.name}:tcpwrapped`,
      },
    ];
  const hit = state.hits.at(-1);
  if (!hit || state.service === null) return [];
  const claim = claimOf(state.service, state);
  const weight = hit.soft ? SOFT_WEIGHT : claim.product ? PRODUCT_WEIGHT : SERVICE_WEIGHT;
  return [
    {
      source: hit.probe.name,
      family: familyOf(hit.probe.name, hit.text),
      claim,
      weight,
      excerpt: printable(hit.text),
      signature: `${pack.name}:${hit.line}`,
    },
  ];
}

/** TLS was seen, and what is inside was not asked (a re-reading of stored responses). */
export function tunnelEvidence({ pack }: PortContext, state: PortState): Evidence[] {
  const hit = state.hits.findLast(({ service }) => service === "ssl" || service === "dtls");
  if (!hit) return [];
  return [
    {
      source: hit.probe.name,
      family: familyOf(hit.probe.name, hit.text),
      claim: { service: hit.service },
      weight: SERVICE_WEIGHT,
      excerpt: printable(hit.text),
      signature: `${pack.name}:${hit.line}`,
    },
  ];
}

/**
 * The bytes that a match rests on, named as the protocol modules name theirs (`lib/protocols/http.ts`), so that two packs that read one
 * `Server` field are no two witnesses. A match that runs into the body rests on the page.
 */
function familyOf(probe: string, text: string): string {
  const [, protocol, status] = /^(HTTP|RTSP|SIP)\/\d\.\d (\d)/.exec(text) ?? [];
  if (protocol === undefined) return probe === "NULL" ? "banner" : `reply:${probe}`;
  const inBody = protocol === "HTTP" && /\r?\n\r?\n[^\r\n]/.test(text);
  const page = status === "4" || status === "5" ? "http.errorPage" : "http.body";
  return inBody ? page : `${protocol.toLowerCase()}.headers`;
}

function claimOf(service: string, { fields }: PortState): Claim {
  const { product, version, info, hostname, os, device, cpe } = fields;
  return {
    service,
    ...(product === null ? {} : { product }),
    ...(version === null ? {} : { version }),
    ...(info === null ? {} : { info }),
    ...(hostname === null ? {} : { hostname }),
    ...(os === null ? {} : { os }),
    ...(device === null ? {} : { device }),
    // Empty, too: the file names none, and none is to be made up.
    cpe: cpe.map(cpe23FromUri),
  };
}
