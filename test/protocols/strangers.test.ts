import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadResponse, type Response, type StoredResponse } from "../../lib/model/observation.ts";
import { protocols } from "../../lib/protocols/index.ts";

// Detection asks a module for facts only where it has recognised something, unless the module says that it reads strangers, too.

const root = join(import.meta.dirname, "vectors");
const recorded: Response[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".bin"))
  .map((name) => ({
    probe: name,
    tls: false,
    data: readFileSync(join(root, name)),
    firstByteMs: 1,
    end: "complete",
    connection: 0,
  }));
const observed: Response[] = readFileSync(
  join(import.meta.dirname, "../evaluate/lab-observations.jsonl"),
  "utf8",
)
  .trim()
  .split("\n")
  .flatMap((line) => (JSON.parse(line) as { responses: StoredResponse[] }).responses.map(loadResponse));

test("no module reads facts from a response that it does not recognise, but those that say so", () => {
  const all = [...recorded.flatMap((one) => [one, { ...one, probe: "NULL" }]), ...observed];
  expect(all.length).toBeGreaterThan(500);
  const readers = protocols
    .filter(({ protocol }) =>
      all.some((response) => !protocol.recognise(response) && protocol.facts([response], null).length > 0),
    )
    .map(({ protocol }) => protocol.name);
  expect(readers).toEqual(
    protocols.filter(({ protocol }) => protocol.factsOfStrangers).map(({ protocol }) => protocol.name),
  );
});
