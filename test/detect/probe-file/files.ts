/** Small service-probes files of our own, and what a test needs to drive them. */

import { type DriveOptions, drive } from "../../../lib/detect/probe-file/drive.ts";
import { connectionBudget } from "../../../lib/net/budget.ts";
import { tcpDialer, udpDialer } from "../../../lib/net/dialer.ts";
import { compileProbePack, loadProbePack, type ProbePack } from "../../../lib/signatures/probe-pack.ts";
import { tcpServer } from "../../net/servers.ts";

export function packOf(...lines: string[]): ProbePack {
  const { bytes, refused } = compileProbePack(lines.join("\n"), "made-up");
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
  return loadProbePack(bytes);
}

/** What the small pack's `Get` recognises. */
export const HTTP = "HTTP/1.0 200 OK\r\nServer: Acme/2.1\r\n\r\nhi";

/** Answers HTTP requests; anything else is awaited in silence. */
export const web = () =>
  tcpServer((socket) =>
    socket.on("data", (data) => {
      if (data.toString().startsWith("GET ")) socket.end(HTTP);
    }),
  );

/** A banner probe, two that ask, and TLS. Short windows, so that silence costs little. */
export function smallPack(port = 0, sslPort = 0): ProbePack {
  return packOf(
    "Exclude T:9100",
    "Probe TCP NULL q||",
    "totalwaitms 2000",
    "tcpwrappedms 1000",
    "match greet m|^HELLO (\\w+)\\r\\n| p/Greeter/ v/$1/ cpe:/a:acme:greeter:$1/a",
    "softmatch ftp m|^220 | i/soft/ h/first.example/",
    "match banner-and-help m|^200 ready\\r\\n500 what| p/Carrier/",
    "Probe TCP Lines q|\\r\\n\\r\\n|",
    "rarity 1",
    `ports ${port}`,
    "totalwaitms 700",
    "match lines m|^LINES ([\\d.]+)| p/Liner/ v/$1/",
    "Probe TCP Get q|GET / HTTP/1.0\\r\\n\\r\\n|",
    "rarity 1",
    `ports ${port}`,
    `sslports ${sslPort}`,
    "totalwaitms 900",
    "match http m|^HTTP/1\\.[01] \\d\\d\\d.*Server: Acme/([\\d.]+)|s p/Acme httpd/ v/$1/ cpe:/a:acme:httpd:$1/ o/Linux/ cpe:/o:linux:linux_kernel/a",
    "match ssl m|^\\x15\\x03| p/never seen/",
    "Probe TCP Hello q|\\x16\\x03\\0\\0\\x35\\x01\\0\\0\\x31\\x03\\x03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\0\\0\\x0a\\xc0\\x2f\\xc0\\x30\\0\\x9c\\0\\x9d\\0\\x2f\\x01\\0|",
    "rarity 1",
    `ports ${sslPort}`,
    "totalwaitms 900",
    "match ssl m|^\\x16\\x03|",
    "match ssl m|^\\x15\\x03|",
    "Probe TCP Help q|HELP\\r\\n|",
    "rarity 3",
    "totalwaitms 700",
    "fallback Get",
    "match ftp m|^214 .*(Vroom)FTP ([\\d.]+)| p/$1/ v/$2/",
    "Probe TCP Rare q|rare\\r\\n|",
    "rarity 9",
    "totalwaitms 700",
    "match rare m|^rare| p/Rarity/",
    "Probe UDP Ask q|ask|",
    "rarity 1",
    `ports ${port}`,
    "totalwaitms 600",
    "match answer m|^answer (\\w+)| p/Answerer/ v/$1/",
    "Probe UDP Other q|other|",
    "rarity 1",
    "totalwaitms 600",
    "match dtls m|^dtls|",
  );
}

/** Many probes that are registered nowhere, for servers that answer none of them; `p2` knows one answer. */
export function manyProbes(count: number, windowMs: number): ProbePack {
  return packOf(
    "Probe TCP NULL q||",
    "totalwaitms 2000",
    "tcpwrappedms 1000",
    "match greet m|^HELLO (\\w+)\\r\\n| p/Greeter/ v/$1/",
    ...Array.from({ length: count }, (_, i) => [
      `Probe TCP P${i} q|p${i}|`,
      "rarity 1",
      `totalwaitms ${windowMs}`,
      ...(i === 2 ? ["match second m|answer two\\r\\n| p/Second/"] : []),
    ]).flat(),
  );
}

/** How an operator's files are used unless told otherwise; the packs are to be added. */
export const AS_USUAL = {
  intensity: 7,
  allPorts: false,
  strictOrder: false,
  version: "0",
  platform: "test",
  wallClock: () => new Date(0),
};

const budget = connectionBudget({ total: 50, perHost: 50 });

export type Driving = Partial<Omit<DriveOptions, "context">> & {
  pack: ProbePack;
  port: number;
  transport?: "tcp" | "udp";
  intensity?: number;
};

/** Drives one port of 127.0.0.1. */
export async function driven({ pack, port, transport = "tcp", intensity = 7, ...rest }: Driving) {
  const endpoint = { host: "127.0.0.1", port };
  const dialer = transport === "tcp" ? tcpDialer(endpoint, budget) : udpDialer(endpoint, budget);
  const result = await drive({
    context: { pack, transport, port, intensity },
    dialer,
    connection: null,
    hostname: null,
    serverFirst: () => false,
    mindsCompany: () => null,
    strictOrder: false,
    deadline: performance.now() + 30_000,
    now: () => performance.now(),
    ...rest,
  });
  const probes = result.exchanges.map(({ probe }) => probe.name);
  return { ...result.state, ...result, probes };
}
