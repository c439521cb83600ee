/** `dead-letter` to `DeadLetter`: a topology name as a CloudFormation id. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Maps a record's values and keeps its keys with their types. */
export function recordOf<K extends string, V, R>(
  source: Record<K, V>,
  map: (key: K, value: V) => R,
): Record<K, R> {
  const entries = Object.entries(source) as [K, V][];
  return Object.fromEntries(entries.map(([key, value]) => [key, map(key, value)])) as Record<K, R>;
}
