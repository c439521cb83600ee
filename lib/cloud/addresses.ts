/**
 * The public addresses of an account in one region, as EC2 tells them: those of its network interfaces (IPv4 associations, IPv6) and its Elastic
 * IPs, attached or not. EC2 lists more than what is the account's alone: nodes of load balancers, interfaces that AWS keeps for a service,
 * interfaces of others in a shared VPC. Each of these is told with the reason why owning the address is not owning what answers there;
 * a kind of interface that is not known here is one of them.
 */
import {
  type Address,
  DescribeAddressesCommand,
  EC2Client,
  type NetworkInterface,
  type NetworkInterfaceAssociation,
  paginateDescribeNetworkInterfaces,
} from "@aws-sdk/client-ec2";

export interface AccountAddress {
  /** As EC2 writes it. */
  address: string;
  /** `eni-…` or `eipalloc-…`. */
  resource: string;
  /** Whose door it is when it is not the account's alone, in words that follow "the address of"; null: the account's alone. */
  sharedWith: string | null;
}

/** Reads all of it, page by page. @throws what EC2 answers: an incomplete list is none */
export type AddressSource = () => Promise<AccountAddress[]>;

/** Interfaces in one answer: EC2's most. */
const PAGE = 1_000;
/** Tries of one request: EC2 throttles Describe calls of a whole account together. */
const ATTEMPTS = 6;
/** Longest wait for a connection, and for an answer, ms. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 20_000;

/** `account`: 12 digits; what belongs to another is not ours, whoever may see it. */
export function addressSource(region: string, account: string): AddressSource {
  const client = new EC2Client({
    region,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
  });
  return async () => {
    // Elastic IPs first: one that is attached meanwhile is then told by its interface, which knows more.
    const { Addresses = [] } = await client.send(new DescribeAddressesCommand({}));
    const interfaces: NetworkInterface[] = [];
    for await (const page of paginateDescribeNetworkInterfaces({ client, pageSize: PAGE }, {}))
      interfaces.push(...(page.NetworkInterfaces ?? []));
    const seen = new Map<string, AccountAddress>();
    for (const one of [
      ...interfaces.flatMap((each) => ofInterface(each, account)),
      ...Addresses.flatMap(ofElasticIp),
    ])
      if (!seen.has(one.address)) seen.set(one.address, one);
    return [...seen.values()];
  };
}

/** Kinds of interfaces behind whose address the account's own machine, or its own NAT gateway, answers and nobody else. */
const OWN_KINDS = new Set(["interface", "efa", "efa-only", "trunk", "branch", "natGateway", "nat_gateway"]);
/** A load balancer's: EC2 API reference, NetworkInterface.InterfaceType. Those of ALB and of the classic one are of type `interface`. */
const BALANCER_KINDS = new Set([
  "load_balancer",
  "network_load_balancer",
  "gateway_load_balancer",
  "gateway_load_balancer_endpoint",
]);
/** Requester and address owner of what Elastic Load Balancing makes; its description begins with `ELB ` (ELB user guide, "Load balancer nodes"). */
const BALANCER = "amazon-elb";

/** All public addresses of one interface; private ones are not asked for by anybody outside. */
function ofInterface(found: NetworkInterface, account: string): AccountAddress[] {
  const resource = found.NetworkInterfaceId ?? "";
  const associations = [found.Association, ...(found.PrivateIpAddresses ?? []).map((one) => one.Association)];
  const four = associations.flatMap((association) =>
    association?.PublicIp
      ? [{ address: association.PublicIp, resource, sharedWith: holder(found, account, association) }]
      : [],
  );
  const six = (found.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) =>
    Ipv6Address && isGlobal(Ipv6Address)
      ? [{ address: Ipv6Address, resource, sharedWith: holder(found, account) }]
      : [],
  );
  return [...four, ...six];
}

/** 2000::/3, global unicast (RFC 4291 section 2.4): a unique local address is this VPC's in this VPC only. */
const isGlobal = (address: string) => /^[23][0-9a-f]{3}:/i.test(address);

function holder(
  { OwnerId, InterfaceType, RequesterId, Description = "" }: NetworkInterface,
  account: string,
  association?: NetworkInterfaceAssociation,
): string | null {
  const owner = association?.IpOwnerId;
  const kind = InterfaceType ?? "interface";
  if (OwnerId !== account) return `an interface of account ${OwnerId}`;
  if (
    BALANCER_KINDS.has(kind) ||
    RequesterId === BALANCER ||
    owner === BALANCER ||
    Description.startsWith("ELB ")
  )
    return `a load balancer (${Description || kind})`;
  if (owner && /^\d+$/.test(owner) && owner !== account) return `account ${owner}`;
  return OWN_KINDS.has(kind) ? null : `an AWS service (${kind})`;
}

/** An Elastic IP that no interface of the account told: free, or leading to somebody else's. */
function ofElasticIp(found: Address): AccountAddress[] {
  const { PublicIp, AllocationId = "", AssociationId, NetworkInterfaceId, ServiceManaged } = found;
  if (!PublicIp) return [];
  const sharedWith = ServiceManaged
    ? `an AWS service (${ServiceManaged})`
    : AssociationId || NetworkInterfaceId
      ? `an interface that is not this account's (${NetworkInterfaceId ?? AssociationId})`
      : null;
  return [{ address: PublicIp, resource: AllocationId, sharedWith }];
}
