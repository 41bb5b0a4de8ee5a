/**
 * 5 % of a large table changed: merged by the connector's sink, and brought through the whole chain (watermark, from the
 * order to the last `applied` receipt), against the same rows written one by one with a prepared INSERT … ON CONFLICT in
 * one transaction. Reading is counted for the chain alone.
 */
import type pg from 'pg';
import { createChainRig } from './chain/chain-rig.js';
import { type Databases, openDatabases } from './chain/databases.js';
import { columnNames } from './chain/enterprise.js';
import { openMerge } from './chain/merge.js';
import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';

const SHARE = 20;

export async function run(options: readonly string[]): Promise<void> {
  const rows = numberOption(options, 'rows', 2_000_000);
  const rounds = numberOption(options, 'rounds', 5);
  await using databases = await openDatabases(rows, say);
  await databases.source.query('CREATE INDEX ON enterprise (changed_at)');
  const rig = await createChainRig(databases, { resources: ['chained'], strategy: 'watermark' });
  const seconds = { rowWise: [] as number[], merge: [] as number[], chain: [] as number[] };
  const tables = ['chained', 'row_wise', 'merged'];
  const changedRows: number[] = [];
  try {
    for (const table of tables) await databases.makeTable(table);
    await rig.move('chained');
    await databases.target.query('INSERT INTO row_wise SELECT * FROM chained');
    await databases.target.query('INSERT INTO merged SELECT * FROM chained');
    await using merge = await openMerge(databases.targetUrl, 'merged');
    for (let round = 0; round <= rounds; round++) {
      const changed = await change(databases, round);
      const contenders = {
        rowWise: () => writeRowByRow(databases.target, changed),
        merge: () => merge.write(changed),
        chain: async () => (await rig.move('chained')).seconds,
      };
      const order = ['rowWise', 'merge', 'chain'] as const;
      for (const of of order.map((_, at) => order[(at + round) % order.length]!)) {
        await databases.target.query('CHECKPOINT');
        const took = await contenders[of]();
        say(
          `${round === 0 ? 'warm-up' : `round ${round}`} ${of}: ${Math.round(changed.length / took)} rows/s`,
        );
        if (round > 0) seconds[of].push(took);
      }
      if (round > 0) changedRows.push(changed.length);
      for (const table of tables) await databases.verify(table);
    }
  } finally {
    await rig.close();
  }
  const speed = (of: keyof typeof seconds) => Math.round(median(changedRows) / median(seconds[of]));
  const against = (of: keyof typeof seconds) => ({
    rowsPerSecond: speed(of),
    ratio: rounded(speed(of) / speed('rowWise')),
  });
  const result = {
    rows,
    changed: median(changedRows),
    rowWise: { rowsPerSecond: speed('rowWise') },
    merge: against('merge'),
    chain: against('chain'),
  };
  report(options, result, [
    `${result.changed} of ${rows} rows changed`,
    `row by row  ${result.rowWise.rowsPerSecond} rows/s`,
    `sink        ${result.merge.rowsPerSecond} rows/s, ${result.merge.ratio} times that`,
    `chain       ${result.chain.rowsPerSecond} rows/s, ${result.chain.ratio} times that`,
  ]);
}

/** Changes every twentieth row of the source and answers them as text. */
async function change({ source }: Databases, round: number): Promise<(string | null)[][]> {
  await source.query(
    `UPDATE enterprise SET staff = staff + 1, changed_at = clock_timestamp() AT TIME ZONE 'Asia/Shanghai'
     WHERE substr(uscc, 9, 8)::int % ${SHARE} = ${round % SHARE}`,
  );
  const texts = columnNames.map((column) => `${column}::text`).join(', ');
  const { rows } = await source.query({
    text: `SELECT ${texts} FROM enterprise WHERE substr(uscc, 9, 8)::int % ${SHARE} = ${round % SHARE} ORDER BY uscc`,
    rowMode: 'array',
  });
  return rows;
}

async function writeRowByRow(target: pg.Client, rows: readonly (string | null)[][]): Promise<number> {
  const places = columnNames.map((_, i) => `$${i + 1}`).join(', ');
  const set = columnNames.slice(1).map((column) => `${column} = excluded.${column}`);
  const text = `INSERT INTO row_wise (${columnNames.join(', ')}) VALUES (${places}) ON CONFLICT (uscc) DO UPDATE SET ${set.join(', ')}`;
  const start = performance.now();
  await target.query('BEGIN');
  for (const values of rows) await target.query({ name: 'upsert', text, values });
  await target.query('COMMIT');
  return (performance.now() - start) / 1000;
}
