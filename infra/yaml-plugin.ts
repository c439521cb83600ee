import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import { parse } from "yaml";

/**
 * `import rows from "./x.yaml"` gives the parsed value. Packs and registries are written in YAML for people and reach the bundles as JSON,
 * so that no function parses YAML at a cold start. One for esbuild, one for vitest.
 */
export const yamlForEsbuild: Plugin = {
  name: "yaml",
  setup(build) {
    build.onLoad({ filter: /\.yaml$/ }, ({ path }) => ({
      contents: JSON.stringify(parse(readFileSync(path, "utf8"))),
      loader: "json",
      watchFiles: [path],
    }));
  },
};

export const yamlForVitest = {
  name: "yaml",
  transform(code: string, id: string) {
    return id.endsWith(".yaml")
      ? { code: `export default ${JSON.stringify(parse(code))}`, map: null }
      : undefined;
  },
};
