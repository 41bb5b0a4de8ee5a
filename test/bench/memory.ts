/** Peak memory of the three processes over a table and over one of ten times its rows: it must not grow with them. */
import { createChainRig, type PerRole, perRole } from './chain/chain-rig.js';
import { openDatabases } from './chain/databases.js';
import { report } from './measure.js';
import { numberOption, rounded, say } from './options.js';

const TIMES = 10;

export async function run(options: readonly string[]): Promise<void> {
  const rows = numberOption(options, 'rows', 2_000_000);
  const small = await peakOver(rows);
  const large = await peakOver(rows * TIMES);
  const result = {
    rows: [rows, rows * TIMES],
    peakRssMiB: [small, large],
    growth: perRole((role) => rounded(large[role] / small[role] - 1)),
  };
  report(options, result, [
    ...[small, large].map((peak, i) => `${result.rows[i]} rows: ${told(peak)} MiB`),
    `growth: ${told(result.growth)}`,
  ]);
}

/** Each in processes of its own, because a peak is of a process's whole life. */
async function peakOver(rows: number): Promise<PerRole> {
  await using databases = await openDatabases(rows, say);
  const rig = await createChainRig(databases, { resources: ['memory'] });
  try {
    await databases.makeTable('memory');
    const { seconds } = await rig.move('memory');
    say(`${rows} rows in ${Math.round(seconds)} s`);
    await databases.verify('memory');
    const peak = rig.peakRssMiB();
    return perRole((role) => Math.round(peak[role]));
  } finally {
    await rig.close();
  }
}

function told(figures: PerRole): string {
  return Object.entries(figures)
    .map(([role, figure]) => `${role} ${figure}`)
    .join(', ');
}
