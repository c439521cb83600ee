/**
 * What follows from a reply that named an RPC program. It is kept as the response to a probe `rpc.<number> <name>`, so that
 * `doorplate match` comes to the same verdict from the stored observation.
 */
import type { Evidence } from "../model/evidence.ts";
import type { Response } from "../model/observation.ts";
import { versionRange } from "../protocols/portmapper.ts";
import { parseReply, sunrpc } from "../protocols/sunrpc.ts";
import type { GroundProgram } from "./rpc-grinder.ts";

/** Nats: above a mere reply in the grammar of RPC (9), since an unused version was refused for this program alone. */
const PROGRAM_WEIGHT = 12;
const FAMILY = "rpc.program";
const PROBE_NAME = /^rpc\.(\d{1,10}) (\S{1,128})$/;

/** The probe name under which the reply of a found program is recorded. */
export function programProbe({ program, name }: Pick<GroundProgram, "program" | "name">): string {
  return `rpc.${program} ${name}`;
}

/**
 * What a found program says. Pure. Replies that were taken for the port mapper's are then the program's own: `rpcbind` means no
 * more than "speaks ONC RPC" until a program is known.
 */
export function withProgram(evidence: readonly Evidence[], responses: readonly Response[]): Evidence[] {
  const program = responses.map(programEvidence).find((piece) => piece !== null);
  if (!program) return [...evidence];
  const service = program.claim.service;
  const renamed = evidence.map((piece) =>
    piece.signature === `builtin:protocol/${sunrpc.name}` ? { ...piece, claim: { service } } : piece,
  );
  return [...renamed, program];
}

function programEvidence({ probe, data }: Response): Evidence | null {
  const [, number, service] = PROBE_NAME.exec(probe) ?? [];
  const versions = number === undefined ? null : parseReply(data)?.versions;
  if (!service || !versions) return null;
  const version = versionRange(...versions);
  return {
    source: probe,
    family: FAMILY,
    claim: { service, version, info: `RPC #${number}` },
    weight: PROGRAM_WEIGHT,
    excerpt: `program ${number} has versions ${version}`,
    signature: "builtin:rpc.program",
  };
}
