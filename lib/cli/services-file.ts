/** The operator's table of services on this machine. */
import type { ServiceRow } from "../model/request.ts";
import { parseServices } from "../registry/services.ts";
import { named } from "./arguments.ts";
import { readText } from "./files.ts";

/** Undefined: the built-in one. @throws DoorplateError naming the file, and the line that is wrong */
export function servicesFrom(file: string | undefined): ServiceRow[] | undefined {
  if (file === undefined) return undefined;
  const text = readText(file, "table of services");
  return named(file === "-" ? "stdin" : file, parseServices)(text);
}
