import assert from 'node:assert/strict';
import { type ErrorKind, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import type { RowTexts } from './harness.js';

/** Waits no longer than the contract allows; a connector that hangs is a finding, not a stuck suite. */
export async function withinMs<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `${what} took over ${ms} ms` })),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The work fails with a QianzhiError of one of the kinds, in both languages and with a hint. */
export async function failsWith(
  kinds: readonly ErrorKind[],
  what: string,
  work: () => Promise<unknown>,
): Promise<QianzhiError> {
  let error: unknown;
  try {
    const value = await work();
    if (isDisposable(value)) await value[Symbol.asyncDispose]();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error !== undefined, `${what} must fail, but it did not`);
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(isQianzhiError(error), `${what} must fail with a QianzhiError, not ${describeError(error)}`);
  assert.ok(
    kinds.includes(error.kind),
    `${what} must be of kind ${kinds.join(' or ')}, not ${error.kind} (${error.code})`,
  );
  assert.match(error.code, /^QZ_[A-Z0-9]+(_[A-Z0-9]+)+$/, 'the error code has the form QZ_OWNER_NAME');
  for (const language of ['zh', 'en'] as const) {
    assert.ok(
      error.texts[language].message && error.texts[language].hint,
      `${error.code} needs ${language} message and hint`,
    );
  }
  return error;
}

function isDisposable(value: unknown): value is AsyncDisposable {
  return typeof value === 'object' && value !== null && Symbol.asyncDispose in value;
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** The same rows, each as often, in any order. */
export function sameRows(actual: readonly RowTexts[], expected: readonly RowTexts[], what: string): void {
  const missing = countRows(expected);
  const extra: string[] = [];
  for (const row of actual) {
    const text = JSON.stringify(row);
    const left = missing.get(text);
    if (left === undefined) extra.push(text);
    else if (left === 1) missing.delete(text);
    else missing.set(text, left - 1);
  }
  if (missing.size === 0 && extra.length === 0) return;
  const show = (rows: Iterable<string>) => [...rows].slice(0, 3).map(shorten).join(' ');
  assert.fail(
    `${what}: ${expected.length} rows expected, ${actual.length} found; missing ${show(missing.keys()) || 'none'}; ` +
      `not expected ${show(extra) || 'none'}`,
  );
}

function countRows(rows: readonly RowTexts[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const text = JSON.stringify(row);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

export function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 120)}… (${text.length} characters)`;
}
