/** A directory of Recog XML on this machine: read, checked, compiled to one pack. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { DoorplateError, InputError } from "../model/errors.ts";
import { compileRecogPack } from "../signatures/recog/pack.ts";
import { type RecogReading, readRecog } from "../signatures/recog/read.ts";
import { fileTrouble } from "./files.ts";
import type { ReadyPack } from "./signature-files.ts";

/** Largest file that is read, bytes: many times the largest of Recog's. */
const MAX_FILE = 16 * 1024 * 1024;

export const isDirectory = (path: string) =>
  path !== "-" && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);

/** Every `*.xml` of the directory, or of its `xml/` where a checkout of Recog is named. @throws DoorplateError naming what cannot be read */
export function readRecogDirectory(directory: string): (RecogReading & { name: string })[] {
  try {
    const inside = join(directory, "xml");
    const folder = isDirectory(inside) ? inside : directory;
    const names = readdirSync(folder)
      .filter((name) => /\.xml$/i.test(name))
      .sort();
    return names.map((name) => {
      const path = join(folder, name);
      if (statSync(path).size > MAX_FILE) throw new Error(`${name} is larger than ${MAX_FILE} bytes`);
      return { name, ...readRecog(readFileSync(path, "utf8"), name) };
    });
  } catch (cause) {
    throw new DoorplateError(`cannot read the Recog directory ${directory}: ${fileTrouble(cause)}`, {
      cause,
    });
  }
}

/** What was set aside costs its fingerprint alone. @throws InputError when the directory holds nothing of use */
export function compileRecogDirectory(directory: string): ReadyPack {
  const files = readRecogDirectory(directory).flatMap(({ file }) => file ?? []);
  if (files.every(({ fingerprints }) => fingerprints.length === 0))
    throw new InputError(
      `${directory} holds no Recog file that could be used. See why with: doorplate signatures check ${directory}`,
      directory,
    );
  return { file: directory, ...compileRecogPack(files, basename(resolve(directory))) };
}
