/**
 * Built-in detection, the operator's service-probes files and rules together. Built-in first: it is quick, and the files'
 * signatures are read over everything that it heard (their packs are in `knowledge`). Only where that leaves the
 * confidence below the profile's threshold do the files ask for themselves. Without the built-in part they ask from
 * the start, with the time that Nmap's sequence needs.
 */
import { fuse } from "../evidence/fuse.ts";
import { isTunnelled } from "../model/observation.ts";
import type { Rule } from "../signatures/rules/types.ts";
import { conversation } from "./conversation.ts";
import {
  DEADLINE_FACTOR,
  type Detection,
  type DetectOptions,
  type DetectTcpOptions,
  MOST_CONNECTIONS,
} from "./detection.ts";
import { EMPTY_DETECTION, fileDeadlineMs } from "./file-limits.ts";
import { inPlace } from "./operator-evidence.ts";
import { detectByFiles, type FileDetection, type FileOptions } from "./probe-file/index.ts";
import { withProgram } from "./rpc-evidence.ts";
import { askForProgram } from "./rpc-program.ts";
import { askRules } from "./rules/ask.ts";
import { detectTcp } from "./tcp.ts";
import { detectUdp, type UdpDetection } from "./udp.ts";

export interface WithFiles {
  /** Null: no files. */
  files: FileOptions | null;
  builtin: boolean;
  /** Custom rules that ask for themselves. */
  rules?: readonly Rule[];
}

export async function detectTcpWithFiles(options: DetectTcpOptions & WithFiles): Promise<Detection> {
  const { rules = [] } = options;
  return askRules({ ...options, rules }, await detectTcpByFiles(options));
}

async function detectTcpByFiles(options: DetectTcpOptions & WithFiles): Promise<Detection> {
  const { files, builtin, connection } = options;
  if (!files) return builtin ? detectTcp(options) : closeUnasked(options);
  const first = builtin ? await detectTcp(options) : EMPTY_DETECTION;
  if (!wantsMore(options, first)) return first;
  const both = joined(options, first, await askFiles(options, files, first, builtin ? null : connection));
  return builtin ? both : withRpcProgram(options, both);
}

export async function detectUdpWithFiles(options: DetectOptions & WithFiles): Promise<UdpDetection> {
  const { rules = [] } = options;
  const seen = await detectUdpByFiles(options);
  if (rules.length === 0 || seen.state === "closed" || seen.state === "error") return seen;
  const before = seen.state === "open" ? seen.detection : EMPTY_DETECTION;
  const detection = await askRules({ ...options, rules }, before);
  const answered = detection.responses.some(({ data }) => data.length > 0);
  return answered ? { state: "open", reason: "udp-response", detection } : seen;
}

async function detectUdpByFiles(options: DetectOptions & WithFiles): Promise<UdpDetection> {
  const { files, builtin } = options;
  const first = builtin ? await detectUdp(options) : null;
  if (!files || first?.state === "closed" || first?.state === "error")
    return first ?? { state: "open|filtered", reason: "no-response" };
  const before = first?.state === "open" ? first.detection : EMPTY_DETECTION;
  if (!wantsMore(options, before)) return first ?? { state: "open|filtered", reason: "no-response" };
  const more = await askFiles(options, files, before, null);
  const both = joined(options, before, more);
  const detection = builtin ? both : await withRpcProgram(options, both);
  const { responses } = detection;
  if (responses.some(({ data }) => data.length > 0))
    return { state: "open", reason: "udp-response", detection };
  if (responses.length > 0 && responses.every(({ end }) => end === "reset"))
    return { state: "closed", reason: "port-unreach" };
  return first ?? { state: "open|filtered", reason: "no-response" };
}

/**
 * `rpcbind` in a file means no more than "speaks ONC RPC": which program it is shows when programs are asked for by number. Built-in detection
 * does so itself; with the files alone it is done here.
 */
async function withRpcProgram(options: DetectOptions, detection: Detection): Promise<Detection> {
  if (detection.tls) return detection;
  const { endpoint, dialer, profile, knowledge, now } = options;
  const talk = conversation({
    dialer,
    context: { ...endpoint, tls: false },
    timeoutMs: profile.timeoutMs,
    deadline: now() + profile.timeoutMs * DEADLINE_FACTOR,
    maxConnections: MOST_CONNECTIONS,
    now,
  });
  talk.responses.push(...detection.responses);
  await askForProgram(options, talk, detection.evidence.length > 0);
  if (talk.responses.length === detection.responses.length) return detection;
  const evidence = withProgram(detection.evidence, talk.responses);
  return {
    ...detection,
    responses: talk.responses,
    evidence,
    verdict: fuse({ ...endpoint, ports: knowledge.ports, evidence, asked: true }),
    connections: detection.connections + talk.opened,
  };
}

/** Nobody knows anything: open is all that can be said. */
function closeUnasked({ connection, endpoint, knowledge: { ports } }: DetectTcpOptions): Detection {
  connection.close();
  const verdict = fuse({ ...endpoint, ports, evidence: [], asked: false });
  return { ...EMPTY_DETECTION, verdict, connections: 1 };
}

function wantsMore({ builtin, profile }: DetectOptions & WithFiles, { verdict }: Detection): boolean {
  return !builtin || verdict.confidence < profile.confidenceThreshold;
}

function askFiles(
  { endpoint, dialer, now, builtin, profile, knowledge: { ports } }: DetectOptions & WithFiles,
  files: FileOptions,
  before: Detection,
  connection: DetectTcpOptions["connection"] | null,
): Promise<FileDetection> {
  const { responses, tls, connections } = before;
  return detectByFiles({
    endpoint,
    dialer,
    connection,
    files,
    ports,
    now,
    deadline: now() + fileDeadlineMs({ builtin, profile, strictOrder: files.strictOrder }),
    heard: { responses, tunnel: isTunnelled(tls), connections },
  });
}

/** Both together. What the files' packs had read from the first responses is said again by their own verdict. */
function joined(
  { endpoint, files, knowledge }: DetectOptions & WithFiles,
  first: Detection,
  more: FileDetection,
): Detection {
  const named = new Set(files?.packs.map(({ name }) => name));
  const kept = first.evidence.filter(
    ({ signature }) =>
      more.evidence.length === 0 || !named.has(signature.slice(0, signature.lastIndexOf(":"))),
  );
  const evidence = inPlace([...kept, ...more.evidence]);
  const flags = new Set([...first.flags, ...more.flags]);
  if (more.evidence.some(({ family }) => family === "closing")) flags.add("tcpwrapped");
  return {
    responses: [...first.responses, ...more.responses],
    tls: first.tls ?? more.tls,
    facts: first.facts,
    evidence,
    verdict: fuse({ ...endpoint, ports: knowledge.ports, evidence, asked: true }),
    flags: [...flags],
    connections: first.connections + more.connections,
    servicefp: more.servicefp,
  };
}
