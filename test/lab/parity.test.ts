import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_CORPUS, readCorpus } from "../evaluate/corpus.ts";
import { ALL_DAEMONS } from "./daemons.ts";
import { FULL } from "./full.ts";
import { PROBES_FILE, type Transport } from "./nmap-says.ts";
import { type Compare, type Comparison, comparer, RPC_FILE } from "./parity-measure.ts";
import { serveRecorded } from "./recorded.ts";
import { asMarkdown, tell } from "./report.ts";
import { type Lab, startLab } from "./start.ts";

// The operator's own files in both: what `nmap -sV` says of every door of the wide lab, and of every answer of the corpus, we say. The files are
// Debian's (nmap-common).

/** Only these daemons, by name, while something is looked into: "nginx,redis". */
const ONLY = process.env.DOORPLATE_PARITY_ONLY?.split(",");
/** Nmap takes some six minutes over either, on a busy machine more, and is asked again where we differ. */
const LONG_MS = 40 * 60_000;

/** For docs/results.md, of both. */
const told: string[] = [];
const files = `\`${PROBES_FILE}\` and \`${RPC_FILE}\`, alone in both`;

describe.runIf(FULL && existsSync(PROBES_FILE))("with the same service-probes file", () => {
  let lab: Lab;
  let compare: Compare;
  beforeAll(async () => {
    const daemons = ALL_DAEMONS.filter(({ name }) => ONLY?.includes(name) ?? true);
    lab = await startLab(daemons, { tolerant: true });
    compare = comparer(lab);
    for (const line of lab.missing) console.log(`left out: ${line}`);
    const running = new Set(lab.doors.map(({ daemon }) => daemon)).size;
    told.push(
      `${files}, over ${lab.doors.length} doors of ${running} daemons. The tables hold the differences only.`,
      ...lab.missing.map((line) => `Left out: ${line.split("\n")[0]}`),
    );
  });
  afterAll(() => lab?.stop());

  it("says of every TCP door what Nmap says", { timeout: LONG_MS }, async () => {
    expect(await differing(compare, "tcp")).toEqual([]);
  });

  it("says of every UDP door what Nmap says", { timeout: LONG_MS }, async () => {
    expect(await differing(compare, "udp")).toEqual([]);
  });

  it("says it, too, when asking in Nmap's own order", { timeout: LONG_MS }, async () => {
    expect(await differing(compare, "tcp", "--strict-order")).toEqual([]);
  });
});

describe.runIf(FULL && existsSync(PROBES_FILE) && existsSync(DEFAULT_CORPUS))(
  "with the same service-probes file over the corpus' recorded answers",
  () => {
    let served: Awaited<ReturnType<typeof serveRecorded>>;
    let compare: Compare;
    beforeAll(async () => {
      served = await serveRecorded((await readCorpus(DEFAULT_CORPUS)).cases);
      compare = comparer(served);
      told.push(`${files}, over ${served.doors.length} doors that give the corpus' recorded answers.`);
    });
    afterAll(() => served?.stop());

    it("says of every TCP answer what Nmap says", { timeout: LONG_MS }, async () => {
      expect(await differing(compare, "tcp")).toEqual([]);
    });

    it("says of every UDP answer what Nmap says", { timeout: LONG_MS }, async () => {
      expect(await differing(compare, "udp")).toEqual([]);
    });
  },
);

/** Prints all differences, gives back those that nothing explains. */
async function differing(compare: Compare, transport: Transport, ...flags: string[]) {
  const { nmap, ours, found, ended } = await compare(transport, flags);
  const unexplained = found.filter(({ why }) => why === null);
  const head = `${[transport.toUpperCase(), ...flags].join(" ")}: ${nmap.said.length} open ports, ${found.length} differences, ${unexplained.length} of them unexplained`;
  const times = `nmap ${nmap.seconds.toFixed(1)} s, doorplate ${ours.seconds.toFixed(1)} s, ratio ${(nmap.seconds / ours.seconds).toFixed(1)}, ${ours.cuts} banner waits cut.${gone(ended)}`;
  const lines = found.map((one) => `  ${inOneLine(one)} (${one.why ?? "UNEXPLAINED"})`);
  console.log([head, `  ${times}`, ...lines].join("\n"));
  told.push(`### ${head}`, times);
  const rows = found.map((one) => [...columns(one), one.why ?? "**unexplained**"]);
  if (rows.length > 0)
    told.push(asMarkdown({ head: ["door", "field", "nmap", "doorplate", "explanation"], rows }));
  tell("The same service-probes file in both", told);
  return unexplained.map(inOneLine);
}

type Found = Comparison["found"][number];
const columns = ({ door, field, nmap, doorplate }: Found) => [door, field, nmap, doorplate];
const inOneLine = ({ door, field, nmap, doorplate }: Found) =>
  `${door} ${field}: nmap ${nmap}, doorplate ${doorplate}`;

const gone = (ended: Comparison["ended"]) =>
  Object.entries(ended)
    .filter(([, doors]) => doors.length > 0)
    .map(([who, doors]) => ` Nobody listens any more since ${who} asked: ${doors.join(", ")}.`)
    .join("");
