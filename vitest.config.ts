import { defineConfig } from "vitest/config";
import { yamlForVitest } from "./infra/yaml-plugin.ts";

// unit: pure code and real sockets on loopback. system: the local cloud with real processes.
// lab: real Debian daemons, as root (see test/lab/README.md).
export default defineConfig({
  test: {
    // Most tests wait for sockets and clocks, not for a processor.
    maxWorkers: 4,
    projects: [
      {
        plugins: [yamlForVitest],
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "test/lab/**"],
          // No module keeps anything that a test could leave behind, so files share one: most of the time went into loading the packs for each.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [yamlForVitest],
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          globalSetup: ["test/build.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        plugins: [yamlForVitest],
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          globalSetup: ["test/build.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
