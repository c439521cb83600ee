import { once } from "node:events";
import { fstatSync } from "node:fs";
import * as z from "zod";
import { interpret, type Knowledge } from "../detect/interpret.ts";
import { fuse } from "../evidence/fuse.ts";
import { transportSchema } from "../model/endpoint.ts";
import { DoorplateError, EXIT, InputError } from "../model/errors.ts";
import {
  type Fact,
  loadResponse,
  loadTls,
  observationSchema,
  printable,
  type Response,
  speaksTls,
  storedResponseSchema,
  type TlsSession,
} from "../model/observation.ts";
import { findings, inWords } from "../model/wording.ts";
import { fromPrinted } from "../protocols/certificate.ts";
import { protocols } from "../protocols/index.ts";
import { registryOf } from "../registry/services.ts";
import { loadPack, usePacks } from "../scan/packs.ts";
import { builtPack } from "../signatures/builtin/built.ts";
import { linesFrom } from "./files.ts";
import { compilePacks, type PackFiles } from "./pack-files.ts";
import { servicesFrom } from "./services-file.ts";
import { stateRoot } from "./workspace.ts";

// `match`: responses and facts to verdicts, by the same pure functions that prober and aggregator use.

/** Facts that are distinguished names, which every program prints in a way of its own. */
const NAMES = new Set(["tls.subject", "tls.issuer", "tls.clientAuthority"]);
const values = z.union([z.string(), z.array(z.string())]);
const shortSchema = z.object({
  id: z.unknown(),
  transport: transportSchema.default("tcp"),
  port: z.number().int().min(0).max(65535).default(0),
  responses: z.array(storedResponseSchema).default([]),
  facts: z.record(z.string(), values).default({}),
});

interface Stored {
  id: unknown;
  transport: "tcp" | "udp";
  port: number;
  responses: Response[];
  tls: TlsSession | null;
  speaksTls: boolean;
  facts: Fact[];
}

/** @throws InputError naming the line */
function parseLine(line: string, number: number): Stored {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new InputError(`line ${number} is not JSON: ${(cause as Error).message}`, line.slice(0, 40));
  }
  const observation = observationSchema.safeParse(value);
  if (observation.success) {
    const { endpoint, responses, tls } = observation.data;
    const { transport, port } = endpoint;
    return {
      id: endpoint,
      transport,
      port,
      responses: responses.map(loadResponse),
      tls: loadTls(tls),
      speaksTls: speaksTls(observation.data),
      facts: [],
    };
  }
  const short = shortSchema.safeParse(value, inWords);
  if (!short.success) throw new InputError(`line ${number}: ${findings(short.error)[0]}`, line.slice(0, 40));
  const { id, transport, port, responses, facts } = short.data;
  return {
    id,
    transport,
    port,
    responses: responses.map(loadResponse),
    tls: null,
    speaksTls: false,
    facts: Object.entries(facts).flatMap(([name, value]) =>
      [value].flat().map((one) => ({ name, value: NAMES.has(name) ? fromPrinted(one) : one, family: name })),
    ),
  };
}

export interface MatchOptions extends PackFiles {
  builtin: boolean;
  services?: string;
}

function knowledgeFrom({ builtin, services, ...files }: MatchOptions): Knowledge {
  const packs = compilePacks(files, stateRoot(process.env)).map(({ bytes }) => loadPack(bytes));
  const use = usePacks(packs, builtin ? { pack: builtPack(), protocols } : null, { anyAnswer: true });
  return { ...use.knowledge, ports: registryOf(servicesFrom(services)) };
}

function judged(knowledge: Knowledge, stored: Stored): string {
  const { id, transport, port, responses, tls, facts } = stored;
  const { evidence } = interpret(knowledge, responses, tls, facts, { transport, port });
  const { device, ...rest } = fuse({ port, transport, ports: knowledge.ports, evidence, asked: true });
  return `${JSON.stringify({ id, tls: stored.speaksTls, ...rest, device, hw: device, evidence })}\n`;
}

/** A line that is wrong costs its own result alone. @returns 1 when one was, 2 when all were: then it is something else that was sent here */
export async function matchCommand(options: MatchOptions): Promise<number> {
  const knowledge = knowledgeFrom(options);
  // Node takes it for an empty stream.
  if (fstatSync(0).isDirectory()) throw new DoorplateError("cannot read stdin: it is a directory");
  const lines = { read: 0, wrong: 0 };
  for await (const [line, number] of linesFrom(process.stdin)) {
    // trim() takes the byte order mark, too, that some editors begin a file with.
    const text = line.trim();
    if (text === "") continue;
    lines.read++;
    let stored: Stored;
    try {
      stored = parseLine(text, number);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      lines.wrong++;
      console.error(`doorplate: ${printable(error.message, MESSAGE_CHARACTERS)}`);
      continue;
    }
    if (!process.stdout.write(judged(knowledge, stored))) await once(process.stdout, "drain");
  }
  if (lines.wrong === 0) return EXIT.done;
  return lines.wrong < lines.read ? EXIT.incomplete : EXIT.usage;
}

/** What is told of one line, characters. */
const MESSAGE_CHARACTERS = 400;
