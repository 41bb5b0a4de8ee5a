import { itemTypes } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { resourceOf, rowsOf } from '../fixtures.js';
import { compileValidator } from '../validator/compile.js';
import { canonicalText, type TypedItem } from './canonical-text.js';
import { typeTable } from './type-table.js';

function judge(item: TypedItem, text: string): string {
  // first, in the middle and last, because the delimiter and the bytes behind differ
  const verdicts = [
    [item, { type: 'C' as const }],
    [{ type: 'C' as const }, item, { type: 'C' as const }],
    [{ type: 'C' as const }, item],
  ].map((items) => {
    const row = items.map((each) => (each === item ? text : 'x'));
    const [rejected] = compileValidator(resourceOf(items)).validate(rowsOf(['U', ...row])).rejected;
    return rejected ? rejected.reason : 'accepted';
  });
  return [...new Set(verdicts)].join();
}

it('has an entry for each catalog type', () => {
  expect(typeTable.map((entry) => entry.type).sort()).toEqual([...itemTypes].sort());
});

describe.each(typeTable)('type $type $name.en', ({ valid, invalid, respelled }) => {
  it.each(valid)('accepts $text', ({ item, text }) => {
    expect(judge(item, text)).toBe('accepted');
    expect(canonicalText(item, text)).toBe(text);
  });
  it.each(invalid)('rejects "$text": $reason', ({ item, text, reason }) =>
    expect(judge(item, text)).toBe(reason),
  );
  it.each(respelled)('respells "$from" as "$to"', ({ item, from, to }) => {
    expect(canonicalText(item, from)).toBe(to);
    expect(canonicalText(item, to)).toBe(to);
  });
});
