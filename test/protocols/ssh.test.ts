import { generateKeyPairSync } from "node:crypto";
import type { Server as TcpServer } from "node:net";
import ssh2 from "ssh2";
import { expect, test } from "vitest";
import { ssh } from "../../lib/protocols/ssh.ts";
import { parseIdentification } from "../../lib/protocols/ssh-packet.ts";
import { converse, factMap, listening, response } from "./text-peer.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(ssh);

test("a real ssh2 server tells its software and its KEXINIT, and is left without an error", async () => {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const server = new ssh2.Server({ hostKeys: [privateKey], ident: "ssh2js1.17.0srv" });
  const problems: Error[] = [];
  server.on("connection", (client) => client.on("error", (error) => problems.push(error)));
  const port = await listening(server as unknown as TcpServer);
  const responses = await converse(ssh, port);
  server.close();
  const facts = factMap(ssh, responses);
  expect(facts["ssh.banner"]).toBe("ssh2js1.17.0srv");
  expect(facts["ssh.protocol"]).toBe("2.0");
  expect(facts["ssh.hassh"]).toMatch(/^[0-9a-f]{32}$/);
  expect(facts["ssh.hostKeyAlgorithms"]).toContain("rsa-sha2-256");
  expect(problems.map((problem) => problem.message).filter((text) => !/reset|ended/i.test(text))).toEqual([]);
});

test("a page that quotes an SSH banner is not SSH", () => {
  expect(ssh.recognise(response("http.get", "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2p1\r\n"))).toBeNull();
});

test("a greeting whose line never ends is still read", () => {
  expect(parseIdentification(Buffer.from("SSH-2.0-OpenSSH_9.9"))).toMatchObject({ software: "OpenSSH_9.9" });
});
