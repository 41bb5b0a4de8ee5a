const unescaped: Readonly<Record<string, string>> = { '\\\\': '\\', '\\t': '\t', '\\n': '\n', '\\r': '\r' };

/** The fields of a few rows of row text without their op, for a person to look at: null for `\N`, escapes resolved. */
export function rowValues(bytes: Uint8Array): (string | null)[][] {
  const text = Buffer.from(bytes).toString('utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').slice(1).map(fieldValue));
}

export function fieldValue(field: string): string | null {
  return field === '\\N' ? null : field.replace(/\\[\\tnr]/g, (pair) => unescaped[pair]!);
}
