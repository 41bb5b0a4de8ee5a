import { textWidth } from './text-width.js';

export interface Column<T> {
  readonly name: string;
  readonly value: (row: T) => string | number | null | undefined;
}

const gap = '  ';
const leastWidth = 8;

/**
 * The lines of a table for a person; wide characters line up, numbers stand right. Nothing is cut off: where `maxWidth`
 * columns are not enough, the widest cells go on in further lines. Control characters show as symbols, so that no value can
 * steer the terminal.
 */
export function tableLines<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  maxWidth = Number.POSITIVE_INFINITY,
): string[] {
  const values = rows.map((row) => columns.map(({ value }) => value(row) ?? undefined));
  const cells = [columns.map(({ name }) => name), ...values].map((row) =>
    row.map((value) => visible(String(value ?? '—'))),
  );
  const right = columns.map(
    (_, column) =>
      values.some((row) => typeof row[column] === 'number') &&
      values.every((row) => typeof row[column] !== 'string'),
  );
  const natural = columns.map((_, column) => Math.max(...cells.map((row) => textWidth(row[column] ?? ''))));
  const widths = fit(natural, maxWidth - gap.length * (columns.length - 1));
  const [header = [], ...body] = cells.map((row) => rowLines(row, widths, right));
  return [...header, widths.map((width) => '─'.repeat(width)).join(gap), ...body.flat()];
}

/** Takes from the widest columns until all fit, or none is wider than `leastWidth`. */
function fit(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) - available;
  for (; over > 0; over--) {
    const widest = Math.max(...widths);
    if (widest <= leastWidth) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function rowLines(row: readonly string[], widths: readonly number[], right: readonly boolean[]): string[] {
  const wrapped = row.map((cell, column) => wrap(cell, widths[column] ?? 0));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, column) => {
        const text = wrapped[column]?.[line] ?? '';
        const pad = ' '.repeat(Math.max(0, width - textWidth(text)));
        return right[column] ? pad + text : text + pad;
      })
      .join(gap)
      .trimEnd(),
  );
}

function wrap(text: string, width: number): string[] {
  if (textWidth(text) <= width) return [text];
  const lines = [''];
  let used = 0;
  for (const char of text) {
    const size = textWidth(char);
    if (used + size > width) {
      lines.push('');
      used = 0;
    }
    lines[lines.length - 1] += char;
    used += size;
  }
  return lines;
}

function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd';
  });
}
