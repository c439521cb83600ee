/** Runs beside rpcbind, in the lab's network: what grinder, listing and detection say about port 111, as JSON. */
import { grind, portmapperDump } from "../../lib/detect/rpc-grinder.ts";
import { detectTcp } from "../../lib/detect/tcp.ts";
import { detectUdp } from "../../lib/detect/udp.ts";
import { connectionBudget } from "../../lib/net/budget.ts";
import { tcpDialer, udpDialer } from "../../lib/net/dialer.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinRpcPrograms } from "../../lib/registry/rpc.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";

const timeoutMs = 3000;
const endpoint = { host: "127.0.0.1", hostname: null, port: 111 };
const budget = connectionBudget({ total: 16, perHost: 16 });
const now = () => performance.now();
const knowledge = { protocols, packs: [builtinPack()] };
const profile = { timeoutMs, maxProbesPerPort: 6, confidenceThreshold: 0.95, intensity: 7 };

async function ask(transport: "tcp" | "udp") {
  const dialer = (transport === "tcp" ? tcpDialer : udpDialer)(endpoint, budget);
  const rpc = { dialer, transport, timeoutMs, now, random: Math.random };
  const detect = { endpoint: { ...endpoint, transport }, dialer, knowledge, profile, now };
  const ground = await grind({ ...rpc, programs: builtinRpcPrograms });
  const listed = await portmapperDump(rpc);
  const opened = await dialer.open({ timeoutMs });
  if (opened.state !== "open") throw new Error(opened.reason);
  const seen = transport === "udp" ? await detectUdp(detect) : null;
  const detection =
    seen?.state === "open" ? seen.detection : await detectTcp({ ...detect, connection: opened.connection });
  opened.connection.close();
  const { program, name, low, high } = ground ?? {};
  return { ground: { program, name, low, high }, listed, verdict: detection.verdict, facts: detection.facts };
}

process.stdout.write(JSON.stringify({ tcp: await ask("tcp"), udp: await ask("udp") }));
