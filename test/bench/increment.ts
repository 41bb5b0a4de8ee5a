/**
 * 5 % of a large table changed: through the chain (watermark, from the order to the last `applied` receipt), against
 * the same rows written one by one with a prepared INSERT … ON CONFLICT in one transaction, reading not counted.
 */
import type pg from 'pg';
import { createChainRig } from './chain/chain-rig.js';
import { type Databases, openDatabases } from './chain/databases.js';
import { columnNames } from './chain/enterprise.js';
import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';

const SHARE = 20;

export async function run(options: readonly string[]): Promise<void> {
  const rows = numberOption(options, 'rows', 2_000_000);
  const rounds = numberOption(options, 'rounds', 5);
  await using databases = await openDatabases(rows, say);
  const rig = await createChainRig(databases, { resources: ['merged'], strategy: 'watermark' });
  const seconds = { rowWise: [] as number[], chain: [] as number[] };
  const changedRows: number[] = [];
  try {
    await databases.makeTable('merged');
    await rig.move('merged');
    await databases.verify('merged');
    await databases.makeTable('row_wise');
    await databases.target.query('INSERT INTO row_wise SELECT * FROM merged');
    for (let round = 0; round <= rounds; round++) {
      const changed = await change(databases, round);
      const contenders = {
        rowWise: () => writeRowByRow(databases.target, changed),
        chain: async () => (await rig.move('merged')).seconds,
      };
      const order = round % 2 === 0 ? (['rowWise', 'chain'] as const) : (['chain', 'rowWise'] as const);
      for (const of of order) {
        await databases.target.query('CHECKPOINT');
        const took = await contenders[of]();
        say(
          `${round === 0 ? 'warm-up' : `round ${round}`} ${of}: ${Math.round(changed.length / took)} rows/s`,
        );
        if (round > 0) seconds[of].push(took);
      }
      if (round > 0) changedRows.push(changed.length);
      await databases.verify('merged');
      await databases.verify('row_wise');
    }
  } finally {
    await rig.close();
  }
  const speed = (of: keyof typeof seconds) => Math.round(median(changedRows) / median(seconds[of]));
  const result = {
    rows,
    changed: median(changedRows),
    rowWise: { rowsPerSecond: speed('rowWise') },
    chain: { rowsPerSecond: speed('chain'), ratio: rounded(speed('chain') / speed('rowWise')) },
  };
  report(options, result, [
    `${result.changed} of ${rows} rows changed`,
    `row by row  ${result.rowWise.rowsPerSecond} rows/s`,
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
