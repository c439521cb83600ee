import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { yamlForEsbuild } from "../../infra/yaml-plugin.ts";
import { ended, listeners, type Network, openNetwork } from "./network.ts";

// The real rpcbind in a network of its own: what grinder, listing and detection say about it, beside the installed nmap.

const RPCBIND = "/usr/sbin/rpcbind";
/** Its lock and socket have fixed paths in /run, where another rpcbind may have them: it gets a /run of its own. */
const PRIVATE_RUN = `mount -t tmpfs tmpfs /run && mkdir /run/rpcbind && exec ${RPCBIND} -f -i`;

const network: Network | null = existsSync(RPCBIND) ? await openNetwork() : null;
const skipped = !network
  ? `${RPCBIND} is not installed`
  : network.isolated
    ? ""
    : "no network of its own here, and rpcbind listens on every address";

describe.skipIf(skipped !== "")(`rpcbind${skipped && ` (skipped: ${skipped})`}`, () => {
  let seen: Record<"tcp" | "udp", Record<string, unknown>>;
  let folder: string;
  let stop: () => Promise<void> = async () => undefined;
  const there = (command: string, ...args: string[]) => {
    const [first = "", ...rest] = [...(network?.prefix ?? []), command, ...args];
    return execFileSync(first, rest, { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] });
  };

  beforeAll(async () => {
    const [first = "", ...rest] = [...(network?.prefix ?? []), "unshare", "--mount", "sh", "-c", PRIVATE_RUN];
    const daemon = spawn(first, rest, { stdio: "ignore" });
    stop = () => ended(daemon, () => daemon.kill());
    for (
      let tries = 0;
      tries < 100 && !(network && listeners(network).some(({ port }) => port === 111));
      tries++
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    folder = mkdtempSync(join(tmpdir(), "doorplate-rpc-"));
    const outfile = join(folder, "ask.mjs");
    const entry = new URL("rpc-ask.ts", import.meta.url).pathname;
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      plugins: [yamlForEsbuild],
      logLevel: "error",
    });
    seen = JSON.parse(there(process.execPath, outfile));
  });
  afterAll(async () => {
    await stop();
    await network?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  describe.each(["tcp", "udp"] as const)("over %s", (transport) => {
    test("is ground to its program and versions", () => {
      expect(seen[transport].ground).toEqual({ program: 100000, name: "rpcbind", low: 2, high: 4 });
    });

    test("lists itself", () => {
      expect(seen[transport].listed).toContainEqual({ program: 100000, version: 2, protocol: 6, port: 111 });
      expect(seen[transport].listed).toContainEqual({ program: 100000, version: 2, protocol: 17, port: 111 });
    });

    test("is detected with versions and listing", () => {
      expect(seen[transport].verdict).toMatchObject({
        service: "rpcbind",
        version: "2-4",
        info: "RPC #100000",
      });
      expect(seen[transport].facts).toContainEqual(
        expect.objectContaining({ name: "rpcbind.program", value: "100000 rpcbind 2-4 tcp 111" }),
      );
    });
  });

  test.skipIf(!existsSync("/usr/bin/nmap"))("nmap says the same", () => {
    const xml = there("nmap", "-sV", "-Pn", "-n", "-p", "111", "-oX", "-", "127.0.0.1");
    expect(xml).toMatch(/<service name="rpcbind"[^>]* version="2-4" extrainfo="RPC #100000"/);
  });
});
