import { describe, expect, test } from "vitest";
import { evidenceOf } from "../../../lib/detect/probe-file/evidence.ts";
import { readEndOf } from "../../../lib/detect/probe-file/exchange.ts";
import { detectByFiles } from "../../../lib/detect/probe-file/index.ts";
import { aliasesOf, probeFilePack } from "../../../lib/detect/probe-file/replay.ts";
import { fuse } from "../../../lib/evidence/fuse.ts";
import type { Response } from "../../../lib/model/observation.ts";
import { connectionBudget } from "../../../lib/net/budget.ts";
import { tcpDialer } from "../../../lib/net/dialer.ts";
import type { Registered } from "../../../lib/protocols/types.ts";
import { tcpServer } from "../../net/servers.ts";
import { AS_USUAL, driven, packOf, smallPack } from "./files.ts";

const response = (probe: string, text: string, rest: Partial<Response> = {}): Response => ({
  probe,
  tls: false,
  data: Buffer.from(text, "latin1"),
  firstByteMs: 1,
  end: "timeout",
  connection: 0,
  ...rest,
});
const claims = (responses: Response[], pack = smallPack(), protocols: readonly Registered[] = []) =>
  probeFilePack(pack, protocols).evaluate({ responses, facts: [] });

describe("recorded responses", () => {
  test("are claimed with the file's labels, its line, and CPEs as formatted strings", () => {
    expect(claims([response("Get", "HTTP/1.0 200 OK\r\nServer: Acme/2.1\r\n")])).toEqual([
      {
        source: "Get",
        family: "http.headers",
        claim: {
          service: "http",
          product: "Acme httpd",
          version: "2.1",
          os: "Linux",
          cpe: ["cpe:2.3:a:acme:httpd:2.1:*:*:*:*:*:*:*", "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*"],
        },
        weight: 7,
        excerpt: "HTTP/1.0 200 OK..Server: Acme/2.1",
        signature: "made-up:18",
      },
    ]);
  });

  test("are read in the file's order, whatever order they come in", () => {
    const both = [
      response("Get", "HTTP/1.0 200 OK\r\nServer: Acme/2.1\r\n"),
      response("NULL", "HELLO a1\r\n"),
    ];
    expect(claims(both)[0]?.claim.product).toBe("Greeter");
    expect(claims(both.reverse())[0]?.claim.product).toBe("Greeter");
  });

  test("of one connection are matched together, of two they are not", () => {
    const nothing = response("Lines", "500 what?", { connection: 1 });
    expect(claims([response("NULL", "200 ready\r\n"), { ...nothing, connection: 0 }])[0]?.claim.product).toBe(
      "Carrier",
    );
    expect(claims([response("NULL", "200 ready\r\n"), nothing])).toEqual([]);
  });

  test("that only show TLS are claimed as ssl; with what was heard inside, as that", () => {
    const hello = response("Hello", "\x16\x03\x03");
    expect(claims([hello])[0]?.claim).toEqual({ service: "ssl" });
    const inside = response("NULL", "HELLO in\r\n", { tls: true, connection: 1 });
    expect(claims([hello, inside])[0]?.claim).toMatchObject({ service: "greet", version: "in" });
    expect(claims([inside])[0]?.claim).toMatchObject({ service: "greet", version: "in" });
  });

  test("a softmatch alone weighs less than a hard one", () => {
    const [soft] = claims([response("NULL", "220 hi")]);
    expect(soft).toMatchObject({ weight: 4, claim: { service: "ftp", info: "soft" } });
  });

  test("of our own requests count where their bytes are those of a probe", () => {
    const protocol = {
      name: "own",
      transports: ["tcp"] as const,
      speaksFirst: "client" as const,
      openers: () => [
        { probe: "own.get", data: Buffer.from("GET / HTTP/1.0\r\n\r\n") },
        { probe: "own.other", data: Buffer.from("GET /x") },
      ],
      recognise: () => null,
      facts: () => [],
    };
    const protocols = [{ protocol, services: [] }];
    expect([...aliasesOf(smallPack(), protocols)]).toEqual([["own.get", "Get"]]);
    const answer = "HTTP/1.0 200 OK\r\nServer: Acme/2.1\r\n";
    expect(claims([response("own.get", answer)], smallPack(), protocols)[0]?.claim.version).toBe("2.1");
    expect(claims([response("own.other", answer)], smallPack(), protocols)).toEqual([]);
  });

  test("of a live port say what was said live", async () => {
    const port = await tcpServer((socket) => {
      socket.write("200 ready\r\n");
      socket.on("data", () => socket.write("500 what?\r\n"));
    });
    const pack = smallPack(port);
    const live = await driven({ pack, port });
    const context = { pack, transport: "tcp" as const, port, intensity: 7 };
    const recorded = live.exchanges.map((exchange): Response => {
      const { probe, tls, data, firstByteMs, connection } = exchange;
      return { probe: probe.name, tls, data, firstByteMs, connection, end: readEndOf(exchange) };
    });
    const again = probeFilePack(pack, []).evaluate({ responses: recorded, facts: [], endpoint: context });
    expect(again).toEqual(evidenceOf(context, live.state));
    expect(again).toHaveLength(1);
  });
});

describe("the verdict from one file alone", () => {
  test("has the file's own product, version and CPEs, though the registry knows the product by another name", () => {
    const pack = packOf(
      "Probe TCP NULL q||",
      "match ssh m|^SSH-2.0-OpenSSH_(\\S+)| p/openssh/ v/$1 special/ cpe:/a:acme:other:$1/ cpe:/o:linux:linux_kernel/",
      "match http m|^W| p/nginx/ v/1.2/",
    );
    const said = (text: string) =>
      fuse({ port: 1, transport: "tcp", asked: true, evidence: claims([response("NULL", text)], pack) });
    expect(said("SSH-2.0-OpenSSH_9.9p2")).toMatchObject({
      product: "openssh",
      version: "9.9p2 special",
      cpe: ["cpe:2.3:a:acme:other:9.9p2:*:*:*:*:*:*:*", "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*"],
    });
    // The file names none: none is made up.
    expect(said("W")).toMatchObject({ product: "nginx", version: "1.2", cpe: [] });
  });
});

describe("detection by files", () => {
  const files = (pack: ReturnType<typeof smallPack>, rest = {}) => ({
    packs: [pack],
    ...AS_USUAL,
    ...rest,
  });
  const detect = (port: number, pack = smallPack(), rest = {}) => {
    const endpoint = { host: "127.0.0.1", hostname: null, port, transport: "tcp" as const };
    const dialer = tcpDialer(endpoint, connectionBudget({ total: 9, perHost: 9 }));
    const now = () => performance.now();
    return detectByFiles({
      endpoint,
      dialer,
      connection: null,
      files: files(pack, rest),
      deadline: now() + 9_000,
      now,
    });
  };

  test("leaves excluded ports alone, unless all are asked for", async () => {
    let connections = 0;
    const port = await tcpServer((socket) => {
      connections++;
      socket.end("HELLO x1\r\n");
    });
    const pack = packOf(`Exclude T:${port}`, "Probe TCP NULL q||", "match greet m|^HELLO (\\w+)| v/$1/");
    expect(await detect(port, pack)).toMatchObject({ evidence: [], flags: ["excluded-from-version-scan"] });
    expect(connections).toBe(0);
    const asked = await detect(port, pack, { allPorts: true });
    expect(asked.evidence[0]?.claim).toEqual({ service: "greet", version: "x1", cpe: [] });
  });

  test("asks a second file's questions only where the first has not asked them", async () => {
    const heard: string[] = [];
    const port = await tcpServer((socket) =>
      socket.on("data", (data) => {
        heard.push(data.toString());
        socket.end(`you said ${data}`);
      }),
    );
    const nothing = ["Probe TCP NULL q||", "totalwaitms 200"];
    const first = packOf(...nothing, "Probe TCP A q|same|", "rarity 1", "Probe TCP B q|other|", "rarity 1");
    const second = packOf(
      ...nothing,
      "Probe TCP B q|same|",
      "rarity 1",
      "match echo m|^you said (\\w+)| i/$1/",
    );
    const found = await detect(port, first, { packs: [first, second] });
    expect(found.evidence.map(({ claim }) => claim.info)).toEqual(["same"]);
    expect(heard).toEqual(["same", "other"]);
  });

  test("makes a fingerprint of the unknown at any intensity, of what was named softly from 7 on", async () => {
    const pack = packOf("Probe TCP NULL q||", "totalwaitms 200", "softmatch ftp m|^220 |");
    for (const [text, intensity, made] of [
      ["who knows", 0, true],
      ["220 hi", 6, false],
      ["220 hi", 7, true],
    ] as const) {
      const port = await tcpServer((socket) => socket.end(text));
      const { servicefp } = await detect(port, pack, { intensity });
      expect(servicefp?.startsWith(`SF-Port${port}-TCP:V=0%I=${intensity}%`) ?? false).toBe(made);
    }
  });

  test("makes a fingerprint of what nothing matched, and none of what a line knew", async () => {
    const unknown = await tcpServer((socket) => socket.end("who knows\r\n"));
    const known = await tcpServer((socket) => socket.end("HELLO x1\r\n"));
    expect((await detect(unknown)).servicefp).toMatch(/^SF-Port\d+-TCP:V=0%I=7%.*%r\(NULL,B,"who\\x20knows/);
    expect((await detect(known)).servicefp).toBeNull();
  });
});
