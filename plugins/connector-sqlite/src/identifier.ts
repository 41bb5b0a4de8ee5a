/** A name as an SQL identifier, whatever it holds. U+0000 would end the statement: refused by the schema's database anyway. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
