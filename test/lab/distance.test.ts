import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../lib/model/fingerprint.ts";
import { DAEMONS } from "./daemons.ts";
import { type Distance, LAB_ADDRESS, openDistance } from "./distance.ts";
import { FULL } from "./full.ts";
import { type Network, openNetwork } from "./network.ts";
import { scan } from "./scan.ts";
import { type Lab, startLab } from "./start.ts";

// Users scan across networks. What is said of a door must not depend on how far away it is, or on a packet that is lost.

const verdictOf = ({ transport, port, outcome, service, product, version, tls }: Result) =>
  `${transport}/${port} ${outcome}: ${service} ${product} ${version}${tls ? " tls" : ""}`;

describe.runIf(FULL)("the short lab, far away", () => {
  let lab: Lab;
  let client: Network;
  let distance: Distance;
  let near: string[];

  const verdicts = async () => {
    const ports = new Set(
      lab.doors.map(({ transport, port }) => `${transport === "tcp" ? "T" : "U"}:${port}`),
    );
    const scope = ["--scope", `${LAB_ADDRESS}/32`, "--show-all"];
    const { results } = await scan([LAB_ADDRESS, "-p", [...ports].join(","), ...scope], client);
    return results.map(verdictOf).sort();
  };

  beforeAll(async () => {
    lab = await startLab(DAEMONS);
    client = await openNetwork();
    distance = await openDistance(client, lab.network);
    near = await verdicts();
  });
  afterAll(async () => {
    await distance?.stop();
    await client?.stop();
    await lab?.stop();
  });

  it("is found where it is near", () => {
    expect(near.filter((line) => line.includes("fingerprinted")).length).toBeGreaterThanOrEqual(
      lab.doors.length - 1,
    );
  });

  it("shows the same at 100 ms with jitter, packets that overtake each other, and one of a hundred lost", async () => {
    await distance.set({ delayMs: 50, jitterMs: 20, loss: 0.01 });
    const far = await verdicts();
    console.log(await distance.set({ delayMs: 0 }));
    expect(far).toEqual(near);
  });
});
