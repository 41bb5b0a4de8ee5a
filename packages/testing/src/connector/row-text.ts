import assert from 'node:assert/strict';
import type { RowTexts } from './harness.js';

/**
 * The suite's own reading and writing of row text, kept apart from `@qianzhi/rows`, which connectors use: a fault
 * there would otherwise judge itself.
 */
export interface OpRow {
  readonly op: 'S' | 'U' | 'D';
  readonly fields: RowTexts;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const letters: Readonly<Record<string, string>> = { '\\': '\\', t: '\t', n: '\n', r: '\r' };

export function encodeOpRows(rows: readonly OpRow[]): Uint8Array {
  return Buffer.from(
    rows.map(({ op, fields }) => `${[op, ...fields.map(encodeField)].join('\t')}\n`).join(''),
  );
}

function encodeField(value: string | null): string {
  return value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (char) => escapes[char]!);
}

/** Reads a block strictly; throws an AssertionError for anything that is not canonical row text of `width` fields. */
export function decodeOpRows(bytes: Uint8Array, width: number): OpRow[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (text === '') return [];
  assert.ok(text.endsWith('\n'), 'a block of row text ends with LF');
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => decodeLine(line, width));
}

function decodeLine(line: string, width: number): OpRow {
  const [op, ...fields] = line.split('\t');
  assert.ok(op === 'S' || op === 'U' || op === 'D', `a row starts with S, U or D, not ${JSON.stringify(op)}`);
  assert.equal(fields.length, width, 'a row has one field for each item');
  return { op, fields: fields.map(decodeField) };
}

function decodeField(field: string): string | null {
  if (field === '\\N') return null;
  assert.ok(!field.includes('\r'), 'CR is written as \\r');
  return field.replace(/\\([\s\S]?)/g, (whole, letter: string) => {
    const value = letters[letter];
    assert.ok(value !== undefined, `${JSON.stringify(whole)} is none of the four escapes`);
    return value;
  });
}
