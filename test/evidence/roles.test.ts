import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { interpret } from "../../lib/detect/interpret.ts";
import { probeFilePack } from "../../lib/detect/probe-file/replay.ts";
import { fuse } from "../../lib/evidence/fuse.ts";
import type { Response } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { builtinPack } from "../../lib/signatures/builtin/index.ts";
import { compileProbePack, loadProbePack } from "../../lib/signatures/probe-pack.ts";
import type { Pack } from "../../lib/signatures/types.ts";

// Answers of nginx 1.22.1, Apache 2.4.71, Varnish 7.1 and haproxy of Debian 12 to our two requests, recorded on loopback.
const recorded = new Map(
  readFileSync(new URL("vectors/several-products.jsonl", import.meta.url), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { id: string; responses: { probe: string; data_b64: string }[] })
    .map(({ id, responses }) => [
      id,
      responses.map(({ probe, data_b64 }) => said(probe, data_b64, "base64")),
    ]),
);
const builtin = builtinPack();

function said(probe: string, text: string, encoding: BufferEncoding = "latin1"): Response {
  return { probe, tls: false, data: Buffer.from(text, encoding), firstByteMs: 1, end: "eof", connection: 0 };
}

function verdictOn(responses: readonly Response[], packs: readonly Pack[] = [builtin]) {
  const { evidence } = interpret({ protocols, packs }, responses, null, [], { transport: "tcp", port: 8080 });
  return fuse({ port: 8080, transport: "tcp", asked: true, evidence });
}

const answersOf = (id: string) => recorded.get(id)!;
const page = (probe: string, status: string, fields: string[], body: string) =>
  said(
    probe,
    `HTTP/1.1 ${status}\r\n${[...fields, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`,
  );
const nginxError =
  "<html><body><center><h1>404 Not Found</h1></center><hr><center>nginx</center></body></html>";

describe("a Server field that another server's error page contradicts", () => {
  const honest = verdictOn(answersOf("nginx alone"));
  const forged = verdictOn(answersOf("nginx behind haproxy that sets Server: Microsoft-IIS/10.0"));

  test("does not name the product: what the server does is harder to fake than what it says", () => {
    expect(forged).toMatchObject({ service: "http", product: "nginx", version: "1.22.1" });
  });

  test("is a conflict that names both and the signature that disagrees", () => {
    expect(forged.conflicts).toEqual([
      {
        field: "product",
        claimed: "nginx",
        against: "Microsoft IIS",
        signatures: ["builtin:http.server/iis"],
      },
    ]);
    expect(forged.technologies.map(({ name }) => name)).not.toContain("Microsoft IIS");
  });

  test("lowers the confidence", () => {
    expect(honest.conflicts).toEqual([]);
    expect(forged.confidence).toBeLessThan(honest.confidence - 0.03);
    expect(forged.confidence).toBeGreaterThan(0.5);
  });

  test.each(["Apache/2.4.57 (Debian)", "Microsoft-IIS/10.0", "lighttpd/1.4.69", "Jetty(9.4.51)"])(
    "%s",
    (server) => {
      const fields = [`Server: ${server}`, "Content-Type: text/html"];
      const verdict = verdictOn([
        page("http.get", "200 OK", fields, "<p>hello</p>"),
        page("http.404", "404 Not Found", fields, nginxError),
      ]);
      expect(verdict.product).toBe("nginx");
      expect(verdict.conflicts).toMatchObject([{ field: "product", claimed: "nginx" }]);
    },
  );
});

describe("two products that are both true", () => {
  test.each([
    ["nginx before Apache httpd", "nginx", "Apache httpd"],
    ["Varnish before Apache httpd", "Varnish Cache", "Apache httpd"],
    ["nginx before an Express application titled Grafana", "nginx", "Express"],
    ["nginx before an Express application titled Grafana", "nginx", "Grafana"],
  ])("%s: %s answers on the port, %s is behind it", (id, front, behind) => {
    const verdict = verdictOn(answersOf(id));
    expect(verdict).toMatchObject({ product: front, conflicts: [] });
    expect(verdict.technologies.map(({ name }) => name)).toContain(behind);
    expect(verdict.confidence).toBeGreaterThan(0.9);
  });

  test("nginx before Tomcat: the error page is Tomcat's, with its version", () => {
    const fields = ["Server: nginx/1.22.1", "Content-Type: text/html"];
    const tomcat = "<h1>HTTP Status 404 – Not Found</h1><hr><h3>Apache Tomcat/10.1.6</h3>";
    const verdict = verdictOn([
      page("http.get", "404 Not Found", fields, tomcat),
      page("http.404", "404 Not Found", fields, tomcat),
    ]);
    expect(verdict).toMatchObject({ product: "nginx", version: "1.22.1", conflicts: [] });
    expect(verdict.technologies).toContainEqual(
      expect.objectContaining({ name: "Apache Tomcat", version: "10.1.6" }),
    );
  });

  test("neither loses what only the other says: Apache alone has no technology of its own name", () => {
    const alone = verdictOn(answersOf("Apache httpd alone"));
    expect(alone).toMatchObject({
      product: "Apache httpd",
      version: "2.4.71",
      technologies: [],
      conflicts: [],
    });
  });
});

describe("two packs over the same bytes", () => {
  const file = (line: string) =>
    probeFilePack(
      loadProbePack(
        compileProbePack(
          `Probe TCP GetRequest q|GET / HTTP/1.0\\r\\n\\r\\n|\nports 8080\n${line}\n`,
          "probes",
        ).bytes,
      ),
      protocols,
    );
  const answer = [said("GetRequest", "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 0\r\n\r\n")];
  const header = file(
    "match http m|^HTTP/1\\.[01] \\d\\d\\d .*\\r\\nServer: nginx/([\\d.]+)|s p/nginx/ v/$1/",
  );

  test("are one witness", () => {
    const both = interpret({ protocols, packs: [builtin, header] }, answer, null, [], {
      transport: "tcp",
      port: 8080,
    }).evidence.filter(({ claim }) => claim.product);
    expect(both.map(({ signature }) => signature.split(":")[0]).sort()).toEqual(["builtin", "probes"]);
    expect(new Set(both.map(({ family }) => family))).toEqual(new Set(["http.headers"]));
    expect(verdictOn(answer, [builtin, header]).confidence).toBe(verdictOn(answer).confidence);
  });

  test("are two when the second reads the page", () => {
    const shown = [
      said("GetRequest", "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 16\r\n\r\n<p>Nginx rocks</p>"),
    ];
    const body = file("match http m|^HTTP/1\\.[01] 200 .*\\r\\n\\r\\n<p>Nginx|s p/nginx/");
    const { evidence } = interpret({ protocols, packs: [body] }, shown, null, [], {
      transport: "tcp",
      port: 8080,
    });
    expect(evidence.filter(({ claim }) => claim.product).map(({ family }) => family)).toEqual(["http.body"]);
  });
});

// Answers of the lab's pairs and impostors (test/lab/daemons/wide/fronts.ts and impostors.ts) on Debian 12.
function vectors(name: string) {
  return new Map(
    readFileSync(new URL(`vectors/${name}.jsonl`, import.meta.url), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Recorded)
      .map(({ id, transport = "tcp", responses }) => [
        id,
        { transport, responses: responses.map(({ probe, data_b64 }) => said(probe, data_b64, "base64")) },
      ]),
  );
}
interface Recorded {
  id: string;
  transport?: "tcp" | "udp";
  responses: { probe: string; data_b64: string }[];
}

describe("who refuses a line that is no request", () => {
  const pairs = vectors("fronts");
  const verdict = (id: string) => verdictOn(pairs.get(id)!.responses);

  test.each([
    ["haproxy before nginx", "HAProxy", "nginx"],
    ["haproxy before Apache", "HAProxy", "Apache httpd"],
    ["haproxy before an application as IIS", "HAProxy", "Microsoft IIS"],
    ["Apache before python", "Apache httpd", "SimpleHTTPServer"],
    ["Apache before nginx", "Apache httpd", "nginx"],
    ["caddy before nginx", "Caddy", "nginx"],
  ])("%s: %s answers on the port, and %s is behind it", (id, front, behind) => {
    const { product, technologies, conflicts, confidence } = verdict(id);
    expect({ product, conflicts }).toEqual({ product: front, conflicts: [] });
    expect(technologies.map(({ name }) => name)).toContain(behind);
    expect(confidence).toBeGreaterThan(0.9);
  });

  test.each([
    ["haproxy as IIS", "HAProxy", "Microsoft IIS"],
    ["tomcat as nginx", "Apache Tomcat", "nginx"],
    ["apache as nginx", "Apache httpd", "nginx"],
    ["python as nginx", "SimpleHTTPServer", "nginx"],
  ])("%s: %s is named, %s is a conflict, and nobody is sure", (id, claimed, against) => {
    const { conflicts, confidence, os } = verdict(id);
    expect(conflicts).toMatchObject([{ field: "product", claimed, against }]);
    expect(confidence).toBeLessThanOrEqual(0.88);
    expect(os).not.toBe("Windows");
  });
});

describe("a greeting in another's name", () => {
  const recordings = vectors("impostors");
  const verdict = (id: string) => {
    const { transport, responses } = recordings.get(id)!;
    const endpoint = { transport, port: 8080 };
    const { evidence } = interpret({ protocols, packs: [builtin] }, responses, null, [], endpoint);
    return fuse({ ...endpoint, asked: true, evidence });
  };

  test.each([
    ["dovecot as courier", "Dovecot", "Courier Imapd"],
    ["dovecot as cyrus", "Dovecot", "Cyrus IMAP"],
    ["unbound as BIND", "Unbound", "BIND"],
    ["mariadb as MySQL", "MariaDB", "MySQL"],
    ["paramiko as OpenSSH", "Paramiko", "OpenSSH"],
    ["paramiko as Cisco", "Paramiko", "Cisco SSH"],
    ["conch as RouterOS", "Twisted Conch", "MikroTik"],
    ["twisted as OpenSSH", "Twisted Conch", "OpenSSH"],
    ["exim as postfix", "Exim", "Postfix"],
    ["proftpd as IIS", "ProFTPD", "Microsoft ftpd"],
  ])("%s: what it does names %s, and %s is a conflict", (id, claimed, against) => {
    const { conflicts, confidence } = verdict(id);
    expect(conflicts).toMatchObject([{ field: "product", claimed, against }]);
    expect(confidence).toBeLessThanOrEqual(0.88);
  });

  test("with nothing behind it is believed less than one that goes on as its kind does", () => {
    expect(verdict("openssh").confidence).toBeGreaterThan(0.97);
    expect(verdict("ssh by honeypot")).toMatchObject({ service: "ssh", product: "OpenSSH" });
    expect(verdict("ssh by honeypot").confidence).toBeLessThan(0.9);
  });
});
