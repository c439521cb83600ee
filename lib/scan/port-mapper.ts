/**
 * What the port mappers of a batch's hosts have in their books. A host's is asked once, for all its endpoints: when the first of them turns out
 * to speak ONC RPC, and only where the port mapper's own port is to be scanned in this batch anyway.
 */
import { portmapperDump } from "../detect/rpc-grinder.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Dialer } from "../net/types.ts";
import type { PortmapEntry } from "../protocols/portmapper.ts";
import type { Batch } from "./plan-index.ts";

/** Where a port mapper listens (RFC 1833, section 3). */
const PORTMAPPER_PORT = 111;

export interface PortMapperOptions {
  batch: Pick<Batch, "size" | "endpointAt">;
  mayTouch: (endpoint: Endpoint) => Promise<boolean>;
  dial: (endpoint: Endpoint) => Dialer;
  /** Longest wait for the list, ms. */
  timeoutMs: number;
  now: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** The list of a host's port mapper; empty when it tells none, or is not to be asked. */
export function portMappers(options: PortMapperOptions): (host: string) => Promise<readonly PortmapEntry[]> {
  const books = new Map<string, Promise<readonly PortmapEntry[]>>();
  return (host) => {
    const asked = books.get(host);
    if (asked) return asked;
    const asking = ask(options, host);
    books.set(host, asking);
    return asking;
  };
}

async function ask(options: PortMapperOptions, host: string): Promise<readonly PortmapEntry[]> {
  const { timeoutMs, now, random } = options;
  const door = doorOf(options.batch, host);
  if (!door || !(await options.mayTouch(door))) return [];
  const dialer = options.dial(door);
  const deadline = now() + timeoutMs;
  return (await portmapperDump({ dialer, transport: "tcp", timeoutMs, deadline, now, random })) ?? [];
}

/** The host's port mapper, if it is an endpoint of the batch. Looked for only on hosts that speak RPC, which are few. */
function doorOf({ size, endpointAt }: PortMapperOptions["batch"], host: string): Endpoint | null {
  for (let i = 0; i < size; i++) {
    const endpoint = endpointAt(i);
    if (endpoint.port === PORTMAPPER_PORT && endpoint.transport === "tcp" && endpoint.host === host)
      return endpoint;
  }
  return null;
}
