const letterOf: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const characterOf: Readonly<Record<string, string>> = { '\\\\': '\\', '\\t': '\t', '\\n': '\n', '\\r': '\r' };

/** A value as the text of its field. */
export function escapeText(value: string): string {
  return value.replace(/[\\\t\n\r]/g, (character) => letterOf[character]!);
}

/** The value of a field's text that is not `\N`. */
export function unescapeText(text: string): string {
  return text.includes('\\') ? text.replace(/\\[\\tnr]/g, (pair) => characterOf[pair]!) : text;
}
