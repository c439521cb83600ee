/** Makes sure that `dist/` is the build of the sources as they are: builds at most once, whichever test file asks first. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");
const PRODUCT = join(root, "dist/cli/main.mjs");
const LOCK = join(root, "node_modules/.cache/doorplate-test-build");
/** A lock older than this was left by somebody who died, ms. */
const STALE_MS = 60_000;

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
      (name) => statSync(join(root, folder, name)).mtimeMs,
    ),
  );

function isFresh(): boolean {
  if (!existsSync(PRODUCT)) return false;
  return statSync(PRODUCT).mtimeMs >= Math.max(...["lib", "functions", "infra"].map(newest));
}

export async function ensureBuilt(): Promise<void> {
  mkdirSync(join(LOCK, ".."), { recursive: true });
  while (!isFresh()) {
    try {
      mkdirSync(LOCK);
    } catch {
      // Somebody else builds: wait until the lock is gone, then look again.
      const since = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > STALE_MS) rmdirSync(LOCK);
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    try {
      if (!isFresh()) execFileSync(process.execPath, [join(root, "infra/build.ts")], { cwd: root });
    } finally {
      rmdirSync(LOCK);
    }
    return;
  }
}
