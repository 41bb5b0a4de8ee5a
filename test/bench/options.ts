/** `--name N` of a command line, or what holds without it. */
export function numberOption(options: readonly string[], name: string, otherwise: number): number {
  const at = options.indexOf(`--${name}`);
  if (at < 0) return otherwise;
  const value = Number(options[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} wants a whole number`);
  return value;
}

/** What happens meanwhile: stdout is for the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** With three digits that mean something. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
