/** A name as an SQL identifier, whatever it holds. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function qualified(database: string, name: string): string {
  return `${quoted(database)}.${quoted(name)}`;
}

/** A text as an SQL literal, for the sql_mode that every session of ours sets (backslashes escape). */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;
}
