import { describe, expect, test } from "vitest";
import { begin, next } from "../../../lib/detect/probe-file/machine.ts";
import type { PortContext, PortEvent, Step } from "../../../lib/detect/probe-file/state.ts";
import type { ProbePack } from "../../../lib/signatures/probe-pack.ts";
import { packOf, smallPack } from "./files.ts";

// Event by event, without a socket: sections 4 to 9 of spec/version-detection.md.

const data = (text: string): PortEvent => ({ type: "data", data: Buffer.from(text, "latin1") });
const window: PortEvent = { type: "window" };
const eof = (elapsedMs: number): PortEvent => ({ type: "eof", elapsedMs });
const reset = (elapsedMs: number): PortEvent => ({ type: "reset", elapsedMs });

function on(pack: ProbePack, rest: Partial<PortContext> = {}) {
  const context: PortContext = { pack, transport: "tcp", port: 1, intensity: 7, ...rest };
  return (...events: PortEvent[]): Step =>
    events.reduce((step, event) => next(context, step.state, event), begin(context));
}
/** Names of the probes sent when every one is met by `event`. */
function order(pack: ProbePack, rest: Partial<PortContext> = {}, first?: PortEvent): string[] {
  const context: PortContext = { pack, transport: "tcp", port: 1, intensity: 7, ...rest };
  const names: string[] = [];
  let step = begin(context);
  while (step.action.type !== "finish") {
    if (step.action.type === "send") names.push(step.action.probe.name);
    const event: PortEvent = names.length === 1 && first && step.action.type === "send" ? first : window;
    step = next(context, step.state, event);
  }
  return names;
}

describe("selection", () => {
  const lines = (name: string, ...more: string[]) => [
    `Probe TCP ${name} q|${name}|`,
    ...more,
    `match ${name} m|^${name}|`,
  ];
  const pack = packOf(
    "Probe TCP NULL q||",
    "softmatch b m|^soft b|",
    ...lines("a", "rarity 1", "ports 90"),
    ...lines("b", "rarity 8"),
    ...lines("c", "rarity 9", "ports 70,80-82", "sslports 443"),
    ...lines("d", "rarity 7", "ports 443", "sslports 443"),
    "Probe UDP u q|u|",
    "rarity 1",
    "ports 80",
    "match u m|^u|",
  );

  test("NULL, registered probes whatever their rarity, then the others up to the intensity", () => {
    expect(order(pack, { port: 80 })).toEqual(["NULL", "c", "a", "d"]);
    expect(order(pack, { port: 90 })).toEqual(["NULL", "a", "d"]);
    expect(order(pack, { port: 5 })).toEqual(["NULL", "a", "d"]);
  });

  test("a probe that says no rarity is asked at intensity 5, not at 4, and not after a soft match of another's service", () => {
    const plain = packOf("Probe TCP NULL q||", "softmatch b m|^soft b|", "Probe TCP a q|a|");
    expect(order(plain, { intensity: 5 })).toEqual(["NULL", "a"]);
    expect(order(plain, { intensity: 4 })).toEqual(["NULL"]);
    expect(order(plain, { intensity: 5 }, data("soft b"))).toEqual(["NULL"]);
  });

  test("intensity 0 still asks NULL and registered probes; 9 asks all", () => {
    expect(order(pack, { port: 80, intensity: 0 })).toEqual(["NULL", "c"]);
    expect(order(pack, { port: 80, intensity: 9 })).toEqual(["NULL", "c", "a", "b", "d"]);
  });

  test("inside TLS the other list of ports holds; a port in both is registered in both", () => {
    expect(order(pack, { port: 443 })).toEqual(["NULL", "d", "a"]);
    const context = { pack, transport: "tcp" as const, port: 443, intensity: 7 };
    const inside = begin(context, true);
    const second = next(context, inside.state, window);
    expect(inside.action).toMatchObject({ type: "send", tls: true });
    expect(second.action).toMatchObject({ probe: { name: "c" } });
    expect(next(context, second.state, window).action).toMatchObject({ probe: { name: "d" } });
  });

  test("after a soft match only probes that know its service are left, however rare, unless everything was asked for", () => {
    expect(order(pack, { port: 80 }, data("soft b"))).toEqual(["NULL", "b"]);
    expect(order(pack, { port: 80, intensity: 8 }, data("soft b"))).toEqual(["NULL", "b"]);
    expect(order(pack, { port: 80, intensity: 9 }, data("soft b"))).toEqual(["NULL", "c", "a", "b", "d"]);
  });

  test("UDP has no NULL and no TCP probe", () => {
    expect(order(pack, { transport: "udp" })).toEqual(["u"]);
  });
});

describe("tcpwrapped", () => {
  const pack = smallPack();
  const given = on(pack);

  test("a silent close before the limit is wrapped, one after it asks on", () => {
    expect(given(eof(999)).state.final).toBe("tcpwrapped");
    expect(given(reset(999)).state.final).toBe("tcpwrapped");
    expect(given(eof(1_000)).action).toMatchObject({ type: "send", probe: { name: "Lines" }, reuse: false });
  });

  test("a port that closes on every probe is wrapped in the end, even if NULL took long", () => {
    expect(given(eof(1_500), eof(0), eof(0), eof(0), eof(0)).state.final).toBe("tcpwrapped");
  });

  test("one window that expired, or one byte, prevents it", () => {
    expect(given(window, eof(0), eof(0), eof(0), eof(0)).state.final).toBe("no-match");
    expect(given(eof(1_500), data("?"), eof(0), eof(0), eof(0), eof(0)).state.final).toBe("no-match");
  });

  test("a connection that fails at once is wrapped, one that fails after an answer is incomplete", () => {
    expect(given({ type: "connect-failed" }).state.final).toBe("tcpwrapped");
    expect(given(window, { type: "connect-failed" }).state.final).toBe("incomplete");
    expect(given(window, { type: "cancelled" }).state.final).toBe("incomplete");
  });
});

describe("the connection that NULL listened on", () => {
  const given = on(smallPack());

  test("is reused after its window, and its bytes stay in the buffer", () => {
    const step = given(data("200 ready\r\n"), window);
    expect(step.action).toMatchObject({ type: "send", reuse: true });
    expect(Buffer.from(step.state.buffer).toString()).toBe("200 ready\r\n");
  });

  test("is reused after 4096 bytes, not after 4095", () => {
    expect(given(data("x".repeat(4_095))).action).toEqual({ type: "read" });
    const full = given(data("x".repeat(4_095)), data("x"));
    expect(full.action).toMatchObject({ type: "send", reuse: true });
    expect(full.state.entries).toMatchObject([{ probe: "NULL" }]);
    // The buffer is full already: whatever the next probe brings ends it, too, and starts afresh.
    const second = on(smallPack())(data("x".repeat(4_096)), data("y"));
    expect(second.action).toMatchObject({ type: "send", reuse: false });
    expect(second.state.buffer).toHaveLength(0);
  });

  test("is not reused after a close: the next buffer begins empty", () => {
    const step = given(data("200 ready\r\n"), eof(10));
    expect(step.action).toMatchObject({ type: "send", reuse: false });
    expect(step.state.buffer).toHaveLength(0);
    expect(step.state.entries).toMatchObject([{ probe: "NULL" }]);
  });

  test("of any other probe is not reused", () => {
    expect(given(window, window).action).toMatchObject({ type: "send", reuse: false });
  });

  test("leaves an entry of the fingerprint for each probe that was answered, and none for silence", () => {
    const { entries } = given(data("200 ready\r\n"), window, window, window, data("x"), eof(0)).state;
    expect(entries.map(({ probe, data: all }) => [probe, Buffer.from(all).toString()])).toEqual([
      ["NULL", "200 ready\r\n"],
      ["Lines", "200 ready\r\n"],
      ["Hello", "x"],
    ]);
  });

  test("that was reset leaves no entry of the fingerprint", () => {
    expect(given(data("200 ready\r\n"), reset(10)).state.entries).toEqual([]);
  });
});

test("the first probe goes out on a connection of its own, and what comes after the end changes nothing", () => {
  const pack = smallPack();
  expect(begin({ pack, transport: "tcp", port: 1, intensity: 7 }).action).toMatchObject({ reuse: false });
  const given = on(pack);
  expect(given(data("HELLO a1\r\n"), eof(0), window)).toEqual(given(data("HELLO a1\r\n")));
});

describe("matches", () => {
  const pack = packOf(
    "Probe TCP NULL q||",
    "softmatch ftp m|^220 | i/soft info/ h/soft.example/ cpe:/a:soft:soft/ cpe:/o:soft:os/",
    "match never m|^220 hard| p/Shadowed/",
    "softmatch other m|^220 more|",
    "match ssl/http m|^TLS-http| p/Inside/",
    "match ssl m|^TLS|",
    "Probe TCP Ask q|ask|",
    "rarity 1",
    "match smtp m|^220 .*answer (\\d)|s p/Mailer/ v/$1/ i/hard info/ cpe:/a:hard:mailer:$1/",
    "match ftp m|unused|",
  );
  const given = on(pack);

  test("an earlier softmatch hides later hard lines", () => {
    const step = given(data("220 hard"));
    expect(step).toMatchObject({ action: { type: "read" }, state: { service: "ftp", soft: true } });
  });

  test("a further softmatch changes nothing, and is told once if it names another service", () => {
    expect(given(data("220 "), data("more")).state).toMatchObject({ service: "ftp", flags: [] });
    const two = packOf("Probe TCP NULL q||", "softmatch other m|^220 more|", "softmatch ftp m|^220 |");
    const { state } = on(two)(data("220 "), data("more"), data("!"));
    expect(state).toMatchObject({
      service: "ftp",
      hits: [{ service: "ftp" }],
      flags: ["soft-matches-differ"],
    });
  });

  test("a hard match may rename the service; soft fields survive where it says nothing", () => {
    // The line stands below NULL's in the fallback array, so it is Ask's own lines that see it first.
    const { state } = given(data("220 hi\r\n"), window, data("answer 7"));
    expect(state).toMatchObject({
      final: "hard",
      service: "smtp",
      soft: false,
      fields: { product: "Mailer", version: "7", info: "hard info", hostname: "soft.example" },
    });
    expect(state.fields.cpe).toEqual(["cpe:/a:hard:mailer:7", "cpe:/o:soft:os"]);
  });

  test("each field is the hard match's where it has one, else the soft one's; a CPE by its part", () => {
    const soft = "p/P/ v/V/ i/I/ h/H/ o/O/ d/D/ cpe:/o:soft:o/ cpe:/h:soft:h/";
    const kept = { product: "P", version: "V", info: "I", hostname: "H", os: "O", device: "D" };
    for (const [key, field] of [
      ["p", "product"],
      ["v", "version"],
      ["i", "info"],
      ["h", "hostname"],
      ["o", "os"],
      ["d", "device"],
    ] as const) {
      const two = packOf(
        "Probe TCP NULL q||",
        `softmatch x m|^soft| ${soft}`,
        "Probe TCP Ask q|ask|",
        `match x m|hard| ${key}/new/ cpe:/a:hard:a/ cpe:/h:hard:h/`,
      );
      const { fields } = on(two)(data("soft"), eof(0), data("hard")).state;
      expect(fields).toEqual({
        ...kept,
        [field]: "new",
        cpe: ["cpe:/a:hard:a", "cpe:/h:hard:h", "cpe:/o:soft:o"],
      });
    }
  });

  test("dtls over UDP is as far as it goes: TLS is there, and who speaks it is not known", () => {
    const udp = on(packOf("Probe UDP A q|a|", "match dtls m|^dtls|", "Probe UDP B q|b|"), {
      transport: "udp",
    });
    expect(udp(data("dtls"))).toMatchObject({
      action: { type: "finish" },
      state: { final: "incomplete", service: null, tunnel: true, flags: ["dtls-unsupported"] },
    });
  });

  test("a softmatch alone is the verdict when nothing else comes", () => {
    expect(given(data("220 hi"), window, window).state).toMatchObject({ final: "soft", service: "ftp" });
  });

  test("ssl/http is TLS without TLS being begun", () => {
    const { state, action } = given(data("TLS-http"));
    expect([state.final, state.service, state.tunnel, action.type]).toEqual(["hard", "http", true, "finish"]);
  });

  test("ssl begins again inside: NULL first, nothing kept", () => {
    const { state, action } = given(data("220 hi"), window, data("x"), eof(0));
    expect(action.type).toBe("finish");
    expect(state.tunnel).toBe(false);
    const inside = given(data("TLS"));
    expect(inside.action).toMatchObject({ type: "send", probe: { name: "NULL" }, tls: true, reuse: false });
    expect(inside.state).toMatchObject({ service: null, soft: false, entries: [], wrapPossible: false });
  });

  test("a tunnel never nests: ssl inside TLS is a service like any other", () => {
    expect(given(data("TLS"), data("TLS")).state).toMatchObject({
      final: "hard",
      service: "ssl",
      tunnel: true,
    });
  });

  test("TLS that cannot be had leaves the port incomplete, and tunnelled", () => {
    expect(given(data("TLS"), { type: "connect-failed" }).state).toMatchObject({
      final: "incomplete",
      service: null,
      tunnel: true,
    });
  });
});
