import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packObject } from "../../lib/scan/keys.ts";
import { digestOver, packShelf, uploadPack } from "../../lib/scan/packs.ts";
import { compileProbePack } from "../../lib/signatures/probe-pack.ts";
import { openTestCloud, type TestCloud } from "./cloud.ts";

describe("packs in the archive", () => {
  const pack = compileProbePack("Probe TCP NULL q||\nmatch x m|^x| p/X/\n", "made-up");
  let store: TestCloud;
  beforeAll(async () => {
    store = await openTestCloud();
  });
  afterAll(() => store.close());

  test("come back as what was uploaded, and are loaded once", async () => {
    const { archive } = store.cloud;
    await uploadPack(archive, pack);
    const shelf = packShelf();
    const loaded = await shelf.load(archive, pack.digest);
    expect(loaded).toMatchObject({ name: "made-up", digest: pack.digest, counts: pack.counts });
    expect(await shelf.load(archive, pack.digest)).toBe(loaded);
  });

  test("that nobody uploaded are missed by name, and found once they are there", async () => {
    const { archive } = store.cloud;
    const other = compileProbePack("Probe TCP NULL q||\nmatch y m|^y|\n", "other");
    const shelf = packShelf();
    await expect(shelf.load(archive, other.digest)).rejects.toThrow(other.digest);
    await uploadPack(archive, other);
    expect((await shelf.load(archive, other.digest)).name).toBe("other");
  });

  test("that are not what their name says are refused", async () => {
    const { archive } = store.cloud;
    const digest = `sha256:${"0".repeat(64)}`;
    await archive.putBytes(packObject(digest), pack.bytes);
    await expect(packShelf().load(archive, digest)).rejects.toThrow(/something else/);
  });

  test("have one digest together, which depends on their order; one alone keeps its own", () => {
    expect(digestOver(["sha256:a"])).toBe("sha256:a");
    expect(digestOver(["sha256:a", "sha256:b"])).not.toBe(digestOver(["sha256:b", "sha256:a"]));
  });
});
