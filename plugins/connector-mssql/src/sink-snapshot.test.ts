import { batchOfLines, delivery, noAbort, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { ledgerTables, type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { sinkOf } from './test/site.js';

const items = resourceWith([
  { column: 'id', type: 'I', key: true },
  { column: 'open', type: 'L' },
]);
const table: ScriptedTable = {
  name: 'firm',
  columns: [
    { name: 'id', type: 'int', bytes: 4 },
    { name: 'open', type: 'bit', nullable: true },
  ],
  primaryKey: ['id'],
};
const part = (at: number, last: boolean, rows = 0) => ({
  id: 'snap',
  part: at,
  last,
  ...(last && { totals: { parts: at, rows } }),
});

/** A server on which a shadow is there once it was made. */
function serverWithShadow(answers: (sent: Sent) => Answer | undefined) {
  let shadow: string | undefined;
  return scriptedDriver((sent) => {
    shadow = /^CREATE TABLE \[dbo\]\.\[(qianzhi_shadow_\w+)\]/.exec(sent.sql)?.[1] ?? shadow;
    if (/^DROP TABLE \[dbo\]\.\[qianzhi_shadow/.test(sent.sql)) shadow = undefined;
    const made =
      shadow === undefined ? [] : [{ name: shadow, columns: [{ name: 'qianzhi_row', type: 'bigint' }] }];
    return scriptedServer([table, ...ledgerTables, ...made], answers)(sent);
  });
}

const shadowStatements = (sent: readonly Sent[]) =>
  sent.map(({ sql }) => sql.replace(/qianzhi_shadow_\w+/g, 'SHADOW')).filter((sql) => sql.includes('SHADOW'));

describe('snapshots on SQL Server', () => {
  it('load parts into a shadow by their number, and merge with the last', async () => {
    const driver = serverWithShadow(({ sql }) => {
      if (/^SELECT coalesce\(max\(\[part\]\)/.test(sql)) return { rows: [[1, '2', '0']] };
      if (/^SELECT count\(\*\)/.test(sql)) return { rows: [[3]] };
      if (/^INSERT INTO \[dbo\]\.\[firm\]/.test(sql)) return { rows: [['1']] };
      return /^UPDATE t/.test(sql) ? { rows: [['1']] } : undefined;
    });
    const sink = await sinkOf(driver, items, { table: 'firm' });
    const first = await sink.write(
      batchOfLines(items, 1, ['S\t1\tt', 'S\t2\tf'], part(1, false)),
      async () => {},
      noAbort,
    );
    expect(first).toMatchObject({ stage: 'staged', snapshotId: 'snap', counts: { delivered: 2 } });
    const last = await sink.write(
      batchOfLines(items, 2, ['S\t3\t\\N'], part(2, true, 3)),
      async () => {},
      noAbort,
    );
    expect(last).toMatchObject({
      stage: 'applied',
      counts: { delivered: 3, inserted: 1, updated: 1, unchanged: 1, rejected: 0 },
    });
    expect(driver.statements(/^insert bulk/).map(({ rows }) => rows)).toEqual([
      [
        [0, 0, '1', '1'],
        [1, 0, '2', '0'],
      ],
      [[2, 0, '3', null]],
    ]);
    const merged = shadowStatements(driver.sent);
    expect(
      merged.some((sql) =>
        sql.startsWith('DELETE t FROM [dbo].[firm] t WHERE NOT EXISTS (SELECT 1 FROM [dbo].[SHADOW] s'),
      ),
    ).toBe(true);
    expect(merged.at(-1)).toBe('DROP TABLE [dbo].[SHADOW]');
    // DDL is never part of the transaction that the ledger row commits with
    const order = driver.sent.map(({ sql }) => sql);
    expect(order.lastIndexOf('COMMIT TRANSACTION')).toBeLessThan(order.length - 1);
  });

  it('are refused where a part is missing or the shadow does not hold what the ledger says', async () => {
    const driver = serverWithShadow(({ sql }) => {
      if (/^SELECT coalesce\(max\(\[part\]\)/.test(sql)) return { rows: [[1, '2', '0']] };
      return /^SELECT count\(\*\)/.test(sql) ? { rows: [[1]] } : undefined;
    });
    const sink = await sinkOf(driver, items, { table: 'firm' });
    const none = async () => {};
    const gone = sink.write(batchOfLines(items, 2, ['S\t3\t\\N'], part(2, false)), none, noAbort);
    await expect(gone).rejects.toMatchObject({ code: 'QZ_SQL_SNAPSHOT_BROKEN', kind: 'integrity' });
    await sink.write(batchOfLines(items, 1, ['S\t1\tt', 'S\t2\tf'], part(1, false)), none, noAbort);
    const skipped = sink.write(batchOfLines(items, 3, ['S\t3\t\\N'], part(3, false)), none, noAbort);
    await expect(skipped).rejects.toMatchObject({ code: 'QZ_SQL_SNAPSHOT_BROKEN' });
    const short = sink.write(batchOfLines(items, 2, ['S\t3\t\\N'], part(2, true, 3)), none, noAbort);
    await expect(short).rejects.toMatchObject({ code: 'QZ_SQL_SNAPSHOT_BROKEN' });
    expect(driver.statements(/^DELETE t FROM \[dbo\]\.\[firm\]/)).toHaveLength(0);
  });

  it('tell a row of an earlier part that only the target refuses', async () => {
    const driver = serverWithShadow(({ sql }) => {
      if (/^SELECT coalesce\(max\(\[part\]\)/.test(sql)) return { rows: [[1, '2', '0']] };
      if (/^SELECT count\(\*\)/.test(sql)) return { rows: [[3]] };
      if (/^SELECT f0, f1 FROM .* WHERE qianzhi_row = 1$/.test(sql)) return { rows: [['2', '0']] };
      if (!/^INSERT INTO \[dbo\]\.\[firm\]/.test(sql)) return undefined;
      const range = /qianzhi_row >= (\d+) AND s\.qianzhi_row < (\d+)/.exec(sql);
      const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, 3];
      return from <= 1 && 1 < to
        ? { error: { number: 547, message: 'FOREIGN KEY' } }
        : { rows: [[String(to - from)]] };
    });
    const sink = await sinkOf(driver, items, { table: 'firm' });
    await sink.write(batchOfLines(items, 1, ['S\t1\tt', 'S\t2\tf'], part(1, false)), async () => {}, noAbort);
    const found: string[] = [];
    const batch = batchOfLines(items, 2, ['S\t3\t\\N'], part(2, true, 3));
    const { counts } = await sink.write(
      batch,
      async (rows) => void found.push(...rows.map(({ bytes, reason }) => `${reason} ${Buffer.from(bytes)}`)),
      noAbort,
    );
    expect(found).toEqual(['foreign-key S\t2\tf\n']);
    expect(counts).toMatchObject({ delivered: 3, inserted: 2, rejected: 1 });
  });

  it('are discarded with their ledger rows', async () => {
    const driver = serverWithShadow(() => undefined);
    const sink = await sinkOf(driver, items, { table: 'firm' });
    await sink.write(batchOfLines(items, 1, ['S\t1\tt'], part(1, false)), async () => {}, noAbort);
    await sink.discardStaged(delivery, noAbort);
    expect(
      driver.statements(/^DELETE FROM \[dbo\]\.\[qianzhi_ledger\] WHERE .* AND \[stage\] = 'staged'/),
    ).toHaveLength(1);
    expect(shadowStatements(driver.sent).at(-1)).toBe('DROP TABLE [dbo].[SHADOW]');
  });
});
