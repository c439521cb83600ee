/**
 * A distance between a client and the lab: each has a network of its own, and `relay.py` passes the packets between them, late, in another order, or not at
 * all. The lab's daemons stay on its loopback: what comes to LAB_ADDRESS is led there.
 */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ended, type Network } from "./network.ts";

/** As `relay.py` gives it. */
export const LAB_ADDRESS = "10.77.0.2";

export interface Conditions {
  /** One way, ms. */
  delayMs: number;
  /** Up to so much more, ms; packets then overtake each other. */
  jitterMs?: number;
  /** Share of packets that are lost, each way. */
  loss?: number;
}

export interface Distance {
  /** From now on. @returns what was passed and lost so far, in words */
  set(conditions: Conditions): Promise<string>;
  stop(): Promise<void>;
}

const RULES = [
  "sysctl -qw net.ipv4.conf.all.route_localnet=1",
  `iptables -t nat -A PREROUTING -d ${LAB_ADDRESS} -j DNAT --to-destination 127.0.0.1`,
  // Who answers from another port than it was asked on does so under its own address.
  "iptables -t nat -A POSTROUTING -o far -j MASQUERADE",
];

/** Both networks must be their own. @throws where the kernel gives no TUN device or no NAT */
export async function openDistance(client: Network, lab: Network): Promise<Distance> {
  const relay = spawn("python3", [join(import.meta.dirname, "relay.py"), pidOf(client), pidOf(lab)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(relay.stdout)[Symbol.asyncIterator]();
  const said = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the relay ended: see its message above");
    return value;
  };
  await said();
  const [command = "", ...inside] = lab.prefix;
  for (const rule of RULES) execFileSync(command, [...inside, ...rule.split(" ")], { stdio: "pipe" });
  return {
    set({ delayMs, jitterMs = 0, loss = 0 }) {
      relay.stdin.write(`${delayMs} ${jitterMs} ${loss} ${jitterMs > 0 ? 1 : 0} 0\n`);
      return said();
    },
    stop: () => ended(relay, () => relay.stdin.end()),
  };
}

/** The process that holds a network: `nsenter --net=/proc/PID/ns/net`. */
const pidOf = ({ prefix }: Network) => /\d+/.exec(prefix[1] ?? "")?.[0] ?? "";
