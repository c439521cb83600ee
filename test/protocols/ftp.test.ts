import { createServer } from "node:net";
import { expect, test } from "vitest";
import { ftp } from "../../lib/protocols/ftp.ts";
import { smtp } from "../../lib/protocols/smtp.ts";
import { converse, factMap, listening, response } from "./text-peer.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(ftp);

test("a greeting that fits FTP and SMTP is a weak hint for both, and its text is given to both", () => {
  const greeting = response("NULL", "220 Welcome to Honeywell Printer PM43c\r\n");
  expect(ftp.recognise(greeting)?.weight).toBe(2);
  expect(smtp.recognise(greeting)?.weight).toBe(2);
  expect(factMap(ftp, [greeting])["ftp.banner"]).toBe("Welcome to Honeywell Printer PM43c");
  expect(factMap(smtp, [greeting])["smtp.banner"]).toBe("Welcome to Honeywell Printer PM43c");
});

test("a later answer settles it", () => {
  const greeting = response("NULL", "220 gate ready\r\n");
  const refusal = response("ftp.syst", "530 Please login with USER and PASS.\r\n");
  expect(factMap(smtp, [greeting, refusal])).toEqual({});
  expect(factMap(ftp, [greeting, refusal])["ftp.banner"]).toBe("gate ready");
});

test("only commands that need no login are sent, QUIT last", async () => {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.write("220 small FTP server ready\r\n");
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      const line = data.toString().trim();
      heard.push(line);
      if (line === "SYST") socket.write("215 UNIX Type: L8\r\n");
      else if (line === "FEAT") socket.write("211-Features:\r\n UTF8\r\n211 End\r\n");
      else socket.end("221 Goodbye\r\n");
    });
  });
  const responses = await converse(ftp, await listening(server));
  server.close();
  expect(heard).toEqual(["SYST", "FEAT", "QUIT"]);
  expect(factMap(ftp, responses)).toMatchObject({ "ftp.syst": "UNIX Type: L8", "ftp.feat": "UTF8" });
});

test("a daemon that dies while starting is read as well", () => {
  expect(factMap(ftp, [response("NULL", "500 OOPS: vsftpd: refusing to run\r\n")])["ftp.banner"]).toBe(
    "OOPS: vsftpd: refusing to run",
  );
});
