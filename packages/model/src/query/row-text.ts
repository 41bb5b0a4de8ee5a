const letters: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Row text of an answer's rows, as digests and signatures cover it: op `S`, then each value. */
export function answerText(values: readonly (readonly (string | null)[])[]): string {
  return values.map((row) => `S\t${row.map(fieldText).join('\t')}\n`).join('');
}

function fieldText(value: string | null): string {
  return value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (character) => letters[character]!);
}
