import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXTRACTED } from "./daemon.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own syntax
const FORMAT = "${Version}";

/** The upstream version of an installed (or unpacked) Debian package. @throws when it is not there */
export function packageVersion(name: string): string {
  const unpacked = join(EXTRACTED, name, ".version");
  const version = existsSync(unpacked)
    ? readFileSync(unpacked, "utf8").trim()
    : execFileSync("dpkg-query", ["-W", "-f", FORMAT, name], { encoding: "utf8" });
  return upstreamVersion(version);
}

/**
 * `1:9.18.49+dfsg-1~deb12u3` is upstream's `9.18.49`: without epoch, Debian revision (Debian Policy 5.6.12) and the marks that
 * repacked sources carry.
 */
export function upstreamVersion(debian: string): string {
  return debian
    .replace(/^\d+:/, "")
    .replace(/-[^-]*$/, "")
    .replace(/[+~.]?(?:dfsg|ds|repack)\d*(?:\.\d+)?$/, "");
}
