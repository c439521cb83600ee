import { describe, expect, it } from "vitest";
import { EXCLUDED_FLAG } from "../../lib/model/fingerprint.ts";
import type { Said } from "./nmap-says.ts";
import { type Difference, differences, explain, type Measured } from "./parity.ts";

// A difference is explained only by what was measured of that very door.

const door = { host: "127.0.0.1", port: 88, transport: "tcp" } as const;
const nothing = { product: null, version: null, info: null, hostname: null, os: null, device: null };
const says = (more: Partial<Said>): Said => ({
  ...{ ...door, ...nothing, method: "probed", service: "kerberos-sec", tls: false, cpe: "" },
  ...more,
});
const ours = (more: Partial<Said>, ...flags: string[]) => ({ ...says(more), flags });
const quiet = { scripts: [], endedByNmap: false };

/** The explanation of the only difference. */
function why(measured: Pick<Measured, "nmap" | "doorplate"> & Partial<Measured>): string | null {
  const said = (one: Said | undefined) => (one ? [one] : []);
  const found = differences(said(measured.nmap), said(measured.doorplate));
  expect(found).toHaveLength(1);
  return explain(found[0] as Difference, {
    again: measured.nmap,
    alone: measured.nmap,
    oursAgain: measured.doorplate,
    ...quiet,
    ...measured,
  });
}

describe("a difference between Nmap and Doorplate", () => {
  it("is none where both take a name from a table", () => {
    const table = (service: string) => says({ method: "table", service });
    expect(differences([table("unknown")], [table("dnp")])).toEqual([]);
  });

  it("is unexplained where Nmap says the same again and again", () => {
    expect(why({ nmap: says({ version: "1" }), doorplate: ours({ version: "2" }) })).toBeNull();
    expect(why({ nmap: says({}), doorplate: undefined })).toBeNull();
    expect(why({ nmap: undefined, doorplate: ours({}) })).toBeNull();
  });

  it("is a version script's where Nmap without them says what we say", () => {
    const [nmap, doorplate] = [says({ product: "A; B" }), ours({ product: "A" })];
    const scripts = ["snmp-info"];
    expect(why({ nmap, doorplate, alone: says({ product: "A" }), scripts })).toContain("snmp-info");
    expect(why({ nmap, doorplate, alone: says({ product: "C" }), scripts })).toBeNull();
  });

  it("is Nmap's own where no script is started and its three answers differ", () => {
    const [nmap, doorplate] = [says({ product: "A; B" }), ours({ product: "A" })];
    expect(why({ nmap, doorplate, alone: says({ product: "A" }) })).toContain("says both");
    expect(why({ nmap, doorplate, alone: undefined })).toBeNull();
  });

  it("is the specification's where both see DTLS and Nmap stops at it", () => {
    const nmap = says({ service: "dtls" });
    const tunnel = { service: "dtls", tls: true };
    expect(why({ nmap, doorplate: ours(tunnel, "dtls-unsupported") })).toContain("section 8");
    expect(why({ nmap, doorplate: ours(tunnel) })).toBeNull();
    expect(why({ nmap: says({}), doorplate: ours({ tls: true }, "dtls-unsupported") })).toBeNull();
  });

  it("is a port scan's payload where the port shows as open by nothing else", () => {
    expect(why({ nmap: says({}), doorplate: undefined, alone: undefined })).toContain("payloads");
  });

  it("is the clock's where Nmap's own two answers differ in the same numbers", () => {
    const at = (time: string) => ({ info: `server time: ${time}` });
    const [nmap, doorplate] = [says(at("10:00:01Z")), ours(at("10:05:02Z"))];
    expect(why({ nmap, doorplate, again: says(at("10:09:03Z")) })).toContain("10:09:03Z");
    expect(why({ nmap, doorplate })).toBeNull();
    expect(why({ nmap, doorplate, again: says({ info: "down" }) })).toBeNull();
  });

  it("is the daemon's where Nmap, asked again, agrees with us", () => {
    const [nmap, doorplate] = [says({ info: "unsynchronized" }), ours({ info: "secondary server" })];
    expect(why({ nmap, doorplate, again: says({ info: "secondary server" }) })).toContain("asked again");
  });

  it("is the daemon's where we, asked again, say what Nmap says", () => {
    const [nmap, doorplate] = [says({ product: "A" }), ours({ product: "B" })];
    expect(why({ nmap, doorplate, oursAgain: ours({ product: "A" }) })).toContain("now otherwise");
    expect(why({ nmap, doorplate, oursAgain: ours({ product: "C" }) })).toBeNull();
    // That nobody is there any more is no answer.
    expect(why({ nmap, doorplate, alone: undefined, oursAgain: undefined })).toBeNull();
  });

  it("is our note where the file's Exclude kept both from asking", () => {
    const table = { method: "table", service: "jetdirect" };
    const note = { ...table, info: "excluded from version scan" };
    expect(why({ nmap: says(table), doorplate: ours(note, EXCLUDED_FLAG) })).toContain("Exclude");
    expect(why({ nmap: says(table), doorplate: ours(note) })).toBeNull();
  });

  it("is the end of the daemon where it died while Nmap asked", () => {
    expect(why({ nmap: says({}), doorplate: undefined, endedByNmap: true })).toContain("stopped listening");
  });
});
