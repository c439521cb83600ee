/**
 * What was known without the corpus. Texts that a scanner meets, written from memory by somebody who had seen neither the corpus nor the
 * signatures (`drawn/*.txt`; when, and what of them was known at first, is in docs/results.md): what names one of them rightly would have
 * been written had there been no corpus. A line is `text => name ~ second name; vendor; version`, under a `# kind` of the corpus' kinds;
 * no name: nothing should be named. `\\r` and `\\n` in a text stand for themselves.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DoorplateError } from "../../lib/model/errors.ts";
import type { Case, Compare } from "./corpus.ts";
import { placed } from "./places.ts";

export const DRAWN = join(import.meta.dirname, "drawn");

/** @throws DoorplateError naming the line that cannot be read */
export function readDrawn({ compareProduct, compareVersion }: Compare, folder = DRAWN): Case[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .sort()
    .flatMap((name) => {
      let kind: string | null = null;
      return readFileSync(join(folder, name), "utf8")
        .split("\n")
        .flatMap((line, index): Case[] => {
          if (line.startsWith("# ")) kind = line.slice(2).trim();
          const read = parse(line);
          if (!read) return [];
          const { text, names, vendor, version } = read;
          const id = `${name}:${index + 1}`;
          if (kind === null) throw new DoorplateError(`${id}: no "# kind" stands above it`);
          const same = (said: { product: string; vendor: string | null }) =>
            names.some((product) => compareProduct({ product, vendor, cpe: [] }, said).match);
          return [
            {
              ...placed(kind, text),
              id,
              fingerprint: id,
              product: names[0] ?? id,
              kind,
              judge: ({ product, vendor: maker, version: said }) => {
                const right = product === null ? null : same({ product, vendor: maker });
                return {
                  service: null,
                  product: right,
                  version: right && version && said !== null ? compareVersion(version, said).exact : null,
                  asks: { product: names.length > 0, version: version !== "" },
                };
              },
            },
          ];
        });
    });
}

function parse(line: string) {
  const [, text, label] = /^(?!# )(.*) =>(?: (.*))?$/.exec(line) ?? [];
  if (text === undefined) return null;
  const [products = "", vendor = "", version = ""] = (label ?? "").split(";").map((part) => part.trim());
  const names = products.split("~").map((name) => name.trim());
  return {
    text: text.replaceAll("\\r", "\r").replaceAll("\\n", "\n"),
    names: names.filter((name) => name !== ""),
    vendor,
    version,
  };
}
