/**
 * Hand-set numbers of the fusion, until `npm run calibrate` fits them on labelled data (DESIGN section 4). They were chosen so that one
 * exact product token gives about 0.95, a protocol's grammar alone about 0.98 for the service, and two
 * independent families that agree about 0.99. Log-likelihood ratios are in nats.
 */
export const provenance = "hand-set 2026-11-21, not fitted";

/** Each further family counts this much of its weight: header, error page and certificate are not independent. */
export const FAMILY_SHRINKAGE = 0.6;

/** P(service | port) of a service that the registry does not name for this port. */
export const UNREGISTERED_SERVICE_PRIOR = 0.02;
/** Least mass left to "something else", whatever the registry says. */
export const SOMETHING_ELSE_PRIOR = 0.05;
/** A port that was asked and answered nothing recognisable is less likely what its number says. */
export const SILENCE_FACTOR = 0.5;

/** Prior log-odds of any one product before evidence, given the service. */
export const PRODUCT_PRIOR = -3;
/** Prior log-odds of a version as read, given the product: versions are seldom faked apart from the product. */
export const VERSION_PRIOR = -2.5;

/** Rival claims below this weight are no conflict worth showing. */
export const CONFLICT_WEIGHT = 3;

/** No verdict is ever certain: confidences stay inside these bounds. */
export const MOST_CERTAIN = 0.999;
