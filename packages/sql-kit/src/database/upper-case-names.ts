/** Names of databases that keep what is written without quotes in upper case. */

/** As an SQL identifier, whatever is in it. */
export function doubleQuoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** How such a database keeps a name that is written without quotes. */
export function upperCaseName(name: string): string {
  return /^[a-z][a-z0-9_$#]*$/i.test(name) ? name.toUpperCase() : name;
}

/** The name itself, and as it is kept when it was written without quotes. */
export function namesOf(name: string): string[] {
  return [...new Set([name, upperCaseName(name)])];
}
