/** Who tells an account's names (`account-names.ts`): by what is listed, and where. */
import type { NameSource } from "./account-names.ts";
import { apiDomains, httpApis, restApis } from "./apis.ts";
import type { Ask } from "./ask.ts";
import { distributions } from "./distributions.ts";
import { classicLoadBalancers, loadBalancers } from "./load-balancers.ts";

/** The sources of some regions, by what they list and where. */
export function nameSources(
  regions: readonly string[],
  askerOf: (region: string) => Ask,
): Map<string, NameSource> {
  const sources = new Map<string, NameSource>();
  for (const region of regions) {
    const ask = askerOf(region);
    sources.set(`load balancers in ${region}`, async () => [
      ...(await loadBalancers(ask)),
      ...(await classicLoadBalancers(ask)),
    ]);
    sources.set(`APIs in ${region}`, async () => [
      ...(await apiDomains(ask)),
      ...(await restApis(ask, region)),
      ...(await httpApis(ask)),
    ]);
  }
  // One list for the account, in the one partition that has CloudFront at this place.
  const [first] = regions.filter((region) => !/^(cn|us-gov|us-iso|eu-iso|eusc)/.test(region));
  if (first) sources.set("CloudFront distributions", () => distributions(askerOf(first)));
  return sources;
}
