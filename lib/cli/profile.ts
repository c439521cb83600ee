/** `--profile`: the name of a built-in profile, or a file. */
import { basename, extname } from "node:path";
import { InputError } from "../model/errors.ts";
import type { Profile } from "../model/request.ts";
import type { PortRegistry } from "../registry/ports.ts";
import { readProfile } from "../scan/profile-file.ts";
import { PROFILE_NAMES } from "../scan/profiles.ts";
import { fileTrouble, readWhole, textOf } from "./files.ts";

export interface ChosenProfile {
  /** Absent: the default. */
  profile?: string | Profile;
  /** What the user should know of it. */
  notes: string[];
}

/** @throws InputError when it is neither, or naming the first mistake of the file */
export function chooseProfile(choice: string | undefined, registry?: PortRegistry): ChosenProfile {
  if (choice === undefined || PROFILE_NAMES.includes(choice)) return { profile: choice, notes: [] };
  const { profile, mistakes, notes } = readProfile(read(choice), basename(choice, extname(choice)), registry);
  const lines = mistakes.map(({ line, column, reason }) => `line ${line}, column ${column}: ${reason}`);
  if (!profile) throw new InputError(`the profile ${choice} is wrong: ${lines.join("; ")}`, choice);
  return { profile, notes: notes.map((note) => `profile ${profile.name}: ${note}`) };
}

function read(file: string): string {
  try {
    return textOf(readWhole(file));
  } catch (cause) {
    throw new InputError(
      `no profile is called "${file}", and as a file: ${fileTrouble(cause)}. There are ${PROFILE_NAMES.join(", ")}, or name a YAML file`,
      file,
    );
  }
}
