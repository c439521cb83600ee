/**
 * Answers that name no product, as cases: each line of nameless.yaml in an answer of its protocol, as plain as its place allows. A product
 * that is read in one of them is wrong, whatever it is; so is one that a page only mentions.
 */
import { NO_VERDICT } from "../../lib/model/fingerprint.ts";
import type { Case } from "./corpus.ts";
import lists from "./nameless.yaml";
import { placed } from "./places.ts";

type Lists = Readonly<Record<"nameless" | "mentions", Readonly<Record<string, string>>>>;

/** `kind` is the list, a colon, and the place. @throws RangeError for a place that is not known */
export function readNameless(file: Lists = lists as Lists): Case[] {
  return Object.entries(file).flatMap(([list, places]) =>
    Object.entries(places).flatMap(([place, texts]) =>
      texts
        .split("\n")
        .filter((text) => text !== "")
        .map((text): Case => {
          const id = `${list}:${place} ${text}`;
          return {
            ...placed(place, text),
            id,
            fingerprint: id,
            product: id,
            kind: `${list}:${place}`,
            judge: ({ product } = NO_VERDICT) => ({
              service: null,
              product: product === null ? null : false,
              version: null,
              asks: { product: false, version: false },
            }),
          };
        }),
    ),
  );
}
