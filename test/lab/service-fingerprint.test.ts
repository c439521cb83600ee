import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serviceFingerprint, unwrapped } from "../../lib/detect/service-fingerprint.ts";
import { FULL } from "./full.ts";

// Our service fingerprint against that of the installed nmap: one server with a random banner each, which nmap -sV calls
// unknown, and what it prints for it. nmap runs with the operator's own service-probes file.

const NMAP = "/usr/bin/nmap";
const run = promisify(execFile);

/** A server that says `banner`, or with `asked` says it to everything that comes, and nothing else. */
function says(banner: Buffer, asked: boolean): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    if (asked) socket.on("data", () => socket.write(banner));
    else socket.resume().write(banner);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const unescapeXml = (text: string) =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    name ? (ENTITIES[name] ?? whole) : String.fromCharCode(Number.parseInt(hex ?? decimal, hex ? 16 : 10)),
  );

interface Printed {
  /** With line breaks, from normal output. */
  normal: string;
  /** Without, from XML. */
  xml: string;
}

/** What nmap prints for each port, in one run. */
async function nmapFingerprints(ports: number[], intensity: number): Promise<Map<number, Printed>> {
  const folder = mkdtempSync(join(tmpdir(), "doorplate-sf-"));
  const file = join(folder, "scan.xml");
  const args = [
    "-sV",
    "-Pn",
    "-n",
    "--version-intensity",
    `${intensity}`,
    "-p",
    ports.join(","),
    "-oX",
    file,
  ];
  const { stdout } = await run(NMAP, [...args, "127.0.0.1"], { maxBuffer: 1 << 24, encoding: "latin1" });
  const xml = readFileSync(file, "latin1");
  rmSync(folder, { recursive: true });
  const printed = new Map<number, Printed>();
  for (const [text] of xml.matchAll(/<port [\s\S]*?<\/port>/g)) {
    const port = Number(/portid="(\d+)"/.exec(text)?.[1]);
    printed.set(port, {
      normal: new RegExp(`^SF-Port${port}-[\\s\\S]*?;$`, "m").exec(stdout)?.[0] ?? "",
      xml: unescapeXml(/servicefp="([^"]*)"/.exec(text)?.[1] ?? ""),
    });
  }
  return printed;
}

/** Version, day, time and platform of a fingerprint, which only nmap can know. */
function stamp(text: string) {
  const [, version = "", month, day, time = "0", platform = ""] =
    /:V=(.*?)%I=\d%D=(\d+)\/(\d+)%Time=([\dA-F]+)%P=(.*?)%r\(/.exec(text) ?? [];
  const date = new Date(Number.parseInt(time, 16) * 1000);
  expect([date.getMonth() + 1, date.getDate()]).toEqual([Number(month), Number(day)]);
  return { version, platform, date };
}

/** Bytes that no signature is written for: a rare beginning, then anything. */
function randomBanner(length: number, seed: number): Buffer {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) & 0xff;
  };
  const head = Buffer.from("\x11~q\x91", "latin1");
  return Buffer.concat([head, Buffer.from(Array.from({ length: length - head.length }, next))]);
}

const punctuation = Buffer.from(
  `\x11~q\x001\x00A\xff\t Q\\?"[]().*+$^|{}<>#\x7f~!\r\nzz\`'@&%=_-,;:/ \x00\x009\x00`,
  "latin1",
);

// At most 9: nmap prints no more for one host.
const banners: Record<string, Buffer> = {
  "every kind of byte": punctuation,
  "spaces, where escapes break": Buffer.from(`\x11~q${" ".repeat(333)}`, "latin1"),
  "NULs and digits at the cut": Buffer.from(`\x11~q${"\x007".repeat(600)}`, "latin1"),
  "one byte": Buffer.from([0x11]),
  "900 bytes": randomBanner(900, 5),
  "901 bytes": randomBanner(901, 6),
  "4,000 bytes": randomBanner(4000, 7),
  "74 random bytes": randomBanner(74, 2),
  "300 random bytes": randomBanner(300, 3),
};

describe.runIf(FULL && existsSync(NMAP))(`against ${NMAP}`, () => {
  const servers: Server[] = [];
  let greeted: Map<number, Printed>;
  let answered: Printed;
  const reply = randomBanner(420, 9);

  beforeAll(async () => {
    for (const banner of Object.values(banners)) servers.push(await says(banner, false));
    servers.push(await says(reply, true));
    const ports = servers.map(portOf);
    greeted = await nmapFingerprints(ports.slice(0, -1), 0);
    answered = (await nmapFingerprints(ports.slice(-1), 7)).get(ports.at(-1) ?? 0) ?? { normal: "", xml: "" };
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  const ours = (port: number, intensity: number, text: string, data: Buffer, more: string[] = []) =>
    serviceFingerprint({
      port,
      transport: "tcp",
      tls: false,
      intensity,
      ...stamp(text),
      entries: [...entriesOf(text), ...more].map((probe) => ({ probe, data })),
    }) ?? "";

  test.each(Object.entries(banners).map(([name, banner], index) => ({ name, banner, index })))(
    "a banner: $name",
    ({ banner, index }) => {
      const port = portOf(servers[index]!);
      const { normal, xml } = greeted.get(port)!;
      expect(normal).toContain(`SF-Port${port}-TCP`);
      expect(ours(port, 0, unwrapped(normal), banner)).toBe(normal);
      expect(unwrapped(ours(port, 0, xml, banner))).toBe(xml);
    },
  );

  test("answers to probes: none is begun above the limit", () => {
    const port = portOf(servers.at(-1)!);
    const { normal, xml } = answered;
    expect(entriesOf(xml).length).toBeGreaterThan(1);
    // More were answered than are shown.
    const more = ["One", "Two", "Three"];
    expect(ours(port, 7, xml, reply, more)).toBe(normal);
  });
});

/** The probes of a fingerprint, each answered by the same bytes. */
function entriesOf(text: string): string[] {
  return [...text.matchAll(/%r\((\w+),[\dA-F]+,"/g)].map(([, probe = ""]) => probe);
}
