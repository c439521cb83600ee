import { type DemoServer, startDemoServers } from "./demo-servers.ts";
import { scanCommand } from "./scan.ts";

// `demo`: real servers from well-kept npm packages, scanned through the same path as anything else.

export async function demoCommand(options: { progress: boolean; quiet?: boolean }): Promise<number> {
  const servers = await startDemoServers();
  try {
    if (!options.quiet) {
      console.error(
        "These servers were started for you on 127.0.0.1; their ports were chosen by the system:",
      );
      for (const { name, port } of servers) console.error(`  ${String(port).padStart(5)}  ${name}`);
    }
    const targets = servers.map(({ port }: DemoServer) => `127.0.0.1:${port}`);
    return await scanCommand(targets, { ...options, format: "table", showEvidence: true });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
