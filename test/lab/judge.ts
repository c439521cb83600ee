import type { Result, Verdict } from "../../lib/model/fingerprint.ts";
import { sameProduct, sameService, sameVersion } from "./compare.ts";
import type { RunningDoor } from "./start.ts";

/** `none`: nothing was said. */
export type Mark = "right" | "none" | "wrong";

/** What a scanner says of a door. */
export type Said = Pick<Result, "port" | "transport" | "service" | "product" | "version" | "tls">;

/** A door with what was said of it, judged. */
export interface Judged<T extends Said> {
  door: RunningDoor;
  got: T | undefined;
  service: boolean;
  tls: boolean;
  product: Mark;
  version: Mark;
}

export function judge<T extends Said>(door: RunningDoor, said: readonly T[]): Judged<T> {
  const got = said.find(({ port, transport }) => port === door.port && transport === door.transport);
  const mark = (value: string | null | undefined, same: (value: string) => boolean): Mark =>
    value ? (same(value) ? "right" : "wrong") : "none";
  return {
    door,
    got,
    service: sameService(door.service, got?.service ?? ""),
    tls: got?.tls === door.tls,
    product: mark(got?.product, (name) => sameProduct(door.product, name)),
    // A version that no answer shows cannot be judged by what dpkg says.
    version: mark(got?.version, (version) => door.version === null || sameVersion(door.version, version)),
  };
}

/** At or above this confidence a contradicted claim is believed too much. */
export const BELIEVED = 0.9;

/** A false name is reported: named in a conflict, or not believed at all while another is; and nobody is sure. */
export function spoofSeen({
  door,
  got,
}: {
  door: RunningDoor;
  got: Partial<Said & Verdict> | undefined;
}): boolean {
  const spellings = (door.spoof ?? []).map((name) => name.toLowerCase());
  const named = got?.conflicts?.some(
    ({ field, claimed, against }) =>
      field === "product" &&
      [claimed, against].some((name) => spellings.some((spelling) => name.toLowerCase().includes(spelling))),
  );
  return named === true && (got?.confidences?.product ?? 1) < BELIEVED;
}

/** Servers behind the door that are no technology of what was said. */
export function behindUnseen({
  door,
  got,
}: {
  door: RunningDoor;
  got: Partial<Said & Verdict> | undefined;
}): readonly string[] {
  const told = new Set(got?.technologies?.map(({ name }) => name));
  return (door.behind ?? []).filter((name) => !told.has(name));
}

export const where = ({ door }: Pick<Judged<Said>, "door">) =>
  `${door.daemon} ${door.transport}/${door.port}${door.tls ? " tls" : ""}`;

/** All but the known gaps. */
export const named = <T extends Said>(all: readonly Judged<T>[]) => all.filter(({ door }) => !door.unnamed);
/** Those whose answers show the product. */
export const withProduct = <T extends Said>(all: readonly Judged<T>[]) =>
  all.filter(({ door }) => !door.productHidden);
/** Those whose answers show the version. */
export const withVersion = <T extends Said>(all: readonly Judged<T>[]) =>
  all.filter(({ door }) => door.version !== null);

/** How many services, products and versions are right, of those that an answer shows. */
export function score(all: readonly Judged<Said>[]): string {
  const products = withProduct(all);
  const versions = withVersion(all);
  const right = (some: readonly Judged<Said>[], field: "product" | "version") =>
    `${some.filter((one) => one[field] === "right").length}/${some.length}`;
  const services = `${all.filter(({ service }) => service).length}/${all.length}`;
  return `service ${services}, product ${right(products, "product")}, version ${right(versions, "version")}`;
}
