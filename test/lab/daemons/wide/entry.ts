/** Short forms for the many daemons of the wide lab. */
import type { Command, Daemon, Door, Place } from "../../daemon.ts";

type Names = string | readonly [string, ...string[]];
const list = (names: Names): readonly [string, ...string[]] => (typeof names === "string" ? [names] : names);

/** A TCP door. Product null: no answer without credentials shows it. */
export function tcp(
  service: Names,
  product: Names | null,
  version: Door["version"] = null,
  rest: Partial<Door> = {},
): Door {
  const shown =
    product === null ? { product: ["-"] as const, productHidden: true as const } : { product: list(product) };
  return { at: 0, transport: "tcp", tls: false, service: list(service), version, ...shown, ...rest };
}
export const udp = (
  service: Names,
  product: Names | null,
  version: Door["version"] = null,
  rest: Partial<Door> = {},
): Door => tcp(service, product, version, { transport: "udp", ...rest });
/** One door by TCP and the same by UDP. */
export const both = (...door: Parameters<typeof tcp>): readonly Door[] => [tcp(...door), udp(...door)];
/** The product is there, but no answer shows it: a right guess is welcome, a wrong one counts. */
export const hidden = (door: Door, product: Names): Door => ({
  ...door,
  product: list(product),
  productHidden: true,
});

/** Of a door inside TLS. */
export const TLS = { tls: true } as const;
/** Of one that listens on every address, or changes what the machine has but once. */
export const OWN = { needsOwnNetwork: true } as const;
/** For programs that look for their user. */
export const HOME = { HOME: "/tmp" };

/** One daemon; `pack` is the package whose version is the truth. */
export function daemon(
  name: string,
  pack: string,
  ports: Daemon["ports"],
  doors: readonly Door[],
  start: (place: Place) => Command | readonly Command[],
  rest: Partial<Daemon> = {},
): Daemon {
  return {
    name,
    package: pack,
    ports,
    doors,
    start: (place) => [start(place)].flat() as Command[],
    ...rest,
  };
}

/** A shell script that ends in `exec`. */
export const shell = (script: string, env?: Record<string, string>): Command => ({
  argv: ["/bin/sh", "-ec", script],
  ...(env ? { env } : {}),
});
/** A /run of its own: what keeps state and locks there must not meet what runs on this machine. */
export const withRun = (script: string, env?: Record<string, string>): Command =>
  shell(`mount -t tmpfs -o mode=755 tmpfs /run\n${script}`, env);
