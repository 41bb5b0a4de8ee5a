import { describe, expect, it } from 'vitest';
import { tableLines } from './table.js';
import { textWidth } from './text-width.js';

describe('textWidth', () => {
  it.each([
    ['abc', 3],
    ['民政局', 6],
    ['A\uff08一\uff09', 7],
    ['①—→', 3],
    ['𠮷田', 4],
    ['e\u0301', 1],
    ['한글ひらカナ', 12],
    ['😀', 2],
    ['', 0],
  ])('%j is %i columns wide', (text, width) => expect(textWidth(text)).toBe(width));
});

interface Row {
  readonly name: string;
  readonly count?: number;
}
const columns = [
  { name: '名称', value: (row: Row) => row.name },
  { name: '行数', value: (row: Row) => row.count },
];

describe('tableLines', () => {
  it('lines up wide and narrow characters, numbers to the right, nothing known as a dash', () => {
    expect(
      tableLines([{ name: '民政', count: 7 }, { name: 'tax', count: 12345 }, { name: 'x' }], columns),
    ).toEqual(['名称   行数', '────  ─────', '民政      7', 'tax   12345', 'x         —']);
  });

  it('wraps the widest cells into the width of the terminal and loses nothing', () => {
    const name = '中华人民共和国行政区划代码与名称';
    const lines = tableLines([{ name, count: 1 }], columns, 18);
    expect(lines.every((line) => textWidth(line) <= 18)).toBe(true);
    expect(lines.slice(2).join('').replace(/[ 1]/g, '')).toBe(name);
  });

  it('shows control characters instead of sending them to the terminal', () => {
    expect(tableLines([{ name: 'a\u001b[2J\nb\u009b' }], columns)[2]).toMatch(/^a␛\[2J␊b\ufffd/);
  });
});
