/**
 * A server on loopback that speaks for Elastic Load Balancing (both versions of its query protocol), CloudFront (REST XML) and API Gateway (REST JSON):
 * their lists page by page, in the shapes of the services' API references. It believes no request that is not signed for the right
 * service and region. What it lists may change between two questions; errors are given in their order, then answers again.
 */
import type { IncomingMessage } from "node:http";
import { refuseSignature } from "../../infra/local/guard.ts";
import { type AwsServer, signedFor, startAwsServer } from "./aws-server.ts";

export interface Balancer {
  name: string;
  dns: string;
  scheme?: string;
  listeners?: { port: number; protocol: string }[];
}
export interface Distribution {
  id: string;
  aliases?: string[];
  enabled?: boolean;
}
export interface FrontDoors extends AwsServer {
  balancers: Balancer[];
  classic: Balancer[];
  distributions: Distribution[];
  domains: object[];
  restApis: object[];
  httpApis: object[];
  /** Answered instead, first come, first served. */
  errors: { status: number; body: string }[];
  /** `<service> <region> <what>` of each request that was answered with a list. */
  answered: string[];
}

const CREDENTIALS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "example" };
const PAGE = 2;
export const arnOf = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/${name}/50dc6c495c0c9188`;
export const homeOf = (id: string) => `${id.toLowerCase()}.cloudfront.net`;

export async function startFrontDoors(): Promise<FrontDoors> {
  const server = await startAwsServer((request, body) => answer(doors, request, body));
  // The tests put other lists in the place of these.
  const doors: FrontDoors = Object.assign(server, {
    ...{ balancers: [], classic: [], distributions: [], domains: [], restApis: [], httpApis: [] },
    ...{ errors: [], answered: [] },
  });
  const { endpoint } = server;
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING: endpoint,
    AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: endpoint,
    AWS_ENDPOINT_URL_CLOUDFRONT: endpoint,
    AWS_ENDPOINT_URL_API_GATEWAY: endpoint,
    AWS_ENDPOINT_URL_APIGATEWAYV2: endpoint,
  });
  return doors;
}

function answer(doors: FrontDoors, request: IncomingMessage, body: string): { status: number; text: string } {
  const { method = "", url = "", headers } = request;
  const refused = refuseSignature({ method, url, headers }, CREDENTIALS, () => Buffer.from(body));
  if (refused) return { status: 403, text: xmlError("SignatureDoesNotMatch") };
  const error = doors.errors.shift();
  if (error) return { status: error.status, text: error.body };
  const { region, service } = signedFor(request);
  const { pathname, searchParams } = new URL(url, "http://x");
  const form = new URLSearchParams(body);
  const told = (what: string, text: string) => {
    doors.answered.push(`${service} ${region} ${what}`);
    return { status: 200, text };
  };
  // Services of the query protocol answer in JSON to who asks for it.
  if (service !== "apigateway" && headers.accept?.includes("json")) return { status: 200, text: "{}" };
  if (service === "elasticloadbalancing" && pathname === "/" && method === "POST") {
    const [action = "", version = ""] = [form.get("Action") ?? "", form.get("Version") ?? ""];
    const from = Number(form.get("Marker") ?? 0);
    const what = `${action} ${version} ${from}`;
    if (action === "DescribeListeners") {
      const arn = form.get("LoadBalancerArn");
      const found = doors.balancers.find(({ name }) => arnOf(name) === arn);
      if (!found) return { status: 400, text: xmlError("LoadBalancerNotFound") };
      return told(what, queryXml(action, "Listeners", found.listeners ?? [], from, listenerXml));
    }
    if (version === "2015-12-01")
      return told(what, queryXml(action, "LoadBalancers", doors.balancers, from, balancerXml));
    return told(what, queryXml(action, "LoadBalancerDescriptions", doors.classic, from, classicXml));
  }
  if (service === "cloudfront" && region === "us-east-1" && pathname === "/2020-05-31/distribution")
    return told(
      "distributions",
      distributionsXml(doors.distributions, Number(searchParams.get("Marker") ?? 0)),
    );
  if (service === "apigateway" && pathname === "/v2/apis") {
    const from = Number(searchParams.get("nextToken") ?? 0);
    const { items, next } = page(doors.httpApis, from);
    return told(pathname, JSON.stringify({ items, nextToken: next }));
  }
  if (service === "apigateway" && headers.accept === "application/json") {
    const all = { "/domainnames": doors.domains, "/restapis": doors.restApis }[pathname];
    const { items, next } = page(all ?? [], Number(searchParams.get("position") ?? 0));
    if (all)
      return told(
        pathname,
        JSON.stringify(next === null ? { item: items } : { item: items, position: next }),
      );
  }
  return { status: 400, text: xmlError("InvalidAction") };
}

function page<T>(all: readonly T[], from: number): { items: T[]; next: string | null } {
  return { items: all.slice(from, from + PAGE), next: from + PAGE < all.length ? String(from + PAGE) : null };
}

const xmlError = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>as ordered</Message></Error></ErrorResponse>`;

function queryXml<T>(
  action: string,
  list: string,
  all: readonly T[],
  from: number,
  xml: (one: T) => string,
): string {
  const { items, next } = page(all, from);
  const members = items.map((one) => `<member>${xml(one)}</member>`).join("\n");
  return `<?xml version="1.0"?>
<${action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/x/">
  <${action}Result>
    ${members ? `<${list}>${members}</${list}>` : `<${list}/>`}
    ${next ? `<NextMarker>${next}</NextMarker>` : ""}
  </${action}Result>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</${action}Response>`;
}

const balancerXml = ({ name, dns, scheme = "internet-facing" }: Balancer) =>
  `<LoadBalancerArn>${arnOf(name)}</LoadBalancerArn><Scheme>${scheme}</Scheme><LoadBalancerName>${name}</LoadBalancerName>
   <AvailabilityZones><member><ZoneName>eu-central-1a</ZoneName><LoadBalancerAddresses/></member></AvailabilityZones>
   <DNSName>${dns}</DNSName><SecurityGroups><member>sg-1</member></SecurityGroups><State><Code>active</Code></State>`;

const listenerXml = ({ port, protocol }: { port: number; protocol: string }) =>
  `<ListenerArn>arn:x</ListenerArn><Protocol>${protocol}</Protocol><Port>${port}</Port><DefaultActions/>`;

const classicXml = ({ name, dns, scheme = "internet-facing", listeners = [] }: Balancer) =>
  `<LoadBalancerName>${name}</LoadBalancerName><DNSName>${dns}</DNSName><Scheme>${scheme}</Scheme><SecurityGroups/>
   <ListenerDescriptions>${listeners
     .map(
       ({ port, protocol }) =>
         `<member><PolicyNames/><Listener><Protocol>${protocol}</Protocol><LoadBalancerPort>${port}</LoadBalancerPort><InstancePort>80</InstancePort></Listener></member>`,
     )
     .join("")}</ListenerDescriptions>`;

function distributionsXml(all: Distribution[], from: number): string {
  const { items, next } = page(all, from);
  const summaries = items.map(({ id, aliases = [], enabled = true }) => {
    const cnames = aliases.map((alias) => `<CNAME>${alias}</CNAME>`).join("");
    return `<DistributionSummary><Id>${id}</Id><ARN>arn:x</ARN><Status>Deployed</Status>
      <DomainName>${homeOf(id)}</DomainName>
      <Aliases><Quantity>${aliases.length}</Quantity>${cnames ? `<Items>${cnames}</Items>` : ""}</Aliases>
      <Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id></Origin></Items></Origins>
      <Comment>a &amp; b</Comment><Enabled>${enabled}</Enabled></DistributionSummary>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<DistributionList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Marker></Marker>${next ? `<NextMarker>${next}</NextMarker>` : ""}
  <MaxItems>100</MaxItems><IsTruncated>${next !== null}</IsTruncated><Quantity>${items.length}</Quantity>
  ${summaries.length > 0 ? `<Items>${summaries.join("")}</Items>` : ""}</DistributionList>`;
}
