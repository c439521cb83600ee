/**
 * What is in batch n: arithmetic over the plan, nothing listed. A group's addresses are cut into blocks of neighbours inside one /24 (or into
 * single named addresses), its ports into slices. One block with all its slices is a chain: its batches are consecutive numbers and follow one
 * another, so that an address is in one batch at a time. Chains are dispatched in an order permuted by the plan's key, so that
 * consecutive ones fall on different networks.
 */
import type { Endpoint } from "../model/endpoint.ts";
import { builtinPorts } from "../registry/ports.ts";
import { type AddressRange, formatAddress } from "../targets/address.ts";
import { parseTarget } from "../targets/parse.ts";
import { permutation } from "../targets/permute.ts";
import { type PortIndex, parsePorts, portAt, portIndex } from "../targets/ports.ts";
import { addressAt, addressSpace, blocks } from "../targets/space.ts";
import type { Plan, PlanGroup } from "./plan.ts";

/**
 * Endpoints in one batch. Filtered ports take the whole wait: 2,000 of one host at 64 connections and 3 s are 94 s,
 * well inside a prober's 300 s. Loopback answers at once: one batch a host.
 */
const ENDPOINTS_PER_BATCH = 2_000;
const LOOPBACK_ENDPOINTS_PER_BATCH = 200_000;

export interface Batch {
  number: number;
  /** How many endpoints. */
  size: number;
  endpointAt(index: number): Endpoint;
  /** The next slice of the same addresses, dispatched when this one is through. */
  next: number | null;
  loopback: boolean;
}

export interface PlanIndex {
  chains: number;
  batches: number;
  /** Endpoints in all. */
  planned: number;
  addresses: number;
  /** The first batch of the chain that is dispatched as number `position`. */
  chainAt(position: number): number;
  batchAt(number: number): Batch;
}

interface Part {
  firstBatch: number;
  firstChain: number;
  chains: number;
  slices: number;
  perSlice: number;
  ports: { tcp: PortIndex; udp: PortIndex };
  portCount: number;
  loopback: boolean;
  addresses: number;
  endpoints: number;
  /** The hosts of a chain: how many, and each. */
  hosts(chain: number): { count: number; at(i: number): { address: string; name: string | null } };
}

export function indexPlan(plan: Plan): PlanIndex {
  const parts: Part[] = [];
  let batches = 0;
  let chains = 0;
  for (const group of plan.groups) {
    for (const part of partsOf(group)) {
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

  return {
    chains,
    batches,
    planned: parts.reduce((sum, { endpoints }) => sum + endpoints, 0),
    addresses: parts.reduce((sum, { addresses }) => sum + addresses, 0),
    chainAt(position) {
      const chain = order(position);
      const part = partWith("firstChain", chain);
      return part.firstBatch + (chain - part.firstChain) * part.slices;
    },
    batchAt(number) {
      const part = partWith("firstBatch", number);
      const chain = Math.floor((number - part.firstBatch) / part.slices);
      const slice = (number - part.firstBatch) % part.slices;
      const hosts = part.hosts(chain);
      const firstPort = slice * part.perSlice;
      const ports = Math.min(part.perSlice, part.portCount - firstPort);
      const { tcp, udp } = part.ports;
      return {
        number,
        size: hosts.count * ports,
        next: slice + 1 < part.slices ? number + 1 : null,
        loopback: part.loopback,
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

function partsOf(group: PlanGroup): PartShape[] {
  const set = parsePorts(group.ports, builtinPorts);
  const ports = { tcp: portIndex(set.tcp), udp: portIndex(set.udp) };
  const portCount = ports.tcp.count + ports.udp.count;
  const limit = group.loopback ? LOOPBACK_ENDPOINTS_PER_BATCH : ENDPOINTS_PER_BATCH;
  const shared = {
    ports,
    portCount,
    perSlice: Math.min(portCount, limit),
    slices: Math.ceil(portCount / limit),
    loopback: group.loopback,
  };
  const parts: PartShape[] = [];
  if (portCount > 0 && group.ranges.length > 0) {
    const space = addressSpace(group.ranges.flatMap(rangesOf));
    const cut = blocks(space, Math.max(1, Math.floor(limit / portCount)));
    parts.push({
      ...shared,
      chains: cut.blockCount,
      addresses: space.count,
      endpoints: space.count * portCount,
      hosts(chain) {
        const { first, count } = cut.blockAt(chain);
        // Asked for port by port: the text of an address is made once.
        const texts = new Array<string | undefined>(count);
        const text = (i: number) => (texts[i] ??= formatAddress(addressAt(space, first + i)));
        return { count, at: (i) => ({ address: text(i), name: null }) };
      },
    });
  }
  if (portCount > 0 && group.named.length > 0) {
    const { named } = group;
    parts.push({
      ...shared,
      chains: named.length,
      addresses: named.length,
      endpoints: named.reduce((sum, { names }) => sum + names.length, 0) * portCount,
      hosts(chain) {
        const { address = "", names = [] } = named[chain] ?? {};
        return { count: names.length, at: (i) => ({ address, name: names[i] ?? null }) };
      },
    });
  }
  return parts;
}

function rangesOf(text: string): AddressRange[] {
  const target = parseTarget(text);
  return target.kind === "addresses" ? target.ranges : [];
}
