import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { parse } from "yaml";

/**
 * Lets plain `node` import YAML, as the bundles and vitest do (`infra/yaml-plugin.ts`): these scripts read the packs and weights of the
 * working tree, without a build.
 */
registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith(".yaml")) return nextLoad(url, context);
    const value: unknown = parse(readFileSync(new URL(url), "utf8"));
    return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(value)}` };
  },
});
