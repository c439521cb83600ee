import { describe, expect, it } from "vitest";
import { sameProduct, sameService, sameVersion } from "./compare.ts";
import { upstreamVersion } from "./truth.ts";

describe("the lab's comparison", () => {
  it.each([
    ["Apache httpd", "Apache HTTP Server"],
    ["Redis key-value store", "redis"],
    ["ISC BIND", "BIND"],
    ["Dropbear sshd", "Dropbear SSH"],
    ["PostgreSQL DB", "PostgreSQL"],
    ["Squid http proxy", "Squid"],
    ["Pure-FTPd", "Pure-FTPd"],
  ])("takes %s for %s", (expected, got) => expect(sameProduct([expected], got)).toBe(true));

  it.each([
    ["Apache httpd", "Apache Tomcat"],
    ["MariaDB", "MySQL"],
    ["OpenSSH", "Dropbear sshd"],
    ["ProFTPD", "Pure-FTPd"],
    ["Redis key-value store", "Valkey"],
    ["nginx", "http server"],
    ["nginx", ""],
  ])("does not take %s for %s", (expected, got) => expect(sameProduct([expected], got)).toBe(false));

  it("knows a version with a distribution's addition, and no other", () => {
    expect(sameVersion("9.2p1", "9.2p1 Debian 2+deb12u10")).toBe(true);
    expect(sameVersion("9.18.49", "9.18.49-1~deb12u3")).toBe(true);
    expect(sameVersion("1.2", "v1.2")).toBe(true);
    for (const other of ["1.21", "1.2.1", "1", "1.2p1", ""]) expect(sameVersion("1.2", other)).toBe(false);
  });

  it("knows services by either name, in TLS or not", () => {
    expect(sameService(["domain", "dns"], "DNS")).toBe(true);
    expect(sameService(["http"], "ssl/http")).toBe(true);
    expect(sameService(["http"], "https")).toBe(false);
  });

  it.each([
    ["1:9.18.49-1~deb12u3", "9.18.49"],
    ["2.5.13+dfsg-5", "2.5.13"],
    ["1:2.3.19.1+dfsg1-2.1+deb12u7", "2.3.19.1"],
    ["5:7.0.15-1~deb12u10", "7.0.15"],
    ["3.5.0+ds1-0+deb12u1", "3.5.0"],
    ["1:9.2p1-2+deb12u10", "9.2p1"],
    ["6.8.0p2-4+b4", "6.8.0p2"],
    ["2022.83-1+deb12u3", "2022.83"],
  ])("reads upstream's version out of Debian's %s", (debian, upstream) => {
    expect(upstreamVersion(debian)).toBe(upstream);
  });
});
