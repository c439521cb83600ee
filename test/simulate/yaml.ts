/** `import rows from "./x.yaml"` without a bundler: the same as `infra/yaml-plugin.ts` does for the build. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

registerHooks({
  load(url, context, next) {
    if (!url.endsWith(".yaml")) return next(url, context);
    const rows: unknown = parse(readFileSync(fileURLToPath(url), "utf8"));
    return { format: "module", source: `export default ${JSON.stringify(rows)}`, shortCircuit: true };
  },
});
