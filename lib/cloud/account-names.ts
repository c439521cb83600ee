/**
 * The names at which an account's shared front doors answer: its load balancers, CloudFront distributions and APIs. Behind the addresses of these
 * others answer, too, or will tomorrow; who is asked is said by name and port. So each name is told with the ports at which the
 * resource answers, and with its home: the name that AWS gave the resource and that leads to it for as long as there is one. A name of the
 * customer's own, an alias, leads to the resource only while it leads where the home leads; its zone may say anything.
 *
 * Not told: internal load balancers, private APIs, what is disabled.
 */
export interface AccountName {
  /** As AWS writes it; may be a wildcard. */
  name: string;
  /** ARN, id or name of the resource. */
  resource: string;
  /** What it is, in words: `load balancer`. */
  kind: string;
  home: string;
  /** `-p` syntax. */
  ports: string;
}

/** Reads all of it, page by page. @throws what AWS answers: an incomplete list is none */
export type NameSource = () => Promise<AccountName[]>;
