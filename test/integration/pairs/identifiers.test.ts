import { ColumnNameSchema } from '@qianzhi/model';
import type { RowTexts } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { exchangeInto, readParts, resourceFor, sorted } from './carry.js';
import { describePairs, nextName, ring } from './pairs.js';
import type { Column, PairSite, Table } from './sites/site.js';

const names = [
  ...['a"b', "a'b", 'a`b', 'a[b]', 'a b', ' a', 'a.b', 'a,b', 'a;--', '/*x*/', '*/ x', '\\', 'a\\b', '\\N'],
  ...['$1', '?', ':x', '%s', '@a', '{}', '${x}', '<a>', '&amp;', '#', '=1+1', 'null', 'true', '0', '1e5'],
  ...[
    'select',
    'order',
    'group',
    'key',
    'table',
    'user',
    'primary',
    'check',
    'from',
    'rows',
    'rank',
    'value',
  ],
  ...[
    'rowid',
    'oid',
    '_rowid_',
    'op',
    'seq',
    'n',
    'x',
    'coming',
    'excluded',
    'new',
    'old',
    'source',
    'target',
  ],
  ...[
    'constructor',
    '__proto__',
    'toString',
    '名称',
    '统一社会信用代码',
    '䶮',
    'é',
    'e\u0301',
    '\u200b',
    'ＡＢ',
  ],
  ...['001', '002', '003'].map((end) => `${'n'.repeat(60)}${end}`),
];

const inCatalog = new RegExp(ColumnNameSchema.pattern!);

/** A key and a column of each name; items are called so, too, where the catalog allows it. */
function hostileTable(name: string): Table {
  const columns = names.map(
    (column, at): Column => ({
      name: column,
      item: { name: column, column: inCatalog.test(column) ? column : `item ${at}`, type: 'C', length: 9 },
    }),
  );
  const key: Column = {
    name: 'primary "key"',
    item: { name: '编号', column: '主键', type: 'I', key: true },
  };
  return { name, columns: [...columns.slice(0, 30), key, ...columns.slice(30)] };
}

/** Numbers, days and short texts in turn, under names that differ at their end alone. */
function wideTable(name: string): Table {
  const shapes = [{ type: 'I' }, { type: 'C', length: 5 }, { type: 'D' }, { type: 'L' }] as const;
  const columns = Array.from({ length: 400 }, (_, at): Column => {
    const column = `${'c'.repeat(60)}${String(at).padStart(3, '0')}`;
    return {
      name: column,
      item: { name: column, column, ...shapes[at % 4]!, ...(at === 0 && { key: true }) },
    };
  });
  return { name, columns };
}

const wideRows: RowTexts[] = Array.from({ length: 20 }, (_, row) =>
  Array.from({ length: 400 }, (_, at) =>
    at > 0 && (row + at) % 7 === 0 ? null : [`${row * 1000 + at}`, `文${at}`, '2026-02-28', 't'][at % 4]!,
  ),
);

async function arrives(from: PairSite, to: PairSite, table: Table, target: Table, rows: readonly RowTexts[]) {
  const resource = resourceFor(table);
  const parts = await readParts(from, resource, await from.fill!(table, rows), rows.length * 150);
  const exchange = exchangeInto(to, resource, to.target!.spec(target));
  const batches = exchange.snapshot(parts);
  return {
    batches,
    write: async (part: number) => {
      const { rejected } = await exchange.write(batches.at(part)!);
      expect(rejected).toEqual([]);
    },
    expectRows: async () => expect(sorted(await to.target!.read(target))).toEqual(sorted(rows)),
  };
}

describePairs('identifiers', (pair) => {
  it('that are SQL, JSON or paths elsewhere name tables and columns, and nothing else', async () => {
    const hostile = `表 "x" 'y' \`z\`; DROP TABLE t; -- ${nextName()}`;
    const rows = Array.from({ length: 12 }, (_, row) =>
      hostileTable('').columns.map(({ item }, at) => (item.key ? `${row}` : `值${row}-${at}`)),
    );
    const table = hostileTable(hostile);
    const { batches, write, expectRows } = await arrives(
      pair.from(),
      pair.to(),
      table,
      hostileTable(`${hostile} 2`),
      rows,
    );
    for (const at of batches.keys()) await write(at);
    await expectRows();
  });
});

describePairs(
  'names of 63 bytes that differ at their end',
  (pair) => {
    it('two tables are loaded at the same time, of 400 columns each', async () => {
      const stem = 't'.repeat(57 - String(nextName()).length) + nextName();
      const tables = ['aaa', 'aab', 'aac', 'aad'].map((end) => `${stem.padEnd(60, 'x')}${end}`);
      const other = wideRows.map((row) =>
        row.map((text, at) => (at % 4 === 1 && text !== null ? '另' : text)),
      );
      const first = await arrives(
        pair.from(),
        pair.to(),
        wideTable(tables[0]!),
        wideTable(tables[1]!),
        wideRows,
      );
      const second = await arrives(
        pair.from(),
        pair.to(),
        wideTable(tables[2]!),
        wideTable(tables[3]!),
        other,
      );
      expect(first.batches.length).toBe(second.batches.length);
      for (const at of first.batches.keys()) {
        await first.write(at);
        await second.write(at);
      }
      await first.expectRows();
      await second.expectRows();
    });
  },
  ring,
);
