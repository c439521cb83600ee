import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";

// The house rules of DESIGN section 2, read from the imports themselves.

const ROOMS = [
  "cli",
  "scan",
  "cloud",
  "report",
  "detect",
  "evidence",
  "protocols",
  "signatures",
  "net",
  "targets",
  "registry",
  "model",
];
/** The one door out of lib: the command line starts the local cloud and the watchdog. */
const DOOR = ["infra/local/client.ts", "infra/local/watchdog.ts"];
/** Path from the root to source text. */
type Tree = Record<string, string>;

const root = join(import.meta.dirname, "..");

function treeOf(...folders: string[]): Tree {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|js)$/.test(name) && !name.endsWith(".d.ts"))
      .map((name) => posix.join(folder, name)),
  );
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** What a file imports: paths from the root, or package names. Comments may speak of imports; they are left out. */
function importsOf(path: string, source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found = code.matchAll(
    /(?:^|[\n;])\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']|(?:^|[\n;])\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g,
  );
  return [...found].map(([, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? "";
    return specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
  });
}

const roomOf = (path: string) => /^lib\/([^/]+)\//.exec(path)?.[1];

function violations(tree: Tree): string[] {
  const found: string[] = [];
  for (const [path, source] of Object.entries(tree)) {
    const room = roomOf(path);
    const height = ROOMS.indexOf(room ?? "");
    if (room !== undefined && height < 0) found.push(`${path}: ${room} is no room of the list`);
    for (const target of importsOf(path, source)) {
      const other = roomOf(target);
      const isPath = /^(lib|functions|infra|test|\.\.)\//.test(target);
      if (
        path.startsWith("functions/") &&
        isPath &&
        other === undefined &&
        !target.startsWith("functions/")
      ) {
        found.push(`${path}: functions import lib only, not ${target}`);
      }
      if (room === undefined) continue;
      if (other !== undefined && ROOMS.indexOf(other) < height) {
        found.push(`${path}: ${room} looks up at ${target}`);
      }
      if (other === undefined && isPath && !(room === "cli" && DOOR.includes(target))) {
        found.push(`${path}: leaves lib for ${target}`);
      }
      if (target.startsWith("@aws-sdk/") && room !== "cloud") {
        found.push(`${path}: only lib/cloud knows ${target}`);
      }
    }
    if (room !== undefined && room !== "cli") {
      const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|`[^`]*`|"[^"\n]*"/gm, "");
      if (/\bconsole\s*\.|\bprocess\s*\.\s*std(out|err)\b/.test(code))
        found.push(`${path}: only lib/cli prints`);
    }
  }
  return [...found, ...circles(tree)];
}

/** Every file from which a walk along imports comes back to itself, with the way. Types count: a circle is a circle. */
function circles(tree: Tree): string[] {
  const imports = new Map(
    Object.entries(tree).map(([path, source]) => [path, importsOf(path, source).filter((to) => to in tree)]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, way: string[]) => {
    const at = way.indexOf(path);
    if (at >= 0) {
      found.push(`circle: ${[...way.slice(at), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const to of imports.get(path) ?? []) walk(to, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) walk(path, []);
  return found;
}

describe("the house", () => {
  const tree = treeOf("lib", "functions");

  test("has imports that point down the list, one door out, and no circle", () => {
    expect(violations(tree)).toEqual([]);
  });

  test("was read: all imports resolve to files that exist", () => {
    const known = new Set([...Object.keys(tree), ...DOOR, "package.json"]);
    const local = Object.entries(tree).flatMap(([path, source]) =>
      importsOf(path, source).filter((to) => /^(lib|functions|infra)\//.test(to) && !to.endsWith(".yaml")),
    );
    expect(local.length).toBeGreaterThan(200);
    expect(local.filter((to) => !known.has(to))).toEqual([]);
  });
});

describe("a house in disorder is found out", () => {
  test.each<[string, Tree, string]>([
    [
      "an import that points up",
      { "lib/net/a.ts": 'import { b } from "../scan/b.ts";' },
      "lib/net/a.ts: net looks up at lib/scan/b.ts",
    ],
    [
      "a type that points up, over several lines",
      { "lib/model/a.ts": 'import type {\n  B,\n} from "../cli/b.ts";' },
      "lib/model/a.ts: model looks up at lib/cli/b.ts",
    ],
    [
      "an export from above",
      { "lib/model/a.ts": 'export * from "../net/b.ts";' },
      "lib/model/a.ts: model looks up at lib/net/b.ts",
    ],
    [
      "an import that is made late",
      { "lib/model/a.ts": 'const b = await import("../net/b.ts");' },
      "lib/model/a.ts: model looks up at lib/net/b.ts",
    ],
    [
      "a circle of three in one room",
      {
        "lib/net/a.ts": 'import "./b.ts";',
        "lib/net/b.ts": 'import "./c.ts";',
        "lib/net/c.ts": 'import { a } from "./a.ts";',
      },
      "circle: lib/net/a.ts -> lib/net/b.ts -> lib/net/c.ts -> lib/net/a.ts",
    ],
    [
      "the AWS SDK elsewhere",
      { "lib/scan/a.ts": 'import { S3Client } from "@aws-sdk/client-s3";' },
      "lib/scan/a.ts: only lib/cloud knows @aws-sdk/client-s3",
    ],
    ["printing elsewhere", { "lib/scan/a.ts": 'console.log("x");' }, "lib/scan/a.ts: only lib/cli prints"],
    [
      "a stream elsewhere",
      { "lib/report/a.ts": 'process.stdout.write("x");' },
      "lib/report/a.ts: only lib/cli prints",
    ],
    [
      "another door",
      { "lib/cli/a.ts": 'import { x } from "../../infra/local/stores.ts";' },
      "lib/cli/a.ts: leaves lib for infra/local/stores.ts",
    ],
    [
      "the one door from another room",
      { "lib/scan/a.ts": 'import { x } from "../../infra/local/client.ts";' },
      "lib/scan/a.ts: leaves lib for infra/local/client.ts",
    ],
    [
      "a function that knows the infrastructure",
      { "functions/a.ts": 'import { x } from "../infra/topology.ts";' },
      "functions/a.ts: functions import lib only, not infra/topology.ts",
    ],
    ["a room nobody planned", { "lib/util/a.ts": "" }, "lib/util/a.ts: util is no room of the list"],
  ])("%s", (_, tree, message) => {
    expect(violations(tree)).toContain(message);
  });

  test("and one in order passes, whatever its comments say", () => {
    const tree = {
      "lib/cli/a.ts":
        '// import x from "../../infra/x.ts"\nimport { c } from "../../infra/local/client.ts";\nimport { b } from "../net/b.ts";\nconsole.log(c, b);',
      "lib/net/b.ts": '/* console.log, import "../cli/a.ts"; */\nexport const b = "console.log";',
      "lib/cloud/c.ts": 'import { S3Client } from "@aws-sdk/client-s3";',
      "functions/f.ts": 'import "../lib/cli/a.ts";\nimport { g } from "./shared/g.ts";',
    };
    expect(violations(tree)).toEqual([]);
  });
});
