/** A name as an SQL identifier, whatever it holds. */
export function quoted(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}
