/** Runs the command line as its users do: the launcher, in a process and with a state directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { root } from "../build.ts";
import { listening } from "../net/servers.ts";
import { until } from "./local-handlers.ts";

const LAUNCHER = join(root, "lib/cli/launcher.js");

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  ended: Promise<Ended>;
  /** The scan's id, as soon as it is told. */
  scanId(): Promise<string>;
  /** The rows printed so far. */
  rows(): Row[];
}

/** What the tests read of a line of `--format jsonl`. */
export interface Row {
  type: string;
  host: string;
  port: number;
  transport: string;
  service: string | null;
  product: string | null;
  outcome: string;
  scanId: string;
  [field: string]: unknown;
}

export const rowsOf = (stdout: string): Row[] =>
  stdout
    .slice(0, stdout.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Row);
export const endpointsOf = (stdout: string) => rowsOf(stdout).filter(({ type }) => type === "endpoint");
export const summaryOf = (stdout: string) => rowsOf(stdout).find(({ type }) => type === "summary");

export interface Desk {
  state: string;
  start(args: string[], options?: { input?: string; env?: Record<string, string> }): Running;
  run(args: string[], options?: { input?: string; env?: Record<string, string> }): Promise<Ended>;
  /** Kills what still runs, and removes the state. */
  clear(): Promise<void>;
}

/** One for all tests of a file. */
export function deskOfFile(): Desk {
  const desk = makeDesk();
  afterAll(() => desk.clear());
  return desk;
}
/** The same of servers to scan. */
export async function doorsOfFile(counts: { greeting: number; silent: number }): Promise<Doors> {
  const doors = await openDoors(counts);
  afterAll(() => doors.close());
  return doors;
}

export function makeDesk(): Desk {
  const state = mkdtempSync(join(tmpdir(), "doorplate-cli-"));
  const children = new Set<Running>();
  const start: Desk["start"] = (args, { input = "", env = {} } = {}) => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: state, DOORPLATE_STATE: state, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    const running: Running = {
      child,
      get stdout() {
        return stdout;
      },
      get stderr() {
        return stderr;
      },
      ended: new Promise((resolve) =>
        child.once("close", (code) => {
          children.delete(running);
          resolve({ code, stdout, stderr });
        }),
      ),
      scanId: () => until("scan id told", () => /^scan: (\S+)$/m.exec(stderr)?.[1]).then(String),
      rows: () => rowsOf(stdout),
    };
    children.add(running);
    return running;
  };
  return {
    state,
    start,
    run: (args, options) => start(args, options).ended,
    async clear() {
      for (const { child, ended } of children) {
        child.kill("SIGKILL");
        await ended;
      }
      // What it started needs a moment to notice; until then it may still write.
      await new Promise((resolve) => setTimeout(resolve, 100));
      rmSync(state, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** All processes below one, by /proc. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const below = (one: number): number[] =>
    [...parents].filter(([, parent]) => parent === one).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** Processes whose command line names a directory. */
export function processesIn(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(directory);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export interface Doors {
  /** Ports that greet at once, as SSH. */
  greeting: number[];
  /** Ports that accept and never say a word: each takes the profile's whole patience. */
  silent: number[];
  ports: string;
  all: number[];
  /** Called for each connection from now on. */
  onConnection(listener: () => void): void;
  close(): void;
}

/** Servers to scan, held by the test's own process. */
export async function openDoors(counts: { greeting: number; silent: number }): Promise<Doors> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const open = async (serve: (socket: Socket) => void) => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      serve(socket);
    });
    servers.push(server);
    return listening(server);
  };
  const many = (n: number, serve: (socket: Socket) => void) =>
    Promise.all(Array.from({ length: n }, () => open(serve)));
  const greeting = await many(counts.greeting, (socket) =>
    socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
  );
  const silent = await many(counts.silent, (socket) => socket.resume());
  const all = [...greeting, ...silent];
  return {
    greeting,
    silent,
    all,
    ports: all.join(","),
    onConnection(listener) {
      for (const server of servers) server.on("connection", listener);
    },
    close() {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    },
  };
}

/** One line on stderr that names what was wrong. */
export function expectRefusal(ended: Ended, code: number, message: RegExp): void {
  expect(ended.stderr).toMatch(message);
  expect(ended.code).toBe(code);
  const lines = ended.stderr
    .trim()
    .split("\n")
    .filter((line) => !/^(scan: |\(see .*--help)/.test(line));
  expect(lines).toHaveLength(1);
  expect(ended.stderr).not.toMatch(/\n\s+at |node:internal|Error:/);
  expect(ended.stdout).toBe("");
}
