/** One door of loopback asked as a prober asks it: a connection that the port's state has cost already, and the built-in path. */
import type { Detection } from "../../lib/detect/detection.ts";
import type { Knowledge } from "../../lib/detect/interpret.ts";
import { detectTcp } from "../../lib/detect/tcp.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer } from "../../lib/net/dialer.ts";

export const endpointOf = (port: number) => ({
  host: "127.0.0.1",
  hostname: null,
  port,
  transport: "tcp" as const,
});

/** `connections`: as many at once. `known`: the port that it is taken for. */
export async function detectAt(
  port: number,
  {
    knowledge,
    timeoutMs,
    connections,
    confidenceThreshold = 0.95,
    known = port,
  }: {
    knowledge: Knowledge;
    timeoutMs: number;
    connections: number;
    confidenceThreshold?: number;
    known?: number;
  },
): Promise<Detection> {
  const endpoint = endpointOf(known);
  const dialer = tcpDialer(endpointOf(port), connectionBudget({ total: connections, perHost: connections }));
  const opened = await dialer.open({ timeoutMs });
  if (opened.state !== "open") throw new Error(`port ${port} is ${opened.state}`);
  return detectTcp({
    endpoint,
    connection: opened.connection,
    dialer,
    knowledge,
    profile: { timeoutMs, maxProbesPerPort: 6, confidenceThreshold },
    now: () => performance.now(),
  });
}
