/**
 * Where the lab runs: a network of its own (a Linux network namespace with nothing but loopback), so that every
 * standard port is free, no other process can open a port while one is counted, and no packet leaves the machine.
 * Where the kernel or the container refuses that, it runs on the machine's own loopback.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

export interface Network {
  /** A network of its own? */
  isolated: boolean;
  /** Put before a command to run it there. */
  prefix: readonly string[];
  stop(): Promise<void>;
}

export interface Listener {
  transport: "tcp" | "udp";
  address: string;
  port: number;
}

export async function openNetwork(): Promise<Network> {
  const holder = spawn("unshare", ["--net", "sh", "-c", "ip link set lo up && echo up && exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const up = await Promise.race([
    once(holder.stdout, "data").then(() => true),
    once(holder, "exit").then(() => false),
    once(holder, "error").then(() => false),
  ]);
  if (!up) return { isolated: false, prefix: [], stop: async () => undefined };
  return {
    isolated: true,
    prefix: ["nsenter", `--net=/proc/${holder.pid}/ns/net`, "--"],
    // `cat` ends with its input, so it also ends when this process does.
    stop: () => ended(holder, () => holder.stdin.end()),
  };
}

/** Ends a process and waits until it is gone. */
export async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  end();
  await gone;
}

/** Every socket that listens (TCP) or is bound without a peer (UDP), by `ss`. */
export function listeners({ prefix }: Network): Listener[] {
  const [command = "", ...args] = [...prefix, "ss", "-ltunH"];
  return execFileSync(command, args, { encoding: "utf8" })
    .split("\n")
    .flatMap((line): Listener[] => {
      const [transport, , , , local = ""] = line.trim().split(/\s+/);
      if (transport !== "tcp" && transport !== "udp") return [];
      const colon = local.lastIndexOf(":");
      // Java binds IPv4 addresses in IPv6's clothes.
      const address = local
        .slice(0, colon)
        .replace(/^\[|\]$|%.*$/g, "")
        .replace(/^::ffff:/, "");
      return [{ transport, address, port: Number(local.slice(colon + 1)) }];
    });
}

/** The TCP ports that a connection to 127.0.0.1 finds open. `::` takes IPv4 too, as `*` shows. */
export function openTcpPorts(network: Network): number[] {
  const reached = new Set(["127.0.0.1", "0.0.0.0", "*"]);
  const ports = listeners(network)
    .filter(({ transport, address }) => transport === "tcp" && reached.has(address))
    .map(({ port }) => port);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Gives out each wanted port if it is free, and otherwise one that is. */
export function portGiver(network: Network): (wanted: number | null) => number {
  const taken = new Set(listeners(network).map(({ port }) => port));
  let next = 20_000;
  return (wanted) => {
    let port = wanted ?? next;
    // Below Linux' ephemeral ports (32,768 and up), so that no outgoing connection takes it meanwhile.
    while (taken.has(port)) port = next++;
    taken.add(port);
    return port;
  };
}
