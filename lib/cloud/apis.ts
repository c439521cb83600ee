/** API Gateway, REST JSON: custom domains, and the names that APIs have from the start. All answer HTTPS alone. */
import * as z from "zod";
import type { AccountName } from "./account-names.ts";
import { type Ask, awsDomain, pages, type Question, readJson } from "./ask.ts";

const API_PORTS = "T:443";
const gateway = (path: string, parameters: Question["parameters"]): Question => ({
  ...{ service: "apigateway", endpointId: path.startsWith("/v2/") ? "APIGATEWAYV2" : "API_GATEWAY" },
  ...{ method: "GET", json: true, path, parameters },
});
/** Of one page: the services' most. */
const REST_PAGE = "500";
const HTTP_PAGE = "100";

const endpointTypes = z.object({ types: z.array(z.string()).default([]) }).nullish();
const isPrivate = (configuration: z.infer<typeof endpointTypes>) =>
  configuration?.types.includes("PRIVATE") ?? false;
const list = <T>(item: z.ZodType<T>) =>
  z.object({ item: z.array(item).nullish(), position: z.string().nullish() });

const domainsSchema = list(
  z.object({
    domainName: z.string(),
    regionalDomainName: z.string().nullish(),
    distributionDomainName: z.string().nullish(),
    endpointConfiguration: endpointTypes,
  }),
);

export async function apiDomains(ask: Ask): Promise<AccountName[]> {
  const read = async (position: string | undefined) =>
    readJson(await ask(gateway("/domainnames", { limit: REST_PAGE, position })), domainsSchema);
  const all = (await pages(read, (page) => page.position)).flatMap((page) => page.item ?? []);
  return all.flatMap((found) => {
    const home = found.regionalDomainName ?? found.distributionDomainName;
    if (!home || isPrivate(found.endpointConfiguration)) return [];
    const { domainName: name } = found;
    return [{ name, resource: name, kind: "API's domain", home, ports: API_PORTS }];
  });
}

const restApisSchema = list(
  z.object({
    id: z.string(),
    endpointConfiguration: endpointTypes,
    disableExecuteApiEndpoint: z.boolean().nullish(),
  }),
);

export async function restApis(ask: Ask, region: string): Promise<AccountName[]> {
  const read = async (position: string | undefined) =>
    readJson(await ask(gateway("/restapis", { limit: REST_PAGE, position })), restApisSchema);
  const all = (await pages(read, (page) => page.position)).flatMap((page) => page.item ?? []);
  return all
    .filter((api) => !api.disableExecuteApiEndpoint && !isPrivate(api.endpointConfiguration))
    .map(({ id }) => apiName(`${id}.execute-api.${region}.${awsDomain(region)}`, id));
}

const apiName = (name: string, id: string): AccountName => ({
  ...{ name, resource: id, kind: "API", home: name, ports: API_PORTS },
});

const httpApisSchema = z.object({
  items: z
    .array(
      z.object({
        apiId: z.string(),
        apiEndpoint: z.string().nullish(),
        disableExecuteApiEndpoint: z.boolean().nullish(),
      }),
    )
    .nullish(),
  nextToken: z.string().nullish(),
});

export async function httpApis(ask: Ask): Promise<AccountName[]> {
  const read = async (nextToken: string | undefined) =>
    readJson(await ask(gateway("/v2/apis", { maxResults: HTTP_PAGE, nextToken })), httpApisSchema);
  const all = (await pages(read, (page) => page.nextToken)).flatMap((page) => page.items ?? []);
  return all.flatMap(({ apiId, apiEndpoint, disableExecuteApiEndpoint }) =>
    apiEndpoint && !disableExecuteApiEndpoint ? [apiName(new URL(apiEndpoint).hostname, apiId)] : [],
  );
}
