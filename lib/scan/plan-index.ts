/**
 * What is in batch n: arithmetic over the plan, nothing listed. A group's addresses are cut into blocks of neighbours inside one /24 (or into
 * single named addresses), its ports into slices. One block with all its slices is a chain: its batches are consecutive numbers and follow one
 * another, so that an address is in one batch at a time; of loopback, which needs no such care, each slice is a chain. Chains are dispatched in an
 * order permuted by the plan's key, so that consecutive ones fall on different networks.
 */
import type { Endpoint } from "../model/endpoint.ts";
import { builtinPorts } from "../registry/ports.ts";
import { type Address, type AddressRange, formatAddress, parseAddress } from "../targets/address.ts";
import { parseTarget } from "../targets/parse.ts";
import { permutation } from "../targets/permute.ts";
import { type PortIndex, parsePorts, portAt, portIndex } from "../targets/ports.ts";
import { addressAt, addressSpace, blocks, countBetween, networkOf } from "../targets/space.ts";
import type { Plan, PlanGroup } from "./plan.ts";
import { type Share, shareOf } from "./politeness.ts";

export interface Batch {
  number: number;
  /** How many endpoints. */
  size: number;
  endpointAt(index: number): Endpoint;
  hosts: number;
  /** The next slice of the same addresses, dispatched when this one is through. */
  next: number | null;
  loopback: boolean;
  /** Its part of the scan's limits; null: none are asked for (loopback). */
  share: Share | null;
}

export interface PlanIndex {
  chains: number;
  batches: number;
  /** Endpoints in all. */
  planned: number;
  addresses: number;
  /** The plan's batches by kind, as averages: for estimates. */
  shapes: { batches: number; endpoints: number; hosts: number; slices: number; share: Share | null }[];
  /** The first batch of the chain that is dispatched as number `position`. */
  chainAt(position: number): number;
  batchAt(number: number): Batch;
}

interface Part {
  firstBatch: number;
  firstChain: number;
  chains: number;
  /** Batches of a chain. */
  slices: number;
  /** Slices into which the ports are cut: all in one chain, or each in one of its own. */
  portSlices: number;
  perSlice: number;
  ports: { tcp: PortIndex; udp: PortIndex };
  portCount: number;
  loopback: boolean;
  addresses: number;
  endpoints: number;
  /** The hosts of a block: how many, and each. */
  hosts(block: number): { count: number; at(i: number): { address: string; name: string | null } };
  /** Any address of the block. */
  address(block: number): Address;
  /** How many chains touch a network. */
  chainsIn(network: AddressRange): number;
  /** How many chains touch one address of a network, at most. */
  chainsAtHost(network: AddressRange): number;
}

export function indexPlan(plan: Plan): PlanIndex {
  const parts: Part[] = [];
  let batches = 0;
  let chains = 0;
  for (const group of plan.groups) {
    for (const part of partsOf(group, plan)) {
      parts.push({ ...part, firstBatch: batches, firstChain: chains });
      batches += part.chains * part.slices;
      chains += part.chains;
    }
  }
  const partWith = (field: "firstBatch" | "firstChain", n: number): Part => {
    const part = parts.findLast((candidate) => candidate[field] <= n && candidate.chains > 0);
    if (!part || n < 0 || n >= (field === "firstBatch" ? batches : chains)) {
      throw new RangeError(
        `no ${field === "firstBatch" ? "batch" : "chain"} ${n} in the plan of scan ${plan.scanId}`,
      );
    }
    return part;
  };
  const order = permutation(chains, plan.key);
  /** Slices of one chain follow one another, so what may run at once is chains. */
  const shareFor = (part: Part, chain: number): Share => {
    const network = networkOf(part.address(blockOf(part, chain)));
    const near = parts.map((one) => ({ chains: one.chainsIn(network), atHost: one.chainsAtHost(network) }));
    const sum = (numbers: number[]) => numbers.reduce((all, n) => all + n, 0);
    const atMost = (n: number) => Math.max(1, Math.min(plan.probers, n));
    return shareOf(plan.limits, {
      running: atMost(chains),
      inNetwork: atMost(sum(near.map((one) => one.chains))),
      atHost: atMost(sum(near.map((one) => one.atHost))),
    });
  };

  return {
    chains,
    batches,
    planned: parts.reduce((sum, { endpoints }) => sum + endpoints, 0),
    addresses: parts.reduce((sum, { addresses }) => sum + addresses, 0),
    shapes: parts
      .filter(({ chains: many }) => many > 0)
      .map((part) => ({
        batches: part.chains * part.slices,
        endpoints: part.endpoints / (part.chains * part.slices),
        hosts: (part.addresses * part.portSlices) / (part.chains * part.slices),
        slices: part.slices,
        share: part.loopback ? null : shareFor(part, 0),
      })),
    chainAt(position) {
      const chain = order(position);
      const part = partWith("firstChain", chain);
      return part.firstBatch + (chain - part.firstChain) * part.slices;
    },
    batchAt(number) {
      const part = partWith("firstBatch", number);
      const inPart = number - part.firstBatch;
      const chain = Math.floor(inPart / part.slices);
      const hosts = part.hosts(blockOf(part, chain));
      const firstPort = (inPart % part.portSlices) * part.perSlice;
      const ports = Math.min(part.perSlice, part.portCount - firstPort);
      const { tcp, udp } = part.ports;
      return {
        number,
        size: hosts.count * ports,
        hosts: hosts.count,
        next: (inPart + 1) % part.slices === 0 ? null : number + 1,
        loopback: part.loopback,
        share: part.loopback ? null : shareFor(part, chain),
        endpointAt(index) {
          const { address, name } = hosts.at(Math.floor(index / ports));
          const at = firstPort + (index % ports);
          const [transport, port] =
            at < tcp.count
              ? (["tcp", portAt(tcp, at)] as const)
              : (["udp", portAt(udp, at - tcp.count)] as const);
          return { host: address, hostname: name, port, transport };
        },
      };
    },
  };
}

type PartShape = Omit<Part, "firstBatch" | "firstChain">;

/** The block of addresses that a chain is about. */
const blockOf = ({ slices, portSlices }: Part, chain: number) => Math.floor((chain * slices) / portSlices);

function partsOf(
  group: PlanGroup,
  {
    endpointsPerBatch,
    endpointsPerLoopbackBatch,
  }: Pick<Plan, "endpointsPerBatch" | "endpointsPerLoopbackBatch">,
): PartShape[] {
  const set = parsePorts(group.ports, builtinPorts);
  const ports = { tcp: portIndex(set.tcp), udp: portIndex(set.udp) };
  const portCount = ports.tcp.count + ports.udp.count;
  const limit = group.loopback ? endpointsPerLoopbackBatch : endpointsPerBatch;
  const portSlices = Math.ceil(portCount / limit);
  const slices = group.loopback ? 1 : portSlices;
  const shared = {
    ports,
    portCount,
    perSlice: group.loopback ? Math.ceil(portCount / portSlices) : Math.min(portCount, limit),
    slices,
    portSlices,
    loopback: group.loopback,
  };
  const parts: PartShape[] = [];
  if (portCount > 0 && group.ranges.length > 0) {
    const space = addressSpace(group.ranges.flatMap(rangesOf));
    const hostsPerBlock = Math.max(1, Math.floor(limit / portCount));
    const cut = blocks(space, hostsPerBlock);
    parts.push({
      ...shared,
      chains: (cut.blockCount * portSlices) / slices,
      addresses: space.count,
      endpoints: space.count * portCount,
      hosts(block) {
        const { first, count } = cut.blockAt(block);
        // Asked for port by port: the text of an address is made once.
        const texts = new Array<string | undefined>(count);
        const text = (i: number) => (texts[i] ??= formatAddress(addressAt(space, first + i)));
        return { count, at: (i) => ({ address: text(i), name: null }) };
      },
      address: (block) => addressAt(space, cut.blockAt(block).first),
      chainsIn: (network) => Math.ceil(countBetween(space, network) / hostsPerBlock),
      chainsAtHost: (network) => Math.min(1, countBetween(space, network)),
    });
  }
  if (portCount > 0 && group.named.length > 0) {
    const { named } = group;
    const addressOf = (block: number): Address => {
      const address = parseAddress(named[block]?.address ?? "");
      if (!address) throw new RangeError(`no address ${block} among the names of a plan`);
      return address;
    };
    const inNetwork = chainsByNetwork(named.length, addressOf);
    parts.push({
      ...shared,
      chains: (named.length * portSlices) / slices,
      addresses: named.length,
      endpoints: named.reduce((sum, { names }) => sum + names.length, 0) * portCount,
      hosts(block) {
        const { address = "", names = [] } = named[block] ?? {};
        return { count: names.length, at: (i) => ({ address, name: names[i] ?? null }) };
      },
      address: addressOf,
      chainsIn: inNetwork,
      chainsAtHost: (network) => Math.min(1, inNetwork(network)),
    });
  }
  return parts;
}

/** How many of so many addresses lie in a network; counted at the first question. */
function chainsByNetwork(many: number, addressOf: (i: number) => Address) {
  const keyOf = ({ family, first }: AddressRange) => `${family} ${first}`;
  let counts: Map<string, number> | null = null;
  return (network: AddressRange): number => {
    if (!counts) {
      counts = new Map();
      for (let i = 0; i < many; i++) {
        const key = keyOf(networkOf(addressOf(i)));
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    return counts.get(keyOf(network)) ?? 0;
  };
}

function rangesOf(text: string): AddressRange[] {
  const target = parseTarget(text);
  return target.kind === "addresses" ? target.ranges : [];
}
