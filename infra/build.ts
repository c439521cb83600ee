import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { builtinsForEsbuild } from "./builtins-plugin.ts";
import { staticForEsbuild } from "./static-plugin.ts";
import { yamlForEsbuild } from "./yaml-plugin.ts";

// The one build. `dist/functions/<name>/index.mjs` is what CDK deploys and what the local cloud runs; `dist/cli` and `dist/local` are the
// command line and the local cloud. Minified and without clock or path in the output, so that equal sources give equal digests.

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
// Built beside it and moved into place: a scan that runs meanwhile keeps the files it began with.
const out = join(root, `dist.${process.pid}`);

// Some CommonJS dependencies call require() at run time; ESM bundles have none of their own.
const requireBanner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

const common = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // ES modules where a package has them: only those are shaken.
  mainFields: ["module", "main"],
  minify: true,
  sourcemap: "linked",
  legalComments: "none",
  banner: requireBanner,
  outExtension: { ".js": ".mjs" },
  plugins: [builtinsForEsbuild, staticForEsbuild, yamlForEsbuild],
  logLevel: "warning",
  absWorkingDir: root,
} satisfies BuildOptions;

const functionFiles = readdirSync(join(root, "functions")).filter((file) => file.endsWith(".ts"));
await build({
  ...common,
  entryPoints: functionFiles.map((file) => ({
    in: join("functions", file),
    out: join(basename(file, ".ts"), "index"),
  })),
  outdir: join(out, "functions"),
});

// Packages with native code or with processes of their own stay packages.
const entries = [
  { in: "lib/cli/main.ts", out: "cli/main" },
  { in: "infra/local/cloud.ts", out: "local/cloud" },
  { in: "infra/local/bootstrap.ts", out: "local/bootstrap" },
].filter((entry) => existsSync(join(root, entry.in)));
await build({
  ...common,
  entryPoints: entries,
  outdir: out,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  external: ["dynalite", "aedes", "ssh2", "smtp-server", "selfsigned"],
});

const old = `${dist}.old.${process.pid}`;
if (existsSync(dist)) renameSync(dist, old);
renameSync(out, dist);
rmSync(old, { recursive: true, force: true });
