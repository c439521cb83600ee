import { existsSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { matchResponse } from "../../lib/signatures/evaluate-probes.ts";
import { freshBudget } from "../../lib/signatures/pattern.ts";
import { compileProbePack, loadProbePack } from "../../lib/signatures/probe-pack.ts";
import { tell } from "./report.ts";

// Debian's own file, which is the operator's: counted and timed, never copied.

const FILE = process.env.NMAP_SERVICE_PROBES ?? "/usr/share/nmap/nmap-service-probes";
/** A prober's cold start may spend this on a pack, ms and MiB (DESIGN section 3). */
const LOAD_MS = 300;
const LOAD_MIB = 60;
/** What the most common servers greet with: named again and again, by patterns that are compiled already. */
const BANNERS = [
  "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
  "220 (vsFTPd 3.0.3)\r\n",
  "220 mail.example.com ESMTP Postfix (Debian/GNU)\r\n",
  "+OK Dovecot (Debian) ready.\r\n",
  "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS LOGINDISABLED] Dovecot (Debian) ready.\r\n",
];
const ROUNDS = 2_000;

describe.runIf(existsSync(FILE))("Debian's service-probes file", () => {
  const compiled = compileProbePack(readFileSync(FILE, "latin1"), "nmap-service-probes");

  it("loses nothing", () => {
    expect(compiled.refused).toEqual([]);
    expect(compiled.counts).toEqual({ probes: 148, matches: 11_721, softmatches: 196 });
  });

  it("loads within a cold start's share of time and memory", () => {
    const before = process.memoryUsage().rss;
    const began = performance.now();
    const pack = loadProbePack(compiled.bytes);
    const ms = performance.now() - began;
    const name = (banner = "") => pack.nullProbe && matchResponse(pack.nullProbe, banner, freshBudget());
    const found = name(BANNERS[0]);
    const first = performance.now() - began;
    const mib = (process.memoryUsage().rss - before) / 2 ** 20;
    // Processor time: what else runs here does not count.
    const rounds = (count: number) => {
      const start = process.cpuUsage();
      for (let i = 0; i < count; i++) for (const banner of BANNERS) name(banner);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000 / count / BANNERS.length;
    };
    rounds(ROUNDS);
    const warm = rounds(ROUNDS);
    const line = `${compiled.bytes.length} bytes; loaded in ${ms.toFixed(0)} ms, first banner named after ${first.toFixed(0)} ms, ${mib.toFixed(0)} MiB; warm, ${warm.toFixed(3)} ms of processor time for each of ${BANNERS.length} common greetings`;
    console.log(line);
    tell("Loading a service-probes file", [`Debian's \`${FILE}\`, compiled: ${line}.`]);
    expect(found?.fields.product).toBe("OpenSSH");
    expect(first).toBeLessThan(LOAD_MS);
    expect(mib).toBeLessThan(LOAD_MIB);
  });
});
