/**
 * `node test/detect/probe-file/bench.ts [FILE] [kind…]`: one scripted server of each kind on loopback, asked first by the file engine, then
 * by `nmap -sV`, with the same service-probes file. Prints what each said, the seconds it took, and the ratio by kind.
 * With BENCH_ALONE set, Nmap is left out.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createServer as createTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import selfsigned from "selfsigned";
import { parse } from "yaml";
import { connectionBudget } from "../../../lib/net/budget.ts";
import { tcpDialer } from "../../../lib/net/dialer.ts";
import { compileProbePack, loadProbePack } from "../../../lib/signatures/probe-pack.ts";
import * as peers from "../peers.ts";

// The registry is YAML, which bundler and test runner load by a plugin.
registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith(".yaml")) return nextLoad(url, context);
    const value: unknown = parse(readFileSync(fileURLToPath(url), "utf8"));
    return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(value)}` };
  },
});
const { detectTcpWithFiles } = await import("../../../lib/detect/with-files.ts");

const DEFAULT_FILE = "/usr/share/nmap/nmap-service-probes";
const [given, ...wanted] = process.argv.slice(2);
const file = given ?? DEFAULT_FILE;
const run = promisify(execFile);

const pair = await selfsigned.generate([{ name: "commonName", value: "bench.example" }], { keySize: 2048 });
const plain = (peer: peers.Peer): Server =>
  createServer((socket) => {
    socket.on("error", () => undefined);
    peer(socket);
  });
const tls = (peer: peers.Peer): Server =>
  createTls({ key: pair.private, cert: pair.cert }, (socket) => {
    socket.on("error", () => undefined);
    peer(socket);
  }).on("tlsClientError", () => undefined);

const KINDS: Record<string, Server> = {
  silent: plain(peers.silent),
  "silent in TLS": tls(peers.silent),
  "answers nonsense": plain(peers.garbage),
  "greets in nonsense": plain(peers.strangeGreeter),
  echo: plain(peers.echo),
  http: plain(peers.http("Acme/2.1")),
  "one at a time, silent": plain(peers.oneAtATime(peers.silent)),
  "five at most, silent": plain(peers.atMost(5, peers.silent)),
  "greets after 4 s": plain(peers.lateGreeter(4_000, "SSH-2.0-OpenSSH_9.2p1\r\n")),
  "greets after 8 s": plain(peers.lateGreeter(8_000, "SSH-2.0-OpenSSH_9.2p1\r\n")),
  "hangs up": plain(peers.hangUp),
  "hangs up at once": plain(peers.hangUpAtOnce),
};

const { bytes } = compileProbePack(readFileSync(file, "latin1"), "bench");
const pack = loadProbePack(bytes);

async function ours(port: number) {
  const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" as const };
  const dialer = tcpDialer(endpoint, connectionBudget({ total: 64, perHost: 64 }));
  const began = performance.now();
  const opened = await dialer.open({ timeoutMs: 3_000 });
  if (opened.state !== "open") throw new Error(`port ${port} is ${opened.state}`);
  const detection = await detectTcpWithFiles({
    endpoint,
    dialer,
    connection: opened.connection,
    knowledge: { protocols: [], packs: [] },
    files: {
      packs: [pack],
      intensity: 7,
      allPorts: false,
      strictOrder: false,
      version: "bench",
      platform: "bench",
      wallClock: () => new Date(),
    },
    builtin: false,
    profile: { timeoutMs: 3_000, maxProbesPerPort: 6, confidenceThreshold: 0.95 },
    now: () => performance.now(),
  });
  const { verdict, tls: session, flags, connections } = detection;
  const said = verdict.method === "probed" ? [verdict.service, verdict.product, verdict.version] : ["?"];
  return {
    seconds: (performance.now() - began) / 1000,
    connections,
    flags,
    said: `${session || flags.includes("tls-inferred") ? "ssl/" : ""}${said.filter(Boolean).join(" ")}`,
  };
}

async function theirs(port: number) {
  const began = performance.now();
  const args = ["-n", "-Pn", "-sT", "-sV", "--versiondb", file, "-p", String(port), "-oX", "-", "127.0.0.1"];
  const { stdout } = await run("nmap", args);
  const service = /<service [^>]*>/.exec(stdout)?.[0] ?? "";
  const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(service)?.[1];
  const said = of("method") === "probed" ? [of("name"), of("product"), of("version")] : ["?"];
  return {
    seconds: (performance.now() - began) / 1000,
    said: `${of("tunnel") ? "ssl/" : ""}${said.filter(Boolean).join(" ")}`,
  };
}

const doors: { kind: string; port: number; mine: Awaited<ReturnType<typeof ours>> }[] = [];
for (const [kind, server] of Object.entries(KINDS)) {
  if (wanted.length > 0 && !wanted.includes(kind)) continue;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const mine = await ours(port);
  console.error(`${kind}: ${mine.seconds.toFixed(1)} s, ${mine.connections} connections`);
  doors.push({ kind, port, mine });
}
// Nmap mostly waits: one process a door, side by side, disturb each other no more than one for all would.
const rows = doors.map(async ({ kind, port, mine }) => {
  const nmap = process.env.BENCH_ALONE ? null : await theirs(port);
  const { seconds, connections, flags, said } = mine;
  const beside = nmap
    ? `nmap ${nmap.seconds.toFixed(1).padStart(6)} s ${(nmap.seconds / seconds).toFixed(1).padStart(5)} ×`
    : "";
  const differs = nmap && nmap.said !== said ? `; DIFFERS from nmap's ${nmap.said}` : "";
  return `${kind.padEnd(24)} ${seconds.toFixed(1).padStart(6)} s  ${beside}  ${connections} connections  ${said}${differs} ${flags.join(",")}`;
});
console.log((await Promise.all(rows)).join("\n"));
process.exit(0);
