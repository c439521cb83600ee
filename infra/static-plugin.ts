import type { Plugin } from "esbuild";
import "./yaml-hooks.ts";

/**
 * `x.static.ts` exports a function without arguments, whose result is plain data that only the sources decide: an index, a digest. It is called when a
 * bundle is built, and the bundle holds the result as JSON, so that no process works it out at its start. Everywhere else it is a module as any other.
 */
export const staticForEsbuild: Plugin = {
  name: "static",
  setup(build) {
    build.onLoad({ filter: /\.static\.ts$/ }, async ({ path }) => {
      const { default: make } = (await import(path)) as { default: () => unknown };
      return { contents: `export default () => JSON.parse(${JSON.stringify(JSON.stringify(make()))});` };
    });
  },
};
