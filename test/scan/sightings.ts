import type { Sighting } from "../../lib/scan/messages.ts";

/** An SSH server as a prober tells of it. `observedAt`: ISO 8601. */
export const sighting = (
  index: number,
  version = "9.2p1",
  observedAt = "2026-01-01T00:00:00.000Z",
): Sighting => ({
  index,
  state: "open",
  reason: "syn-ack",
  tls: false,
  evidence: [
    { source: "NULL", family: "banner", claim: { service: "ssh" }, weight: 9, excerpt: "", signature: "t:p" },
    {
      source: "ssh.software",
      family: "banner",
      claim: { service: "ssh", product: "OpenSSH", version },
      weight: 6,
      excerpt: "",
      signature: "t:s",
    },
  ],
  flags: [],
  packs: "sha256:test",
  observedAt,
});
