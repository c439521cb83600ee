import { entriesDigest } from "../entry-pack.ts";
import { builtinEntries } from "./index.ts";

/** What the entries claim and the digest over all of them. Their examples, which are for the tests, stay behind. */
export default () => {
  const entries = builtinEntries();
  return { entries: entries.map(({ test, tests, not, ...entry }) => entry), digest: entriesDigest(entries) };
};
