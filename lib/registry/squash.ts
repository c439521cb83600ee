/** Letters and digits of a name, lower-case: `Apache-Coyote/1` → `apachecoyote1`. Names are compared by these alone. */
export function squash(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "");
}
