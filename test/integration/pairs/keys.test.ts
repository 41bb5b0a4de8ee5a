import type { RowTexts } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { exchangeInto, readParts, type refusedIds, resourceFor, rowsOf, sorted, upsertsOf } from './carry.js';
import { describePairs, nextName } from './pairs.js';
import type { PairSite } from './sites/site.js';
import { tableOf } from './values.js';

/** Keys that some collation, trimming or conversion takes for one another. */
const alike = [
  ...['a', 'A', 'á', 'a\u0301', 'Á', 'a ', 'a  ', ' a', 'ａ', 'a\u200b', '\ufeffa', 'a\t', 'a\n', 'a\\'],
  ...['', ' ', '\t', '\\', '\\N', '\\n', 'NULL', 'null', 'ß', 'ss', 'SS', 'ﬁ', 'fi', 'İ', 'i', 'ı', 'I'],
  ...[
    '0',
    '00',
    '-0',
    '0.0',
    '1',
    '01',
    '1e0',
    '１',
    '𠮷',
    '䶮',
    '😀',
    '😁',
    '惠',
    '\u0001',
    '\x7f',
    '\uffff',
  ],
];

const composite = (name: string) =>
  tableOf(name, [
    { column: 'word', type: 'C', length: 40, key: true },
    { column: 'note', type: 'M' },
    { column: 'number', type: 'I', key: true },
    { column: 'day', type: 'D', key: true },
  ]);

const rows: readonly RowTexts[] = alike.flatMap((word, at) => [
  [word, `${at}`, '-9223372036854775808', '0001-01-01'],
  [word, null, `${at}`, '9999-12-31'],
  [word, '', `${at}`, '1582-10-10'],
]);

/** One row for each key that the site can tell apart. */
function distinctIn(site: PairSite, all: readonly RowTexts[]): RowTexts[] {
  const found = new Map<string, RowTexts>();
  for (const row of all) {
    const key = JSON.stringify([site.keyOf?.(row[0]!) ?? row[0], row[2], row[3]]);
    if (!found.has(key)) found.set(key, row);
  }
  return [...found.values()];
}

describePairs('keys', (pair) => {
  it('of several columns, alike but for case, accents, width or blanks, stay apart', async () => {
    const [from, to] = [pair.from(), pair.to()];
    const table = composite(nextName());
    const resource = resourceFor(table);
    const given = distinctIn(from, rows);
    const parts = await readParts(from, resource, await from.fill!(table, given), 1500);
    expect(parts.length).toBeGreaterThan(2);
    expect(sorted(rowsOf(parts))).toEqual(sorted(given));

    const target = composite(nextName());
    const exchange = exchangeInto(to, resource, to.target!.spec(target));
    const refused = [];
    for (const batch of exchange.snapshot(parts)) refused.push(...(await exchange.write(batch)).rejected);
    expect(refused.every(({ reason }) => reason === 'duplicate-key')).toBe(true);
    const arrived = await to.target!.read(target);
    const distinct = distinctIn(to, given);
    expect(arrived.length).toBe(distinct.length);
    expect(refused.length).toBe(given.length - distinct.length);
    expect(sorted([...arrived, ...refused.map(rowOf(given))])).toEqual(sorted(given));

    const changed = arrived.map(([word, , number, day]) => [word!, `改 ${word}`, number!, day!]);
    const { rejected } = await exchange.write(exchange.delta(upsertsOf(changed)));
    expect(rejected).toEqual([]);
    expect(sorted(await to.target!.read(target))).toEqual(sorted(changed));
  });

  it('are not needed for a full copy: equal rows come as often as they are there', async () => {
    const [from, to] = [pair.from(), pair.to()];
    const columns = [
      { column: 'word', type: 'C', length: 40 },
      { column: 'number', type: 'I' },
    ] as const;
    const table = tableOf(nextName(), columns);
    const resource = resourceFor(table);
    const given: RowTexts[] = [
      ['a', '1'],
      ['a', '1'],
      ['A', '1'],
      ['a ', '1'],
      [null, null],
      [null, null],
      ['', null],
    ];
    const parts = await readParts(from, resource, await from.fill!(table, given), 16);
    const target = tableOf(nextName(), columns);
    const exchange = exchangeInto(to, resource, to.target!.spec(target));
    for (const batch of exchange.snapshot(parts)) await exchange.write(batch);
    expect(sorted(await to.target!.read(target))).toEqual(sorted(given));
  });
});

/** The row that a refusal is about. */
function rowOf(all: readonly RowTexts[]) {
  return (refusal: Parameters<typeof refusedIds>[0][number]): RowTexts => {
    const [fields] = rowsOf([{ rows: 1, bytes: Buffer.from(refusal.bytes) }]);
    return all.find((row) => JSON.stringify(row) === JSON.stringify(fields))!;
  };
}
