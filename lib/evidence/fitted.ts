/**
 * What `npm run calibrate` measured on labelled claims, with where it comes from: how often each kind of claim is right, and what the three
 * confidences are worth (docs/calibration.md). Data of the build: nothing is read at run time.
 */
import type { MonotoneMap } from "./isotonic.ts";
import type { Rates } from "./rates.ts";
import measured from "./weights.yaml";

export interface ConfidenceMaps {
  service: MonotoneMap;
  product: MonotoneMap;
  version: MonotoneMap;
}

/** Of weights.yaml; its shape is checked by the tests, not at every cold start. */
export interface Fitted {
  /** Date, command, corpus and its digest, rows, digest of the signatures. */
  provenance: Readonly<Record<string, string | number>>;
  rates: Rates;
  maps: ConfidenceMaps;
}

export const fitted = measured as Fitted;
