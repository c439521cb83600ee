/**
 * RustScan beside us: it finds open ports and names nothing; as it is commonly used, it hands the ports that it found to `nmap -sV`.
 * `cargo install rustscan`; where it is not installed, it is left out. `RUSTSCAN` names another binary.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Network } from "./network.ts";

/** It is stopped after this, ms. */
const LONGEST_MS = 120_000;

function binary(): string | null {
  const directories = [...(process.env.PATH ?? "").split(delimiter), join(homedir(), ".cargo/bin")];
  const candidates = directories.map((directory) => join(directory, "rustscan"));
  const named = process.env.RUSTSCAN;
  const found = (named ? [named] : candidates).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found ?? null;
}

export interface RustScan {
  /** `rustscan 2.4.1`. */
  version: string;
  /** As it stands: batches of 4,500, 1.5 s a port. `ports`: in its way, `["-r", "1-65535"]` or `["-p", "22,80"]`. */
  discover(
    network: Network,
    hosts: readonly string[],
    ports: readonly string[],
  ): { seconds: number; open: Map<string, number[]> } | null;
}

/** Null, and a line that says so, where there is none. */
export function openRustScan(say: (line: string) => void): RustScan | null {
  const path = binary();
  if (!path) {
    say("rustscan is left out: it is not installed (cargo install rustscan), nor does RUSTSCAN name it");
    return null;
  }
  return {
    version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim(),
    discover(network, hosts, ports) {
      const args = ["--no-config", "--no-banner", "--greppable", "-a", hosts.join(","), ...ports];
      const [command = "", ...rest] = [...network.prefix, path, ...args];
      const began = performance.now();
      try {
        const stdout = execFileSync(command, rest, {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
          timeout: LONGEST_MS,
        });
        return { seconds: (performance.now() - began) / 1000, open: openIn(stdout) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ETIMEDOUT") return null;
        throw error;
      }
    },
  };
}

/** `127.0.0.1 -> [22,80]`, a line a host. */
export function openIn(greppable: string): Map<string, number[]> {
  const lines = greppable.matchAll(/^(\S+) -> \[([\d,]+)\]$/gm);
  return new Map([...lines].map(([, host = "", ports = ""]) => [host, ports.split(",").map(Number)]));
}
