import { expect } from 'vitest';
import { eventually } from '../../e2e/program.js';
import { readTable, speech } from '../chaos/databases.js';
import { runToEnd } from '../chaos/operator.js';
import { type ChaosTable, consumers, itemColumns, type Strategy, tables } from '../chaos/tables.js';
import { randomValues } from '../chaos/values.js';
import { agentNames, signIn, type World } from '../chaos/world.js';
import { expectBalanced, expectEvidence } from '../evidence.js';
import type { Dice } from '../seed.js';

/** The table that PostgreSQL is read from by each strategy. */
export const ofPostgres = tables.filter(
  ({ kind, strategy }, at) =>
    kind === 'postgres' &&
    tables.findIndex((each) => each.kind === kind && each.strategy === strategy) === at,
);

export const tableOf = (strategy: Strategy): ChaosTable =>
  ofPostgres.find((table) => table.strategy === strategy)!;

let day = 0;

/**
 * A day's work at a table, in one transaction: rows of the day before changed, others added, and where the strategy sees it, one
 * deleted, one under another key, and one under the key that the day before gave up.
 */
export async function work(world: World, table: ChaosTable, dice: Dice): Promise<void> {
  day++;
  const { kind, table: name, open } = world.source(table);
  const { stamp, stampValue } = speech[kind];
  const stamped = stamp.map((column, n) => `, ${column} = ${stampValue[n]}`).join('');
  const columns = [...itemColumns, ...stamp].join(', ');
  const places = [...itemColumns.map(() => '?'), ...stampValue].join(', ');
  const session = await open();
  await session.run('BEGIN');
  await session.run(`UPDATE ${name} SET name = ?${stamped}`, [`day ${day}`]);
  for (let n = 0; n < 12; n++) {
    const values = [`${day}-${n}`, ...randomValues(dice)];
    await session.run(`INSERT INTO ${name} (${columns}) VALUES (${places})`, values);
  }
  if (table.seesDeletes) {
    await session.run(`DELETE FROM ${name} WHERE code = ?`, [`${day}-0`]);
    const rekey = `UPDATE ${name} SET code = ?${stamped} WHERE code = ?`;
    await session.run(rekey, [`moved ${day}`, `${day}-1`]);
    await session.run(rekey, [`${day}-1`, `${day}-2`]);
    await session.run(rekey, [`${day}-2`, `${day}-3`]);
  }
  await session.run('COMMIT');
  await session.end();
}

const neverStops = async (job: object) => {
  throw new Error(`it failed: ${JSON.stringify(job)}`);
};

/** One run of the supply to its end, and how often it was begun. */
export async function supplied(world: World, { code }: ChaosTable): Promise<number> {
  return (await runToEnd(world, 'mz', `out-${code}`, neverStops)).attempt;
}

/** Supplies and consumes until both hold what the source holds. */
export async function expectArrives(world: World, table: ChaosTable): Promise<void> {
  await supplied(world, table);
  for (const { name, columns } of consumers) {
    await runToEnd(world, name, `in-${table.code}`, neverStops);
    const source = await readTable(world.source(table), columns);
    expect(source.size).toBeGreaterThan(0);
    expect(await readTable(world.target(name, table), columns), `${table.code} at ${name}`).toEqual(source);
  }
}

/** Of all that was exchanged, as of the chaos test. */
export async function expectEvidenceOf({ rig, platformRows }: World): Promise<void> {
  const auditor = await signIn(rig, 'auditor');
  const proven = { at: rig.at, json: rig.json, auditor, platformRows };
  const receipts = await expectEvidence(proven, agentNames).finally(() => auditor.close());
  for (const { code } of tables) {
    const { stored, delivered } = await expectBalanced(proven, code, receipts);
    expect(delivered, `${code}: stored rows delivered`).toBe(consumers.length * stored);
  }
}

/** Does `work` while the statement's locks are held in the source; the server may crash on the way. */
export async function holding<T>(world: World, statement: string, work: () => Promise<T>): Promise<T> {
  const holder = await world.source(ofPostgres[0]!).open();
  try {
    await holder.run('BEGIN');
    await holder.run(statement);
    return await work();
  } finally {
    await holder.end();
  }
}

/** Waits until the agent waits for a lock in the source. */
export async function agentWaits(world: World): Promise<void> {
  const looking = await world.source(ofPostgres[0]!).open();
  await eventually('the agent to wait for a lock', 30_000, async () => {
    const found = await looking.rows(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'qianzhi' AND wait_event_type = 'Lock'`,
    );
    return found.length > 0 || undefined;
  });
  await looking.end();
}

export async function crashSource({ servers }: World): Promise<void> {
  await servers.source.stop('immediate');
  await servers.source.start();
}
