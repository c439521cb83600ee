import { describe, expect, test } from "vitest";
import * as topology from "../../infra/topology.ts";
import { isChange } from "../../lib/scan/hastened.ts";
import { FRESH_MS } from "../../lib/scan/owned-entry.ts";

const functionNames = Object.keys(topology.functions) as topology.FunctionName[];
const queueNames = Object.keys(topology.queues) as topology.QueueName[];
const mainMappings = topology.mappings.filter((mapping) => !mapping.deadLetters);
const deadLetterMappings = topology.mappings.filter((mapping) => mapping.deadLetters);

describe("functions keep within what Lambda offers", () => {
  test.each(functionNames)("%s", (name) => {
    const { timeoutSeconds, memoryMb, description } = topology.functions[name];
    expect(timeoutSeconds).toBeGreaterThan(0);
    expect(timeoutSeconds).toBeLessThanOrEqual(900);
    expect(memoryMb).toBeGreaterThanOrEqual(128);
    expect(memoryMb).toBeLessThanOrEqual(10_240);
    expect(description).not.toBe("");
  });
});

describe("a queue does not lose or repeat what is being worked on", () => {
  test.each(mainMappings)("$queue: hidden for at least six time-outs of $function", (mapping) => {
    const { timeoutSeconds } = topology.functions[mapping.function];
    expect(topology.queues[mapping.queue].visibilitySeconds).toBeGreaterThanOrEqual(6 * timeoutSeconds);
  });

  test.each(deadLetterMappings)("$queue: its dead letters are hidden as long for $function", (mapping) => {
    const { timeoutSeconds } = topology.functions[mapping.function];
    expect(topology.deadLetterVisibilitySeconds).toBeGreaterThanOrEqual(6 * timeoutSeconds);
  });

  test.each(queueNames)("%s keeps a message past its last delivery, and SQS allows it", (name) => {
    const { visibilitySeconds, maxReceiveCount, retentionSeconds } = topology.queues[name];
    expect(maxReceiveCount).toBeGreaterThan(1);
    expect(visibilitySeconds).toBeLessThanOrEqual(12 * 3600);
    expect(retentionSeconds).toBeGreaterThan(visibilitySeconds * maxReceiveCount);
    expect(retentionSeconds).toBeLessThanOrEqual(14 * 24 * 3600);
  });

  test("a dead letter keeps its age when it moves, so dead-letter queues keep at least as long", () => {
    for (const name of queueNames) {
      expect(topology.deadLetterRetentionSeconds).toBeGreaterThanOrEqual(
        topology.queues[name].retentionSeconds,
      );
    }
    expect(topology.deadLetterRetentionSeconds).toBeLessThanOrEqual(14 * 24 * 3600);
  });
});

describe("everything has a reader, and every reader exists", () => {
  test.each(queueNames)("%s and its dead letters are read by exactly one function each", (name) => {
    expect(mainMappings.filter((mapping) => mapping.queue === name)).toHaveLength(1);
    const readers = deadLetterMappings.filter((mapping) => mapping.queue === name);
    expect(readers.map((mapping) => mapping.function)).toEqual(["dead-letter"]);
  });

  test("mappings and rules name functions and queues that exist", () => {
    for (const mapping of topology.mappings) {
      expect(functionNames).toContain(mapping.function);
      expect(queueNames).toContain(mapping.queue);
    }
    for (const rule of [...topology.rules, ...topology.hints]) expect(functionNames).toContain(rule.function);
  });

  test("every function has something that starts it", () => {
    const triggers = [...topology.mappings, ...topology.rules, ...topology.schedules];
    const started = new Set(triggers.map((trigger) => trigger.function));
    expect([...started].sort()).toEqual([...functionNames].sort());
  });

  test("rules, hints and schedules have names of their own", () => {
    for (const all of [topology.rules, topology.hints, topology.schedules])
      expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  test("a hint only hastens what a schedule does anyway, and the function knows it for one", () => {
    for (const { function: name, source, detailType } of topology.hints) {
      expect(topology.schedules.map((schedule) => schedule.function)).toContain(name);
      expect(isChange({ source, "detail-type": detailType })).toBe(true);
    }
  });

  test("an address counts as the account's own over two failed rounds, and over no more than three", () => {
    const { everyMinutes } = topology.schedules.find(({ name }) => name === "inventory")!;
    expect(FRESH_MS).toBe(3 * everyMinutes * 60_000);
    expect(topology.functions.inventory.timeoutSeconds).toBeLessThan(everyMinutes * 60);
  });
});

describe("event source mappings keep within what Lambda offers", () => {
  test.each(topology.mappings)("$queue to $function (dead letters: $deadLetters)", (mapping) => {
    expect(mapping.maxConcurrency).toBeGreaterThanOrEqual(2);
    expect(mapping.maxConcurrency).toBeLessThanOrEqual(1000);
    expect(mapping.batchSize).toBeGreaterThanOrEqual(1);
    // More than ten messages at once need a window to gather them in.
    if (mapping.windowSeconds === 0) expect(mapping.batchSize).toBeLessThanOrEqual(10);
    expect(mapping.windowSeconds).toBeLessThanOrEqual(300);
  });
});

describe("grants reach as far as the data flow, and no further", () => {
  const senders = (queue: topology.QueueName) =>
    functionNames.filter((name) => topology.grants[name].includes(`queue:${queue}:send`));

  test.each(queueNames)("%s has a sender", (name) => {
    expect(senders(name)).not.toEqual([]);
  });

  test("only the dispatcher reads target lists and writes plans", () => {
    for (const name of functionNames.filter((other) => other !== "dispatcher")) {
      expect(topology.grants[name]).not.toContain("bucket:targets:read");
      expect(topology.grants[name]).not.toContain("bucket:plans:write");
    }
  });

  test("the prober, which reads hostile bytes, can neither speak on the bus nor start scans", () => {
    expect(topology.grants.prober).not.toContain("bus:put");
    expect(senders("dispatch")).toEqual(["dispatcher"]);
  });

  test("only the inventory asks AWS what is the account's, and it can do nothing else with what it hears than write it down", () => {
    const asking = functionNames.filter((name) => topology.grants[name].includes("inventory:read"));
    expect(asking).toEqual(["inventory"]);
    expect(topology.grants.inventory).toEqual(["table:read", "table:write", "inventory:read"]);
  });

  test("packs are read by the prober alone, and no function can write one", () => {
    for (const name of functionNames) {
      const touching = topology.grants[name].filter((grant) => grant.startsWith("bucket:packs:"));
      expect(touching).toEqual(name === "prober" ? ["bucket:packs:read"] : []);
    }
  });

  test("no grant is given twice", () => {
    for (const name of functionNames) {
      expect(new Set(topology.grants[name]).size).toBe(topology.grants[name].length);
    }
  });
});

describe("names", () => {
  test("environment variables are the project's own and distinct", () => {
    const variables = Object.values(topology.environmentNames);
    expect(new Set(variables).size).toBe(variables.length);
    for (const variable of variables) expect(variable).toMatch(/^DOORPLATE_[A-Z_]+$/);
  });

  test("no prefix of the bucket lies inside another", () => {
    const prefixes = Object.values(topology.bucketPrefixes);
    for (const prefix of prefixes) {
      expect(prefix).toMatch(/^[a-z]+\/$/);
      expect(prefixes.filter((other) => other.startsWith(prefix))).toEqual([prefix]);
    }
  });
});
