import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../build.ts";
import { deskOfFile, expectRefusal } from "./command.ts";

const desk = deskOfFile();

describe("what is wrong is said in one line that names it", () => {
  test.each<[string, string[], number, RegExp]>([
    ["a target that is nonsense", ["scan", "999.1.2.3"], 2, /"999\.1\.2\.3"/],
    ["a target that is a URL", ["scan", "http://localhost/x"], 2, /URL; write the host: localhost/],
    ["a target with a port too high", ["scan", "127.0.0.1:70000"], 2, /70000.*65535/],
    ["a port too high", ["scan", "127.0.0.1", "-p", "70000"], 2, /70000.*65535/],
    ["ports that are none", ["scan", "127.0.0.1", "-p", "22,no-such-service"], 2, /no-such-service/],
    ["no target", ["scan"], 2, /No target/],
    ["a list that cannot be read", ["scan", "-iL", "/nonexistent/list"], 2, /\/nonexistent\/list/],
    ["an empty list", ["scan", "-i", "-"], 2, /target/i],
    ["a deadline", ["scan", "127.0.0.1", "--deadline", "15x"], 2, /"15x".*15m/],
    ["a number of ports", ["scan", "127.0.0.1", "--top-ports", "0"], 2, /"0"/],
    ["more ports than there are", ["scan", "127.0.0.1", "--top-ports", "70000"], 2, /--top-ports.*65535/],
    [
      "an option given twice",
      ["scan", "127.0.0.1", "-p", "22", "--ports", "80"],
      2,
      /--ports.* is given twice/,
    ],
    ["a list without an end", ["scan", "-i", "/dev/zero"], 2, /\/dev\/zero: it is larger than 64 MiB/],
    ["an output without a name", ["scan", "127.0.0.1", "-o", ""], 2, /--output needs the name/],
    ["stdout as an output", ["scan", "127.0.0.1", "-o", "-"], 2, /stdout anyway.*--format/],
    ["an output given twice", ["scan", "::1", "-o", "a.xml", "-o", "a.xml"], 2, /a\.xml is given twice/],
    [
      "an output that is a directory",
      ["scan", "127.0.0.1", "-o", "no/"],
      4,
      /cannot write no\/: it is a dir/,
    ],
    ["two choices of ports", ["scan", "127.0.0.1", "-p", "1", "--top-ports", "5"], 2, /Choose one of/],
    ["an unknown option", ["scan", "127.0.0.1", "--nosuch"], 2, /unknown option '--nosuch'/],
    ["scripts, by either name", ["scan", "127.0.0.1", "--script", "banner"], 2, /--script: .*no scripts/],
    ["vulnerabilities", ["scan", "127.0.0.1", "--vuln"], 2, /--vuln: .*does not look for vuln.*CPE/],
    ["two scans compared", ["diff", "a", "b"], 2, /diff: .*report <scanId>/],
    ["scans searched", ["find", "--product", "openssh", "--below", "9.8"], 2, /find: .*report <scanId>/],
    ["a local cloud by itself", ["up", "--help"], 2, /up: /],
    ["a list of scripts", ["scripts", "list"], 2, /scripts: .*no scripts/],
    ["a format that is not there", ["scan", "127.0.0.1", "-o", "a.csv"], 2, /no format is known by \.csv/],
    ["help for an unknown command", ["help", "nosuch"], 2, /unknown command 'nosuch'/],
    ["help for an unknown command below one", ["rules", "help", "nosuch"], 2, /unknown command 'nosuch'/],
    ["an unknown command", ["nosuch"], 2, /unknown command 'nosuch'/],
    ["a target without a command", ["127.0.0.1"], 2, /unknown command.*\s.*to scan: doorplate scan <target>/],
    ["an output in Nmap's way", ["scan", "127.0.0.1", "-oX", "a.xml"], 2, /-oX: write -o FILE; \.xml/],
    ["what Nmap is told and is done anyway", ["scan", "-sV", "-Pn", "999.1.2.3"], 2, /"999\.1\.2\.3"/],
    ["an unknown profile", ["scan", "127.0.0.1", "--profile", "nosuch"], 2, /'?nosuch'?.*standard/],
    ["an unknown format", ["scan", "127.0.0.1", "--format", "nosuch"], 2, /nosuch.*jsonl/],
    ["a scope", ["scan", "127.0.0.1", "--scope", "10.0.0.0/33"], 2, /10\.0\.0\.0\/33|\/33/],
    ["an exclude", ["scan", "127.0.0.1", "--exclude", "10.0.0.300"], 2, /10\.0\.0\.300/],
    ["a port excluded", ["scan", "127.0.0.1", "--exclude", "127.0.0.1:22"], 2, /127\.0\.0\.1:22".*all their/],
    [
      "everything out of scope",
      ["scan", "10.0.0.1", "--skip-out-of-scope"],
      2,
      /10\.0\.0\.1 is not in scope/,
    ],
    ["what nobody may scan", ["scan", "169.254.169.254", "-p", "1"], 3, /Here you can only leave/],
    ["everything excluded", ["scan", "127.0.0.1", "-p", "1", "--exclude", "127.0.0.1"], 2, /Nothing is left/],
    ["a name without an address", ["scan", "nowhere.invalid", "-p", "1"], 2, /nowhere\.invalid/],
    ["an unknown scan to resume", ["resume", "nosuch-scan"], 2, /no scan nosuch-scan/],
    ["an unknown scan to report", ["report", "../../etc"], 2, /no scan \.\.\/\.\.\/etc/],
    ["an unknown scan to look at", ["status", "nosuch-scan"], 2, /no scan nosuch-scan/],
    ["no scan to resume", ["resume"], 2, /scanId/],
    ["an unknown function", ["invoke", "nosuch", "x.json"], 2, /nosuch.*dispatcher/],
    ["an event that cannot be read", ["invoke", "dispatcher", "/nonexistent.json"], 2, /\/nonexistent\.json/],
    ["an event that is no JSON", ["invoke", "dispatcher", "README.md.no"], 2, /README\.md\.no/],
  ])("%s", async (_, args, code, message) => {
    expectRefusal(await desk.run(args), code, message);
  });

  test("a line of match that is no JSON, or no observation, by its number", async () => {
    expectRefusal(await desk.run(["match"], { input: '\n{"id":1' }), 2, /line 2 is not JSON/);
    expectRefusal(await desk.run(["match"], { input: '{"id":1,"port":"22"}' }), 2, /line 1: port/);
    const broken = '{"id":1,"responses":[{"probe":"NULL","data_b64":"%%%"}]}';
    expectRefusal(await desk.run(["match"], { input: broken }), 2, /line 1: responses.*must be base64/);
    expectRefusal(await desk.run(["match"], { input: "{}" }), 2, /line 1: id: is missing/);
    expectRefusal(await desk.run(["match"], { input: "[]" }), 2, /line 1: must be a group of fields/);
  });

  test("each wrong line of match, and the results of all others in their order", async () => {
    const input = '{"id":1,"port":80}\n{"id":2,\n\n{"id":"\u2028"}\n{"port":"x","id":3}\n{"id":4,"port":22}';
    const { code, stdout, stderr } = await desk.run(["match"], { input });
    expect(code).toBe(1);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).id),
    ).toEqual([1, "\u2028", 4]);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/^doorplate: line 2 is not JSON/),
      expect.stringMatching(/^doorplate: line 5: port/),
    ]);
  });

  test("a directory as the input of match", async () => {
    const shell = spawnSync("sh", ["-c", `exec node lib/cli/launcher.js match < ${desk.state}`], {
      cwd: root,
      encoding: "utf8",
    });
    expect([shell.status, shell.stderr]).toEqual([2, "doorplate: cannot read stdin: it is a directory\n"]);
  });

  test("a signature file with nothing in it", async () => {
    const file = join(desk.state, "empty");
    writeFileSync(file, "# nothing yet\n");
    const ended = await desk.run(["scan", "127.0.0.1", "-p", "1", "--signatures", file]);
    expectRefusal(ended, 2, /empty holds no probe and no match/);
  });

  test("a file that is no text, and none at all for one in the encoding of Windows' shells", async () => {
    const file = join(desk.state, "targets");
    const args = ["scan", "-i", file, "-p", "1", "--dry-run", "--format", "json"];
    writeFileSync(file, Buffer.from("127.0.0.1\0"));
    expectRefusal(await desk.run(args), 2, /targets: it is not a text file/);
    for (const text of ["\ufeff127.0.0.1\r\n", "\ufeff127.0.0.1"]) {
      writeFileSync(file, text, "utf16le");
      expect(JSON.parse((await desk.run(args)).stdout)).toMatchObject({ endpoints: 1 });
    }
  });

  test("an event file that is no JSON", async () => {
    const file = join(desk.state, "event.json");
    writeFileSync(file, "{");
    expectRefusal(await desk.run(["invoke", "dispatcher", file]), 2, /event\.json is not JSON/);
  });

  test("a state directory that cannot be written, even by root", async () => {
    const ended = await desk.run(["scan", "127.0.0.1", "-p", "1"], {
      env: { DOORPLATE_STATE: "/dev/null/x" },
    });
    expectRefusal(ended, 4, /cannot write the state directory \/dev\/null\/x.*DOORPLATE_STATE/);
  });

  test("an output pipe that nobody reads from, instead of waiting for somebody", async () => {
    const pipe = join(desk.state, "pipe");
    execFileSync("mkfifo", [pipe]);
    const ended = await desk.run(["scan", "127.0.0.1", "-p", "1", "-q", "-o", pipe]);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(/cannot write .*pipe: nobody reads from this pipe .*doorplate report/);
  });

  test("an output file that cannot be written, at the latest when the results are there", async () => {
    const ended = await desk.run(["scan", "127.0.0.1", "-p", "1", "-q", "-o", "/dev/null/x.json"]);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toMatch(/cannot write \/dev\/null\/x\.json/);
  });
});

describe("help", () => {
  const commands = ["scan", "resume", "status", "report", "match", "invoke", "demo"];

  test("lists every command and the exit codes", async () => {
    const { code, stdout } = await desk.run(["--help"]);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b.*\\w{4}`, "m"));
    expect(stdout).toMatch(/Examples:\n {2}doorplate scan 127\.0\.0\.1/);
    expect(stdout).toMatch(/Exit codes: 0 done, 1 .*130 interrupted/);
  });

  test.each(commands)("of %s says what it does and describes each option", async (command) => {
    const { code, stdout, stderr } = await desk.run([command, "--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatch(new RegExp(`^Usage: doorplate ${command}`));
    expect(stdout.split("\n")[2]).toMatch(/\w+ \w+/);
    const options = stdout.split("\n").filter((line) => /^ {2}-/.test(line));
    expect(options.length).toBeGreaterThan(0);
    // The description stands behind two blanks, or on the next line where the option is long.
    const text = stdout.replace(/\n {10,}/g, "  ");
    for (const line of text.split("\n").filter((one) => /^ {2}-/.test(one))) {
      expect(line).toMatch(/^ {2}-.*? {2,}\S+.*\w/);
    }
  });

  test("is the same, asked for before the command", async () => {
    for (const path of [["scan"], ["rules", "check"]]) {
      const asked = await desk.run(["help", ...path]);
      expect(asked).toEqual(await desk.run([...path, "--help"]));
      expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining("Usage: doorplate ") });
    }
  });

  test("the version is the package's", async () => {
    const { version } = (await import(join(root, "package.json"), { with: { type: "json" } })).default;
    expect((await desk.run(["--version"])).stdout.trim()).toBe(version);
  });
});

test("match says what stored bytes mean, in their order, without a packet", async () => {
  const b64 = (text: string) => Buffer.from(text).toString("base64");
  const lines = [
    { id: "a", port: 22, responses: [{ probe: "NULL", data_b64: b64("SSH-2.0-OpenSSH_9.2p1\r\n") }] },
    {
      id: { any: 1 },
      port: 8080,
      responses: [{ probe: "http.get", data_b64: b64("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n\r\n") }],
    },
    { id: 3, transport: "udp", port: 53, responses: [] },
    { id: 4, facts: { "http.server": "nginx/1.22.1" } },
  ];
  const input = lines.map((line) => JSON.stringify(line)).join("\n");
  const { code, stdout, stderr } = await desk.run(["match"], { input });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const verdicts = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(verdicts.map(({ id }) => id)).toEqual(["a", { any: 1 }, 3, 4]);
  expect(verdicts).toMatchObject([
    { service: "ssh", product: "OpenSSH", version: "9.2p1" },
    { service: "http", product: "nginx", version: "1.22.1" },
    { service: "domain", method: "table", product: null },
    { product: "nginx", version: "1.22.1" },
  ]);
  const bare = await desk.run(["match", "--no-builtin"], { input: JSON.stringify(lines[0]) });
  expect(JSON.parse(bare.stdout)).toMatchObject({ id: "a", product: null, evidence: [] });
});
