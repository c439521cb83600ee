import { describe, expect, test } from "vitest";
import { dns } from "../../lib/protocols/dns.ts";
import { parseMessage } from "../../lib/protocols/dns-message.ts";
import { context, recorded, respond } from "./recorded.ts";

recorded(dns);

const ask = (transport: "tcp" | "udp") => {
  const [first] = dns.openers(context(53, { transport }));
  if (!first) throw new Error("no opener");
  return first;
};

describe("dns", () => {
  test("the opener is one whole question for version.bind in the CHAOS class", () => {
    const message = parseMessage(ask("udp").data);
    expect(message).toMatchObject({ response: false, whole: true, answers: [] });
    expect(message?.questions).toEqual([{ name: "version.bind", type: 16, class: 3 }]);
  });

  test("over TCP the same message has its length in front, and an answer is whole when that many bytes came", () => {
    const [udp, tcp] = [ask("udp"), ask("tcp")];
    expect(Buffer.from(tcp.data).readUInt16BE(0)).toBe(udp.data.length);
    expect(tcp.data.subarray(2)).toEqual(udp.data);
    expect(tcp.probe).not.toBe(udp.probe);
    expect(tcp.complete?.(new Uint8Array([0, 4, 1, 2, 3]))).toBe(false);
    expect(tcp.complete?.(new Uint8Array([0, 4, 1, 2, 3, 4]))).toBe(true);
  });

  test("a name that points forward or at itself is not followed", () => {
    const header = [0x44, 0x50, 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for (const pointer of [12, 13, 40]) {
      const data = new Uint8Array([...header, 0xc0, pointer, 0, 16, 0, 3]);
      expect(parseMessage(data)).toBeNull();
      expect(dns.recognise(respond(data, "dns.versionBind"))).toBeNull();
    }
  });
});
