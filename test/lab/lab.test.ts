import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../lib/model/fingerprint.ts";
import { isPrinterPort } from "../../lib/scan/plan.ts";
import { ALL_DAEMONS, DAEMONS } from "./daemons.ts";
import { FULL } from "./full.ts";
import {
  BELIEVED,
  behindUnseen,
  type Judged,
  judge,
  named,
  score,
  spoofSeen,
  where,
  withProduct,
  withVersion,
} from "./judge.ts";
import { listeners, openTcpPorts } from "./network.ts";
import { nmap } from "./nmap.ts";
import { effortOf, medianOf, observeDoors, record } from "./observations.ts";
import type { Observed } from "./observe.ts";
import { asMarkdown, asText, effort, nmapTable, ourTable, sideBySide, summaryLine, tell } from "./report.ts";
import { type ScanRun, scan } from "./scan.ts";
import { type Lab, startLab } from "./start.ts";

// Real Debian daemons, scanned as a user would, against what dpkg says is installed.

/** Fewer than this is no lab. */
const DAEMONS_WANTED = FULL ? 60 : 10;
const PRODUCT_SHARE = FULL ? 0.97 : 0.9;
const VERSION_SHARE = FULL ? 0.95 : 0.85;
const MEDIAN_CONNECTIONS = 3;
/** A wrong name at this confidence or above is a broken promise. */
const SURE = 0.9;
/** Each process of a scan of all 65,535 ports stays below this, MiB. */
const MEMORY_MIB = 512;

const share = (all: readonly Judged<Result>[], field: "product" | "version") =>
  all.filter((one) => one[field] === "right").length / all.length;
const missed = (all: readonly Judged<Result>[], field: "product" | "version") =>
  all
    .filter((one) => one[field] !== "right")
    .map(where)
    .join("\n");

describe("a lab of real daemons", () => {
  let lab: Lab;
  let judged: Judged<Result>[];
  beforeAll(async () => {
    // One of a hundred that does not start is told and fails its own test, and the others are judged all the same.
    lab = await startLab(FULL ? ALL_DAEMONS : DAEMONS, { tolerant: FULL });
    for (const line of lab.missing) console.log(`left out: ${line}`);
  });
  afterAll(async () => {
    await lab?.stop();
  });

  describe("scanned by the command line", () => {
    let runs: ScanRun[];
    let observed: Observed[];
    beforeAll(async () => {
      const doors = (transport: string) => lab.doors.filter((door) => door.transport === transport);
      const tcp = doors("tcp").map(({ host, port }) =>
        host === "::1" ? `[::1]:${port}` : `${host}:${port}`,
      );
      const udpPorts = (at: string) =>
        doors("udp").flatMap(({ host, port }) => (host === at ? [`U:${port}`] : []));
      const udp = udpPorts("127.0.0.1");
      const udp6 = udpPorts("::1");
      runs = [
        await scan(tcp, lab.network),
        await scan(["127.0.0.1", "-p", udp.join(",")], lab.network),
        ...(udp6.length > 0 ? [await scan(["::1", "-p", udp6.join(",")], lab.network)] : []),
      ];
      const results = runs.flatMap((run) => run.results);
      judged = lab.doors.map((door) => judge(door, results));
      console.log(`${asText(ourTable(judged))}\n${summaryLine(judged, runs)}`);
      const [scored = "", overTcp = "", overUdp = ""] = summaryLine(judged, runs).split("\n");
      tell("What the lab holds, and what Doorplate says", [
        `${new Set(lab.doors.map(({ daemon }) => daemon)).size} daemons, ${lab.doors.length} doors. ${scored}.`,
        `TCP in ${overTcp}.\\\nUDP in ${overUdp}.`,
        ...lab.missing.map((line) => `Left out: ${line}`),
        asMarkdown(ourTable(judged)),
        "In brackets: no answer shows the product. A version of `-` in the truth: no answer shows it.",
      ]);
      observed = await observeDoors(lab.doors, lab.network);
      record(observed, lab.doors);
      console.log(`an endpoint: ${effortOf(observed)}`);
      const wrong = judged.filter(
        (one) => !one.service || one.product === "wrong" || one.version === "wrong",
      );
      if (wrong.length > 0) console.log(`wrong:\n${asText(ourTable(wrong))}`);
    });

    it("starts every daemon that is installed", () => {
      expect(lab.missing.filter((line) => !line.endsWith("needs a network of its own"))).toEqual([]);
    });

    it("reports every false banner as a conflict, and does not trust it", () => {
      const spoofs = judged.filter(({ door }) => door.spoof);
      console.log(`false banners: ${spoofs.filter(spoofSeen).length} of ${spoofs.length} reported`);
      expect(spoofs.filter((one) => !spoofSeen(one)).map(where)).toEqual([]);
    });

    it("tells who stands behind a proxy, and is not sure of who only greets", () => {
      const untold = judged.flatMap((one) => behindUnseen(one).map((name) => `${name} behind ${where(one)}`));
      expect(untold).toEqual([]);
      const believed = judged.filter(
        ({ door, got }) => door.mute && (got?.confidences?.product ?? 0) >= BELIEVED,
      );
      expect(believed.map(where)).toEqual([]);
    });

    it("needs few connections and little time for most", () => {
      const { connections, responses } = medianOf(observed);
      // Over UDP who is silent to everybody is not heard of at all.
      const heard = lab.doors.filter(({ transport, unnamed }) => transport === "tcp" || !unnamed);
      expect(responses).toBeGreaterThanOrEqual(heard.length);
      expect(connections).toBeLessThanOrEqual(MEDIAN_CONNECTIONS);
    });

    it("is a lab worth its name", () => {
      expect(new Set(lab.doors.map(({ daemon }) => daemon)).size).toBeGreaterThanOrEqual(DAEMONS_WANTED);
      expect(lab.doors.filter(({ tls }) => tls).length).toBeGreaterThanOrEqual(2);
    });

    it("ends each scan well, with a fingerprint for every door", () => {
      expect(runs.map(({ exitCode }) => exitCode)).toEqual(runs.map(() => 0));
      expect(
        named(judged)
          .filter(({ got }) => got?.outcome !== "fingerprinted")
          .map(where),
      ).toEqual([]);
    });

    it("names every service, and sees where TLS is spoken, less the known gaps", () => {
      const gaps = judged.filter(({ door, service }) => door.unnamed && !service);
      console.log(`known gaps:\n${gaps.map((one) => `${where(one)}: ${one.door.unnamed}`).join("\n")}`);
      expect(
        named(judged)
          .filter(({ service }) => !service)
          .map(where),
      ).toEqual([]);
      expect(
        named(judged)
          .filter(({ tls }) => !tls)
          .map(where),
      ).toEqual([]);
    });

    it("names nine products of ten", () => {
      const shown = withProduct(judged);
      expect(share(shown, "product"), missed(shown, "product")).toBeGreaterThanOrEqual(PRODUCT_SHARE);
    });

    it("is never sure of a wrong product", () => {
      const sure = judged.filter(
        ({ product, got }) => product === "wrong" && (got?.confidences.product ?? 0) >= SURE,
      );
      expect(sure.map((one) => `${where(one)}: ${one.got?.product}`)).toEqual([]);
    });

    it("reads the version that dpkg says, wherever an answer shows it", () => {
      const shown = withVersion(judged);
      expect(share(shown, "version"), missed(shown, "version")).toBeGreaterThanOrEqual(VERSION_SHARE);
    });
  });

  describe.runIf(FULL)("beside Nmap", () => {
    it("Nmap sees the same doors", async () => {
      const { said, seconds } = await nmap(lab.doors, lab.network);
      const theirs = lab.doors.map((door) => judge(door, said));
      const line = `${score(theirs)}; ${seconds.toFixed(1)} s`;
      console.log(`nmap -sV\n${asText(nmapTable(theirs))}\n${line}`);
      tell("Beside nmap -sV", [
        `Doorplate: ${score(judged)}.\\\nnmap -sV, TCP and UDP in one run: ${line}.`,
        asMarkdown(sideBySide(judged, theirs)),
      ]);
      expect(
        named(theirs)
          .filter(({ got }) => got === undefined)
          .map(where),
      ).toEqual([]);
    });
  });

  describe("all 65,535 TCP ports of loopback", () => {
    // Where other programs share the machine's loopback, their ports may be left alone: "2024,9000".
    const skipped = (process.env.DOORPLATE_LAB_SKIP_PORTS ?? "").split(",").filter(Boolean).map(Number);

    const told: string[] = [];

    it.each([1, 2, 3])("run %i finds exactly the ports that ss shows listening", async (number) => {
      const before = openTcpPorts(lab.network);
      const run = await scan(["127.0.0.1", "-p", without(skipped)], lab.network);
      const listening = [...new Set([...before, ...openTcpPorts(lab.network)])].sort((a, b) => a - b);
      const found = run.results.filter(({ state }) => state === "open").map(({ port }) => port);
      const { outcomes } = run.summary;
      const line = `all ports, run ${number}: ${found.length} open, ${outcomes.excluded ?? 0} its own; ${effort(run)}`;
      console.log(line);
      told.push(`- ${line}`);
      tell("All 65,535 TCP ports", ["What `ss` lists as listening, found by:", told.join("\n")]);
      expect(run.exitCode).toBe(0);
      // Printers' ports are excluded unless they are asked for by number, whoever listens there.
      const wanted = listening.filter(
        (port) => !skipped.includes(port) && !isPrinterPort({ transport: "tcp", port }),
      );
      expect(found.sort((a, b) => a - b)).toEqual(wanted);
      expect(Object.values(outcomes).reduce((sum, n) => sum + n, 0)).toBe(65_535 - skipped.length);
      expect((outcomes.failed ?? 0) + (outcomes.expired ?? 0)).toBe(0);
      expect(Math.max(...Object.values(run.peakMib))).toBeLessThan(MEMORY_MIB);
    });

    it("leaves every daemon alive", () => {
      const name = ({ transport, port }: { transport: string; port: number }) => `${transport}/${port}`;
      const alive = new Set(listeners(lab.network).map(name));
      expect(lab.doors.map(name).filter((door) => !alive.has(door))).toEqual([]);
    });
  });
});

/** `-p` syntax for all TCP ports but these. */
function without(skipped: readonly number[]): string {
  const edges = [0, ...[...skipped].sort((a, b) => a - b), 65_536];
  return edges
    .slice(1)
    .map((edge, i) => [(edges[i] ?? 0) + 1, edge - 1] as const)
    .filter(([first, last]) => first <= last)
    .map(([first, last]) => `${first}-${last}`)
    .join(",");
}
