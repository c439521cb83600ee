/**
 * A daemon of the lab: what Debian package it comes from, how it is started, and the truth about what listens.
 * One file of `daemons/` holds a trade of them, `daemons/servers/` how programs that several run are started; `daemons.ts` lists them all.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Transport } from "../../lib/model/endpoint.ts";

/** One listening socket of a daemon and the truth about it. */
export interface Door {
  /** Index into the daemon's `ports`. */
  at: number;
  transport: Transport;
  /** Where it listens; 127.0.0.1 without it. */
  host?: "127.0.0.1" | "::1";
  tls: boolean;
  /** Names by IANA or Nmap, the first is preferred. */
  service: readonly string[];
  /** The first is Nmap's name, others are names that the same thing goes by. */
  product: readonly [string, ...string[]];
  /** `package`: what dpkg says; a string: this; null: no answer without credentials shows it. */
  version: "package" | string | null;
  /** No answer without credentials shows the product; a right guess is welcome, a wrong one counts. */
  productHidden?: true;
  /** It claims to be this; what else it shows contradicts that, so the contradiction must be reported and the confidence fall. */
  spoof?: readonly [string, ...string[]];
  /** It greets in another's name and says nothing more: nobody may be sure of that name. */
  mute?: true;
  /**
   * A known gap: why nobody names the service today. It stands in tables and counts like all others, and what is claimed of it must not be
   * wrong; only the bounds leave it out.
   */
  unnamed?: string;
  /** It passes requests on to these, whose answers show them: each is a technology of the verdict. */
  behind?: readonly string[];
}

/** What a daemon gets to start with: its own directory, its ports, a certificate. */
export interface Place {
  /** Empty, mode 755, owned by root. */
  directory: string;
  ports: readonly number[];
  /** PEM files. */
  certificate: string;
  privateKey: string;
  /** Runs a preparing command to its end. @throws with what it printed when it fails */
  prepare(command: readonly [string, ...string[]]): void;
}

/** A command that stays in the foreground. */
export interface Command {
  argv: readonly [string, ...string[]];
  env?: Record<string, string>;
}

export interface Daemon {
  name: string;
  /** The Debian package whose version is the truth. */
  package: string;
  /** A port to take, or null for any free one. One number serves TCP and UDP. */
  ports: readonly (number | null)[];
  /** It listens on these ports and on every address, so it is started only in a network of the lab's own. */
  needsOwnNetwork?: true;
  doors: readonly Door[];
  start(place: Place): Command[];
}

/** Where install.sh unpacks what cannot be installed beside the others. */
export const EXTRACTED = process.env.DOORPLATE_LAB_EXTRACTED ?? "/opt/doorplate-lab";

/** Writes a configuration file into the daemon's directory and returns its path. */
export function write(place: Place, name: string, text: string): string {
  const path = join(place.directory, name);
  writeFileSync(path, text);
  return path;
}
