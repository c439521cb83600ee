import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writerFor } from "../../lib/report/index.ts";
import { closed, emptySummary, hostile, result, summary, udpGuess, write } from "../report/sample.ts";

// Our Nmap XML against Nmap's own DTD, by xmllint (libxml2-utils). The DTD is the operator's (package nmap-common,
// or NMAP_DTD names it); it is not in this repository.

const DTD = process.env.NMAP_DTD ?? "/usr/share/nmap/nmap.dtd";

describe("Nmap XML is valid against nmap.dtd", () => {
  let folder: string;
  beforeAll(() => {
    expect(existsSync(DTD), `${DTD}: install nmap-common or set NMAP_DTD`).toBe(true);
    folder = mkdtempSync(join(tmpdir(), "doorplate-xml-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** xmllint's complaints about a document; empty when it is valid. */
  function complaints(text: string): string {
    const file = join(folder, "report.xml");
    writeFileSync(file, text);
    try {
      execFileSync("xmllint", ["--noout", "--nonet", "--dtdvalid", DTD, file], { stdio: "pipe" });
      return "";
    } catch (error) {
      return String((error as { stderr?: Buffer }).stderr ?? error);
    }
  }

  const ports = [
    { transport: "tcp", count: 1000, list: "1-1000" },
    { transport: "udp", count: 1, list: "53" },
  ] as const;
  const scripted = result({
    port: 8080,
    scripts: [{ id: "http-title", output: "" }],
    servicefp: "SF-Port8080",
  });

  it.each([
    ["an empty scan", write(writerFor("xml"), [], emptySummary)],
    ["one host", write(writerFor("xml"), [result({ tls: true }), scripted], summary(), { ports })],
    [
      "several hosts, IPv6, UDP and a name",
      write(
        writerFor("xml"),
        [result({ hostname: "www.example.com" }), udpGuess, closed],
        summary({ addresses: 3 }),
      ),
    ],
    ["every endpoint", write(writerFor("xml"), [result(), closed], summary(), { showAll: true })],
    [
      "hostile text",
      write(writerFor("xml"), [hostile], summary({ status: "incomplete", cause: "deadline" })),
    ],
  ])("%s", (_name, text) => {
    expect(complaints(text)).toBe("");
  });

  it("and xmllint would say so if it were not", () => {
    const broken = write(writerFor("xml"), [result()]).replace('conf="10"', 'conf="11"');
    expect(complaints(broken)).toContain("conf");
  });
});
