import { expect, test } from "vitest";
import { nntp } from "../../lib/protocols/nntp.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(nntp);

test.each(["200 box NewsCache 1.2rc6, accepting NNRP commands", "200 box Papercut 0.9.13 server ready"])(
  "a server that says its own name and nothing of news is one all the same: %s",
  (greeting) => {
    const data = Buffer.from(`${greeting}\r\n`);
    const response = {
      probe: "NULL",
      tls: false,
      data,
      firstByteMs: null,
      end: "complete",
      connection: 0,
    } as const;
    expect(nntp.recognise(response)?.service).toBe("nntp");
    expect(nntp.recognise({ ...response, data: Buffer.from("200 ok\r\n") })).toBeNull();
  },
);
