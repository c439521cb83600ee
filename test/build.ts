/** Makes `dist/` the build of the sources as they are: once, before the first test of the projects that run it (vitest.config.ts). */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");
const PRODUCT = join(root, "dist/cli/main.mjs");

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
      (name) => statSync(join(root, folder, name)).mtimeMs,
    ),
  );

export default function ensureBuilt(): void {
  const fresh =
    existsSync(PRODUCT) &&
    statSync(PRODUCT).mtimeMs >= Math.max(...["lib", "functions", "infra"].map(newest));
  if (!fresh) execFileSync(process.execPath, [join(root, "infra/build.ts")], { cwd: root });
}
