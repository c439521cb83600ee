/**
 * A server on loopback that speaks EC2's query protocol: DescribeNetworkInterfaces, page by page, and DescribeAddresses, in the XML of the EC2 API
 * reference (version 2016-11-15). What it lists may change between two questions; errors are given in their order, then answers again.
 */
import { type AwsServer, signedFor, startAwsServer } from "./aws-server.ts";

export interface Interface {
  id: string;
  publicIp?: string;
  /** Who owns the public address: an account, `amazon`, `amazon-elb`, … */
  ipOwner?: string;
  /** Public addresses of further private ones. */
  secondary?: string[];
  ipv6?: string[];
  owner?: string;
  type?: string;
  description?: string;
  requester?: string;
}

export interface ElasticIp {
  publicIp: string;
  allocation: string;
  /** What it is attached to, and whose that is. */
  networkInterface?: string;
  networkInterfaceOwner?: string;
  managed?: string;
}

export interface Region {
  interfaces: Interface[];
  elasticIps: ElasticIp[];
  /** Codes answered instead, first come, first served. */
  errors: { status: number; code: string }[];
}

export interface Ec2 extends AwsServer {
  /** By region; one that is not there yet is made, empty. */
  region(name: string): Region;
  /** `<region> <action> <page>` of each request that was answered with a list. */
  answered: string[];
}

export const ACCOUNT = "111122223333";
const PAGE = 2;
const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

export async function startEc2(): Promise<Ec2> {
  const regions = new Map<string, Region>();
  const region = (name: string) => {
    const found = regions.get(name) ?? { interfaces: [], elasticIps: [], errors: [] };
    regions.set(name, found);
    return found;
  };
  const answered: string[] = [];
  const server = await startAwsServer((request, body) => {
    const form = new URLSearchParams(body);
    const { region: name } = signedFor(request);
    const reply = (status: number, xml: string) => ({ status, text: `<?xml version="1.0"?>\n${xml}` });
    const here = region(name);
    const error = here.errors.shift();
    if (error) return reply(error.status, errorXml(error.code));
    const action = form.get("Action") ?? "";
    const from = Number(form.get("NextToken") ?? 0);
    answered.push(`${name} ${action} ${from}`);
    if (action === "DescribeAddresses") return reply(200, addressesXml(here.elasticIps));
    if (action === "DescribeNetworkInterfaces") return reply(200, interfacesXml(here.interfaces, from));
    return reply(400, errorXml("InvalidAction"));
  });
  return Object.assign(server, { region, answered });
}

/** Points the SDK of this process to it, with credentials that open nothing. */
export const useEc2 = ({ endpoint }: Ec2) =>
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EC2: endpoint,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
  });

const errorXml = (code: string) =>
  `<Response><Errors><Error><Code>${code}</Code><Message>as ordered</Message></Error></Errors><RequestID>1</RequestID></Response>`;
const text = (name: string, value: string | undefined) => (value ? `<${name}>${value}</${name}>` : "");
const association = (publicIp: string | undefined, owner: string) =>
  publicIp
    ? `<association><publicIp>${publicIp}</publicIp><publicDnsName/><ipOwnerId>${owner}</ipOwnerId></association>`
    : "";

function interfacesXml(all: Interface[], from: number): string {
  const items = all.slice(from, from + PAGE).map((one) => {
    const ipOwner = one.ipOwner ?? "amazon";
    const first = association(one.publicIp, ipOwner);
    const further = (one.secondary ?? []).map(
      (ip) =>
        `<item><privateIpAddress>10.0.0.9</privateIpAddress><primary>false</primary>${association(ip, ipOwner)}</item>`,
    );
    return `<item>
      <networkInterfaceId>${one.id}</networkInterfaceId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
      <description>${one.description ?? ""}</description><ownerId>${one.owner ?? ACCOUNT}</ownerId>
      ${text("requesterId", one.requester)}<requesterManaged>${one.requester !== undefined}</requesterManaged>
      <status>in-use</status><privateIpAddress>10.0.0.8</privateIpAddress><sourceDestCheck>true</sourceDestCheck>
      <groupSet><item><groupId>sg-1</groupId><groupName>web</groupName></item></groupSet>
      ${first}
      <privateIpAddressesSet>
        <item><privateIpAddress>10.0.0.8</privateIpAddress><primary>true</primary>${first}</item>${further.join("")}
      </privateIpAddressesSet>
      <ipv6AddressesSet>${(one.ipv6 ?? []).map((ip) => `<item><ipv6Address>${ip}</ipv6Address><isPrimaryIpv6>false</isPrimaryIpv6></item>`).join("")}</ipv6AddressesSet>
      <interfaceType>${one.type ?? "interface"}</interfaceType>
    </item>`;
  });
  const next = from + PAGE < all.length ? `<nextToken>${from + PAGE}</nextToken>` : "";
  return `<DescribeNetworkInterfacesResponse xmlns="${NAMESPACE}"><requestId>1</requestId><networkInterfaceSet>${items.join("")}</networkInterfaceSet>${next}</DescribeNetworkInterfacesResponse>`;
}

function addressesXml(all: ElasticIp[]): string {
  const items = all.map(
    (one) => `<item>
      <publicIp>${one.publicIp}</publicIp><allocationId>${one.allocation}</allocationId><domain>vpc</domain>
      ${one.networkInterface ? `<associationId>eipassoc-1</associationId><networkInterfaceId>${one.networkInterface}</networkInterfaceId>` : ""}
      ${text("networkInterfaceOwnerId", one.networkInterfaceOwner)}${text("serviceManaged", one.managed)}
    </item>`,
  );
  return `<DescribeAddressesResponse xmlns="${NAMESPACE}"><requestId>1</requestId><addressesSet>${items.join("")}</addressesSet></DescribeAddressesResponse>`;
}
