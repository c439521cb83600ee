import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAEMONS } from "./daemons.ts";
import { FULL } from "./full.ts";
import { differences, doorplateSays, nmapSays } from "./parity.ts";
import { asMarkdown, tell } from "./report.ts";
import { scan } from "./scan.ts";
import { type Lab, startLab } from "./start.ts";

// The operator's own file in both: what `nmap -sV` says of real daemons, we say. The file is Debian's (nmap-common).

const FILE = process.env.NMAP_SERVICE_PROBES ?? "/usr/share/nmap/nmap-service-probes";
const PROBES_FILE = ["--no-builtin", "--signatures", FILE];
/** Only these daemons, by name, while something is looked into: "nginx,redis". */
const ONLY = process.env.DOORPLATE_PARITY_ONLY?.split(",");

describe.runIf(FULL && existsSync(FILE))("with the same service-probes file", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab(DAEMONS.filter(({ name }) => ONLY?.includes(name) ?? true));
  });
  afterAll(() => lab?.stop());

  const portsOf = (transport: "tcp" | "udp") => [
    ...new Set(lab.doors.filter((door) => door.transport === transport).map(({ port }) => port)),
  ];

  /** Asked once for each transport. */
  const nmaps: Partial<Record<"tcp" | "udp", ReturnType<typeof nmapSays>>> = {};

  const told: string[] = [`The file is \`${FILE}\`, alone in both.`];

  /** Prints all differences, gives back those that nothing explains. */
  async function compare(transport: "tcp" | "udp", flags: readonly string[] = []) {
    const udp = transport === "udp";
    const ports = portsOf(transport).join(",");
    const asking = nmaps[transport] ?? nmapSays(ports, udp, lab.network);
    nmaps[transport] = asking;
    const nmap = await asking;
    const asked = ["127.0.0.1", "-p", udp ? `U:${ports}` : ports, ...PROBES_FILE, ...flags];
    const run = await scan(asked, lab.network);
    const ours = new Map(run.results.map((result) => [result.port, doorplateSays(result)]));
    const found = nmap.said.flatMap((said) => differences(said, ours.get(said.port)));
    const cuts = run.results.filter(({ flags: set }) => set.includes("banner-cut")).length;
    const probing = run.summary.durationMs / 1000;
    const unexplained = found.filter((one) => one.explanation === null);
    const head = `${[transport.toUpperCase(), ...flags].join(" ")}: ${nmap.said.length} ports, ${found.length} differences, ${unexplained.length} of them unexplained`;
    const times = `nmap ${nmap.seconds.toFixed(1)} s, doorplate ${run.seconds.toFixed(1)} s (${probing.toFixed(1)} s of scan), ratio ${(nmap.seconds / run.seconds).toFixed(1)}, ${cuts} banner waits cut`;
    const lines = found.map((one) => `  ${one.text}${one.explanation ? ` (${one.explanation})` : ""}`);
    console.log([head, `  ${times}`, ...lines].join("\n"));
    const rows = found.map((one) => [one.text, one.explanation ?? "**unexplained**"]);
    told.push(`### ${head}`, `${times}.`);
    if (rows.length > 0) told.push(asMarkdown({ head: ["difference", "explanation"], rows }));
    tell("The same service-probes file in both", told);
    return unexplained.map((one) => one.text);
  }

  it("says of every TCP door what Nmap says", async () => {
    expect(await compare("tcp")).toEqual([]);
  });

  it("says it, too, when asking in Nmap's own order", async () => {
    expect(await compare("tcp", ["--strict-order"])).toEqual([]);
  });

  it("says of every UDP door what Nmap says", async () => {
    expect(await compare("udp")).toEqual([]);
  });
});
