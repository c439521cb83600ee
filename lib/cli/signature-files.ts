/**
 * The operator's service-probes files on this machine: read, compiled once, and the compiled form kept beside the scans
 * under the source's SHA-256, so that the next scan with the same file starts at once.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "../model/errors.ts";
import { type CompiledPack, compileProbePack, digestOf, PACK_FORMAT } from "../signatures/probe-pack.ts";
import { readNamed } from "./files.ts";

export type ReadyPack = Pick<CompiledPack, "digest" | "bytes"> & { file: string };

/** @throws DoorplateError when the file cannot be read */
export function readSignatureFile(file: string): { text: string; name: string } {
  const text = readNamed(file, "signatures").toString("latin1");
  return { text, name: file === "-" ? "stdin" : basename(file) };
}

/** Compiles files, or takes what was compiled before. @throws InputError when Nmap, too, would refuse a file */
export function compileSignatureFiles(files: readonly string[], stateRoot: string): ReadyPack[] {
  return files.map((file) => {
    const { text, name } = readSignatureFile(file);
    const source = createHash("sha256").update(`${PACK_FORMAT} ${name}\n${text}`, "latin1").digest("hex");
    const folder = join(stateRoot, "packs");
    const kept = join(folder, source);
    const known = readOrNull(kept);
    if (known) return { file, bytes: known, digest: digestOf(known) };
    const pack = compileProbePack(text, name);
    const fatal = pack.refused.find((refusal) => refusal.fatal);
    if (fatal)
      throw new InputError(
        `${file}, line ${fatal.line}, column ${fatal.column}: ${fatal.reason}. See all with: doorplate signatures check ${file}`,
        file,
      );
    if (pack.counts.probes + pack.counts.matches + pack.counts.softmatches === 0)
      throw new InputError(
        `${file} holds no probe and no match. See why with: doorplate signatures check ${file}`,
        file,
      );
    keep(folder, kept, pack.bytes);
    return { file, bytes: pack.bytes, digest: pack.digest };
  });
}

function readOrNull(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** Written whole or not at all; a scan goes on without it. */
function keep(folder: string, path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, bytes, { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    // The next scan compiles it again.
  }
}
