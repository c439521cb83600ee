import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Node's own modules, taken from a bundle as CommonJS takes them. An ESM import of one reads all that it exports at once, and `node:http` exports `WebSocket`,
 * `node:crypto` the Web Crypto API: each process would load undici and WebCrypto for nothing, which is a quarter of a function's cold start (measured).
 */
export const builtinsForEsbuild: Plugin = {
  name: "builtins",
  setup(build) {
    build.onResolve({ filter: /^[a-z_:/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== "require-call" ? { path, namespace: "builtin" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};
