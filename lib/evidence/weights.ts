/**
 * Constants of the fusion: how pieces of evidence meet. They are set by hand, since single banners cannot tell them; what can be measured on
 * labelled claims is in weights.yaml (`fitted.ts`). Log-likelihood ratios are in nats.
 */

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

/**
 * Share of its weight that a claimed token keeps against what the server does itself: anybody can type a `Server` field, few rebuild
 * another server's error page.
 */
export const CONTRADICTED_SHARE = 0.7;
/** Share that a greeting's names keep where it is all that was ever said: a line is cheaper to fake than a daemon. */
export const UNANSWERED_SHARE = 0.5;
/** Share that the names in a recording keep: a server that does not answer may be overloaded, who repeats himself is none of that kind at all. */
export const RECORDED_SHARE = 0.4;
/**
 * Share that a typed name keeps whose bearer would show itself in an answer that was given, and did not: of true ones none was met so, of
 * false ones hardly any other, and false ones are rare.
 */
export const UNSHOWN_SHARE = 0.42;
/**
 * Most that a product is believed while another is claimed beside it: who lies once may lie twice, and labelled banners hold no liars to
 * measure it on. Below every profile's threshold, so that the questions go on.
 */
export const CONTESTED_MOST = 0.88;
/** Within the same bytes a claim so much weaker than the strongest is another reading of what that one reads better, nats. */
export const OUTREAD_WEIGHT = 2.5;

/** Rival claims below this weight are no conflict worth showing. */
export const CONFLICT_WEIGHT = 3;

/**
 * Least confidence with which a product is named: right twice as often as wrong, since a wrong name costs its reader more than none. Below it
 * the name is told as a guess (`info`). What an operator's own rule or file names is named whatever it states.
 */
export const LEAST_NAMED = 0.667;

/** No verdict is ever certain: confidences stay inside these bounds. */
export const MOST_CERTAIN = 0.999;
