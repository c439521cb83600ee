import aliases from "./aliases.yaml";
import applications from "./applications.yaml";
import binary from "./binary.yaml";
import devices from "./devices.yaml";
import type { ProductEntry } from "./entry.ts";
import greetings from "./greetings.yaml";
import { type AliasesFile, type MakersFile, productsOfMakers, withFurtherNames } from "./makers.ts";
import makersApplications from "./makers-applications.yaml";
import makersDevices from "./makers-devices.yaml";
import makersIndustry from "./makers-industry.yaml";
import makersNetwork from "./makers-network.yaml";
import makersOperations from "./makers-operations.yaml";
import makersSectors from "./makers-sectors.yaml";
import makersSystems from "./makers-systems.yaml";
import makersTokens from "./makers-tokens.yaml";
import makersWeb from "./makers-web.yaml";
import middleware from "./middleware.yaml";
import rare from "./rare.yaml";
import small from "./small.yaml";
import text from "./text.yaml";
import web from "./web.yaml";
import wire from "./wire.yaml";

// The reviewed product identities, by area: text protocols (web, mail, shells), binary ones (databases, queues),
// middleware and developers' tools, devices and datagrams, what presents itself in a greeting (greetings.yaml by a signature, wire.yaml by
// its name alone), and what the web names itself; then in short form (makers.ts) what is known by its name alone. They are
// part of the build, so their shape is checked by the tests, not at every cold start.

export type { ProductEntry } from "./entry.ts";

/** Files that are written entry by entry. */
const written: Readonly<Record<string, Readonly<Record<string, ProductEntry>>>> = {
  "text.yaml": text as Record<string, ProductEntry>,
  "binary.yaml": binary as Record<string, ProductEntry>,
  "middleware.yaml": middleware as Record<string, ProductEntry>,
  "devices.yaml": devices as Record<string, ProductEntry>,
  "greetings.yaml": greetings as Record<string, ProductEntry>,
  "wire.yaml": wire as Record<string, ProductEntry>,
  "small.yaml": small as Record<string, ProductEntry>,
  "rare.yaml": rare as Record<string, ProductEntry>,
  "web.yaml": web as Record<string, ProductEntry>,
  "applications.yaml": applications as Record<string, ProductEntry>,
};

/** Those and the lists of makers. */
const listed: typeof written = {
  ...written,
  "makers-devices.yaml": productsOfMakers(makersDevices as MakersFile),
  "makers-applications.yaml": productsOfMakers(makersApplications as MakersFile),
  "makers-operations.yaml": productsOfMakers(makersOperations as MakersFile),
  "makers-sectors.yaml": productsOfMakers(makersSectors as MakersFile),
  "makers-network.yaml": productsOfMakers(makersNetwork as MakersFile),
  "makers-industry.yaml": productsOfMakers(makersIndustry as MakersFile),
  "makers-systems.yaml": productsOfMakers(makersSystems as MakersFile),
  "makers-tokens.yaml": productsOfMakers(makersTokens as MakersFile),
  "makers-web.yaml": productsOfMakers(makersWeb as MakersFile),
};

/** All files by name, each a map of key to product. */
export const productFiles: typeof written = {
  ...listed,
  "aliases.yaml": withFurtherNames(aliases as AliasesFile, Object.values(listed)),
};
