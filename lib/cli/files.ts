/** Files that the operator names: read whole, and if that fails, said why in words and not in the system's. */
import { accessSync, closeSync, constants, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { DoorplateError, EnvironmentError, InputError } from "../model/errors.ts";
import { formatFromFile, REPORT_FORMATS, writerFor } from "../report/index.ts";

/** The system's codes (errno(3)) that an operator meets. */
const TROUBLES: Record<string, string> = {
  ENOENT: "there is no such file or directory",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
  EACCES: "it may not be accessed by you",
  EPERM: "it may not be accessed by you",
  EROFS: "the file system is read-only",
  ENOSPC: "there is no space left",
  EDQUOT: "there is no space left for you",
  ELOOP: "its links lead round in a circle",
  ENXIO: "nobody reads from this pipe",
  ENAMETOOLONG: "the name is too long",
};

/** Why it failed: in words, with the system's code, or as the error says it. */
export function fileTrouble(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const words = TROUBLES[code];
  return words ? `${words} (${code})` : message;
}

/** Most that is read of one file, MiB: some four million addresses, one a line; twenty times the largest service-probes file. */
const MOST_MIB = 64;
const CHUNK = 64 * 1024;

/** All of a file that may be a pipe or a device, and so without an end. `-` is stdin. @throws Error with the system's code, or the size */
export function readWhole(file: string): Buffer {
  const descriptor = file === "-" ? 0 : openSync(file, "r");
  const chunks: Buffer[] = [];
  try {
    for (let length = 0; length <= MOST_MIB * 1024 * 1024; ) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSync(descriptor, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    throw new Error(`it is larger than ${MOST_MIB} MiB; split it`);
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}

const LF = 0x0a;

/**
 * The lines of a stream with their numbers, from 1. Only LF ends one: JSON may hold every other separator. What goes beyond the bound of a file is
 * cut off, so that a stream without lines cannot fill the memory.
 * @throws DoorplateError when the stream cannot be read
 */
export async function* linesFrom(
  stream: AsyncIterable<Buffer>,
): AsyncGenerator<[text: string, number: number]> {
  let [pieces, kept, number]: [Buffer[], number, number] = [[], 0, 0];
  const keep = (piece: Buffer) => {
    if (kept > MOST_MIB * 1024 * 1024) return;
    pieces.push(piece);
    kept += piece.length;
  };
  const line = (): [string, number] => {
    const text = Buffer.concat(pieces).toString("utf8");
    [pieces, kept] = [[], 0];
    return [text, ++number];
  };
  try {
    for await (const chunk of stream) {
      let start = 0;
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
        keep(chunk.subarray(start, end));
        yield line();
        start = end + 1;
      }
      keep(chunk.subarray(start));
    }
  } catch (cause) {
    throw new DoorplateError(`cannot read stdin: ${fileTrouble(cause)}`, { cause });
  }
  if (kept > 0) yield line();
}

/** `-` is stdin. @throws DoorplateError naming the file, and why it cannot be read */
export function readNamed(file: string, what: string): Buffer {
  try {
    return readWhole(file);
  } catch (cause) {
    throw new DoorplateError(`cannot read the ${what} ${file}: ${fileTrouble(cause)}`, { cause });
  }
}

/** The encodings that a byte order mark tells of (Unicode, "UTF-8, UTF-16, UTF-32 & BOM"): Windows' shells write UTF-16. */
const MARKED: [mark: Buffer, encoding: string][] = [
  [Buffer.from([0xff, 0xfe]), "utf-16le"],
  [Buffer.from([0xfe, 0xff]), "utf-16be"],
];

/** UTF-8 unless a mark says otherwise, without the mark; what is no UTF-8 is replaced: it may stand in a comment. @throws Error when it is no text */
export function textOf(bytes: Buffer): string {
  const [, encoding = "utf-8"] = MARKED.find(([mark]) => mark.equals(bytes.subarray(0, mark.length))) ?? [];
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes("\0")) throw new Error("it is not a text file");
  return text;
}

/** `-` is stdin. @throws DoorplateError naming the file, and why it cannot be read */
export function readText(file: string, what: string): string {
  const bytes = readNamed(file, what);
  try {
    return textOf(bytes);
  } catch (cause) {
    throw new DoorplateError(`cannot read the ${what} ${file}: ${fileTrouble(cause)}`, { cause });
  }
}

/**
 * A format is chosen by the extension, or for all by `--format`; a name without an extension is the operator's own affair.
 * @throws InputError for an extension that says nothing, where nothing else does; for what names no file, or the same one again
 */
export function checkOutputs(files: readonly string[], formatGiven: boolean): void {
  for (const [i, file] of files.entries()) {
    if (file === "") throw new InputError("--output needs the name of a file", file);
    if (file === "-")
      throw new InputError("--output -: results go to stdout anyway; say how with --format", file);
    if (files.indexOf(file) !== i) throw new InputError(`--output ${file} is given twice`, file);
  }
  for (const file of formatGiven ? [] : files) {
    const extension = extname(file);
    if (extension === "" || formatFromFile(file) !== null) continue;
    const known = REPORT_FORMATS.map((format) => writerFor(format).extension).join(", ");
    throw new InputError(
      `--output ${file}: no format is known by ${extension}; there are ${known}, or say one for all with --format`,
      file,
    );
  }
}

/** @throws EnvironmentError when it is plain from the start that the file cannot be written */
export function checkWritable(file: string): void {
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory() || /[/\\]$/.test(file)) throw Object.assign(new Error(), { code: "EISDIR" });
    accessSync(there ? file : dirname(file), constants.W_OK);
  } catch (cause) {
    throw new EnvironmentError(`cannot write ${file}: ${fileTrouble(cause)}; name another with --output`, {
      cause,
    });
  }
}

/** A pipe that nobody reads from is an error, and not waited for: no signal would be heard meanwhile. @throws Error with the system's code */
export function writeWhole(file: string, text: string): void {
  const isPipe = statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false;
  const held = isPipe ? openSync(file, constants.O_WRONLY | constants.O_NONBLOCK) : null;
  try {
    writeFileSync(file, text);
  } finally {
    if (held !== null) closeSync(held);
  }
}
