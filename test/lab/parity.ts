/**
 * Nmap and Doorplate with the same service-probes file over the same doors, field by field. A difference is explained by what was measured, never
 * by which service it is: whether both were kept from asking, whether the daemon still listens, and what Nmap says of the very door when
 * it is asked again, as before (`again`) and by the file alone (`alone`), and what Doorplate says of it when asked again.
 */
import { EXCLUDED_FLAG, type Result } from "../../lib/model/fingerprint.ts";
import { cpes, doorOf, type Said } from "./nmap-says.ts";

/** What Doorplate says, and its notes on how it came to it. */
export type OurSaid = Said & { flags: readonly string[] };

export function doorplateSays(result: Result): OurSaid {
  const { host, port, transport, method, service, tls, product, version, info, os, device, cpe, flags } =
    result;
  const hostname = result.reportedHostname;
  const said = { host, port, transport, method, service, tls, product, version, info, hostname, os, device };
  return { ...said, cpe: cpes(cpe), flags };
}

/** A field in which the two differ, or `state`: only one of them found the port open. */
export interface Difference {
  host: string;
  port: number;
  transport: "tcp" | "udp";
  field: "state" | (typeof FIELDS)[number];
  nmap: string;
  doorplate: string;
}

const FIELDS = [
  "method",
  "service",
  "tls",
  "product",
  "version",
  "info",
  "hostname",
  "os",
  "device",
  "cpe",
] as const;

/** What one says in a field, as it is printed. A name that only a table gives is no verdict, and the tables are two. */
const word = (said: Said | undefined, field: Difference["field"]): string => {
  if (field === "state" || !said) return said ? "open" : "not open";
  return field === "service" && said.method === "table" ? "none" : JSON.stringify(said[field]);
};

/** The fields in which the two differ. */
export function differences(nmap: readonly Said[], doorplate: readonly Said[]): Difference[] {
  const theirs = new Map(nmap.map((said) => [doorOf(said), said]));
  const ours = new Map(doorplate.map((said) => [doorOf(said), said]));
  return [...new Map([...theirs, ...ours])].flatMap(([door, { host, port, transport }]) => {
    const [one, other] = [theirs.get(door), ours.get(door)];
    const fields = one && other ? FIELDS : (["state"] as const);
    return fields
      .map((field) => ({
        host,
        port,
        transport,
        field,
        nmap: word(one, field),
        doorplate: word(other, field),
      }))
      .filter((found) => found.nmap !== found.doorplate);
  });
}

/** What is known of a door on which the two differ; a door that is not open is undefined. */
export interface Measured {
  nmap: Said | undefined;
  doorplate: OurSaid | undefined;
  /** Doorplate, asked again as before. */
  oursAgain: OurSaid | undefined;
  /** Nmap, asked again as before. */
  again: Said | undefined;
  /** Nmap by the file alone. */
  alone: Said | undefined;
  /** The version scripts that it started against the port. */
  scripts: readonly string[];
  /** By `ss`: it stopped listening while Nmap asked. */
  endedByNmap: boolean;
}

/** What is left of a value when the numbers in it go on: a time, a count. */
const withoutNumbers = (value: string) => value.replace(/\d+/g, "#");

/** Why the two differ; null: nothing that was measured says it. */
export function explain({ field, nmap, doorplate }: Difference, measured: Measured): string | null {
  const again = word(measured.again, field);
  const alone = word(measured.alone, field);
  const scripts = measured.scripts.join(", ");
  if (measured.endedByNmap) return "the daemon stopped listening while Nmap asked";
  const flagged = (flag: string) => measured.doorplate?.flags.includes(flag) ?? false;
  if (flagged(EXCLUDED_FLAG) && measured.nmap?.method === "table")
    return "neither asked: the file's `Exclude` names the port. Our note says so, Nmap's XML does not";
  if (flagged("dtls-unsupported") && measured.nmap?.service === "dtls")
    return "both see DTLS: this Nmap takes it for the service, the specification for a tunnel (section 8)";
  if (again === doorplate) return "Nmap, asked again, says the same";
  if (alone === doorplate && again === nmap) {
    if (field === "state")
      return "Nmap without its port scan's payloads and its version scripts says the same";
    if (scripts) return `Nmap without its version scripts says the same (here: ${scripts})`;
    if (measured.alone) return "Nmap, asked a third time and no script ever, says the same: it says both";
  }
  if (measured.oursAgain && [nmap, again, alone].includes(word(measured.oursAgain, field)))
    return "Doorplate, asked again, says what Nmap says: the daemon answers now so, now otherwise";
  const goesOn =
    again !== nmap && [again, doorplate].every((one) => withoutNumbers(one) === withoutNumbers(nmap));
  return goesOn ? `it goes on: Nmap, asked again, says ${again}` : null;
}
