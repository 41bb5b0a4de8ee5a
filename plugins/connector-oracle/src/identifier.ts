/** A name as an SQL identifier. Oracle has no names with a quote in them: such a one is refused by the server, whatever is made of it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** How Oracle keeps a name that is written without quotes. */
export function asWritten(name: string): string {
  return /^[a-z][a-z0-9_$#]*$/i.test(name) ? name.toUpperCase() : name;
}
