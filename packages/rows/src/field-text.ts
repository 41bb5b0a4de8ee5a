const letterOf: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const characterOf: Readonly<Record<string, string>> = { '\\\\': '\\', '\\t': '\t', '\\n': '\n', '\\r': '\r' };

const SPECIAL = /[\\\t\n\r]/;
const EACH_SPECIAL = /[\\\t\n\r]/g;

/** A value as the text of its field. */
export function escapeText(value: string): string {
  return SPECIAL.test(value) ? value.replace(EACH_SPECIAL, (character) => letterOf[character]!) : value;
}

/** The value of a field's text that is not `\N`. */
export function unescapeText(text: string): string {
  return text.includes('\\') ? text.replace(/\\[\\tnr]/g, (pair) => characterOf[pair]!) : text;
}
