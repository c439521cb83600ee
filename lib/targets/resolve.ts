import { lookup as systemLookup } from "node:dns/promises";
import { InputError } from "../model/errors.ts";
import { type Address, compareAddresses, parseAddress } from "./address.ts";

// A name is resolved once, to all its addresses, and what was checked against the scope is what is connected to.

/** All addresses of a name in one family; rejects as node:dns does. */
export type Lookup = (name: string, family: 4 | 6) => Promise<string[]>;

/** Resolver codes that mean "no such record": the other family may still have one. */
const NONE = new Set(["ENOTFOUND", "ENODATA", "EAI_NODATA", "EAI_ADDRFAMILY"]);

const osLookup: Lookup = async (name, family) =>
  (await systemLookup(name, { all: true, family, order: "verbatim" })).map(({ address }) => address);

/** Asks for each name and family once: within one decision all answers are of one moment. */
export function remembering(lookup: Lookup = osLookup): Lookup {
  const answers = new Map<string, Promise<string[]>>();
  return (name, family) => {
    const key = `${family} ${name}`;
    const answer = answers.get(key) ?? lookup(name, family);
    answers.set(key, answer);
    return answer;
  };
}

/**
 * All IPv4 addresses of a name (with `ipv6` all IPv6 ones); if there are none, those of the other family.
 * Sorted, each once. The default lookup is the system's, so that `localhost` and /etc/hosts count.
 * @throws InputError when the name has no address or the resolver fails
 */
export async function resolveName(
  name: string,
  { ipv6 = false, lookup = osLookup }: { ipv6?: boolean; lookup?: Lookup } = {},
): Promise<Address[]> {
  const families: (4 | 6)[] = ipv6 ? [6, 4] : [4, 6];
  for (const family of families) {
    const addresses = await familyAddresses(name, family, lookup);
    if (addresses.length > 0) return addresses;
  }
  throw new InputError(`cannot resolve "${name}": it has no address; check the spelling`, name);
}

/**
 * Does a name still lead to an address? False when the name is gone.
 * @throws InputError when the resolver fails: that says nothing
 */
export async function resolvesTo(
  name: string,
  address: Address,
  lookup: Lookup = osLookup,
): Promise<boolean> {
  const now = await familyAddresses(name, address.family, lookup);
  return now.some((one) => compareAddresses(one, address) === 0);
}

async function familyAddresses(name: string, family: 4 | 6, lookup: Lookup): Promise<Address[]> {
  let texts: string[];
  try {
    texts = await lookup(name, family);
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException | null)?.code ?? "");
    if (NONE.has(code)) return [];
    const why =
      code === "EAI_AGAIN" ? "the resolver does not answer (EAI_AGAIN)" : code || "the resolver failed";
    throw new InputError(`cannot resolve "${name}": ${why}`, name);
  }
  const byText = new Map<string, Address>();
  for (const text of texts) {
    // Link-local answers carry a zone; they are never scanned.
    if (text.includes("%")) continue;
    const address = parseAddress(text);
    if (address) byText.set(text, address);
  }
  return [...byText.values()].sort(compareAddresses);
}
