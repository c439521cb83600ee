import { productByName } from "../../registry/products.ts";
import { DEFAULT_WEIGHT, type Entry } from "../entries.ts";
import { entriesOfMarks, type MarksFile } from "../marks.ts";
import type { Pack } from "../types.ts";
import binary from "./binary.yaml";
import devices from "./devices.yaml";
import doors from "./doors.yaml";
import favicons from "./favicons.yaml";
import gear from "./gear.yaml";
import industry from "./industry.yaml";
import mail from "./mail.yaml";
import manners from "./manners.yaml";
import marks from "./marks.yaml";
import middleware from "./middleware.yaml";
import names from "./names.yaml";
import { packOf } from "./pack.ts";
import rare from "./rare.yaml";
import shells from "./shells.yaml";
import small from "./small.yaml";
import systems from "./systems.yaml";
import text from "./text.yaml";
import tokens from "./tokens.yaml";
import transfer from "./transfer.yaml";
import voice from "./voice.yaml";
import web from "./web.yaml";
import wireAgents from "./wire-agents.yaml";
import wireAuthorities from "./wire-authorities.yaml";
import wireCertificates from "./wire-certificates.yaml";
import wireDatabases from "./wire-databases.yaml";
import wireMail from "./wire-mail.yaml";
import wireShells from "./wire-shells.yaml";
import wireTelnet from "./wire-telnet.yaml";
import wireTransfer from "./wire-transfer.yaml";
import wireVoice from "./wire-voice.yaml";

/**
 * The built-in pack: signatures of our own over facts and responses, in YAML files, and grammar claims where they name nothing. The
 * entries keep their order: within one fact the first that names a product wins.
 */

export { productRegistry } from "./pack.ts";

/** The files as written, text protocols first. They are part of the build: their shape is checked by the tests, not at every cold start. */
export const builtinFiles: readonly unknown[] = [
  manners,
  wireAuthorities,
  wireDatabases,
  text,
  shells,
  transfer,
  mail,
  voice,
  web,
  binary,
  industry,
  names,
  gear,
  systems,
  middleware,
  devices,
  favicons,
  wireTransfer,
  wireMail,
  wireShells,
  wireTelnet,
  wireVoice,
  wireCertificates,
  wireAgents,
  doors,
  small,
  rare,
  tokens,
  entriesOfMarks(marks as MarksFile, (product) => productByName(product)?.key ?? null),
];

/** All built-in entries in order. */
export function builtinEntries(): Entry[] {
  return builtinFiles
    .flatMap((file) => (file ?? []) as (Omit<Entry, "weight"> & Partial<Entry>)[])
    .map((entry) => ({ ...entry, weight: entry.weight ?? DEFAULT_WEIGHT }));
}

/** The pack of the files as they are now; a build's is `builtPack`. */
export function builtinPack(entries: readonly Entry[] = builtinEntries(), byName = productByName): Pack {
  return packOf(entries, byName);
}
