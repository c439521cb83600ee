/** CloudFront, REST XML: one list for the account, at one place. A distribution answers HTTP, HTTPS, and HTTP/3 over UDP. */
import * as z from "zod";
import type { AccountName } from "./account-names.ts";
import { type Ask, pages, readXml, xmlList } from "./ask.ts";

const DISTRIBUTION_PORTS = "T:80,T:443,U:443";
const DISTRIBUTIONS_A_PAGE = "100";
const distributionsSchema = z.object({
  Items: xmlList(
    "DistributionSummary",
    z.object({
      Id: z.string(),
      DomainName: z.string(),
      Enabled: z.string(),
      Aliases: z.object({ Items: xmlList("CNAME", z.string()) }).optional(),
    }),
  ),
  IsTruncated: z.string(),
  NextMarker: z.string().optional(),
});

export async function distributions(ask: Ask): Promise<AccountName[]> {
  const read = async (Marker: string | undefined) =>
    readXml(
      await ask({
        service: "cloudfront",
        endpointId: "CLOUDFRONT",
        global: true,
        method: "GET",
        path: "/2020-05-31/distribution",
        parameters: { Marker, MaxItems: DISTRIBUTIONS_A_PAGE },
      }),
      distributionsSchema,
    );
  const all = await pages(read, (page) => (page.IsTruncated === "true" ? page.NextMarker : null));
  return all
    .flatMap((page) => page.Items)
    .filter(({ Enabled }) => Enabled === "true")
    .flatMap(({ Id, DomainName, Aliases }) =>
      [DomainName, ...(Aliases?.Items ?? [])].map((name) => ({
        ...{ name, resource: Id, kind: "CloudFront distribution" },
        ...{ home: DomainName, ports: DISTRIBUTION_PORTS },
      })),
    );
}
