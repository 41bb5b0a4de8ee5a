import { setTimeout as pause } from 'node:timers/promises';
import { diceFor } from '../seed.js';
import { isRefusal, type Place, type Session, speech } from './databases.js';
import type { Diary } from './diary.js';
import { type ChaosTable, itemColumns } from './tables.js';
import { keys, randomValues } from './values.js';

export interface WriterOptions {
  readonly place: Place;
  readonly table: ChaosTable;
  /** Makes its dice its own. */
  readonly name: string;
  /** Between two transactions, on average. */
  readonly pauseMs: number;
  readonly diary: Diary;
}

/**
 * A legacy program at one table until it is stopped: transactions of some statements, some of them long, some rolled back. What a
 * database says no to (two writers at one row, a server that is stopped) rolls back the transaction, and the next one comes.
 */
export async function write(options: WriterOptions, stop: AbortSignal): Promise<void> {
  const { place, name, pauseMs, diary } = options;
  const dice = diceFor(`writer ${name}`);
  let session: Session | undefined;
  while (!stop.aborted) {
    try {
      session ??= await place.open();
      await transaction(options, session, dice, stop);
    } catch (error) {
      if (!isRefusal(error)) throw new Error(`writer of ${name}`, { cause: error });
      diary.count(`no to ${place.kind}: ${(error as { code?: string }).code ?? 'line'}`);
      await session?.end().catch(() => undefined);
      session = undefined;
      await pause(200);
    }
    await pause(dice.below(2 * pauseMs));
  }
  await session?.end();
}

async function transaction(
  { place, table, diary }: WriterOptions,
  session: Session,
  dice: ReturnType<typeof diceFor>,
  stop: AbortSignal,
): Promise<void> {
  const isLong = dice.next() < 0.04;
  const isUndone = dice.next() < 0.12;
  const statements = 1 + dice.below(dice.next() < 0.1 ? 40 : 5);
  await session.run('BEGIN');
  for (let n = 0; n < statements; n++) {
    await statement(place, table, session, dice, diary);
    if (isLong && n === 0) {
      diary.count('long transactions');
      const holdMs = place.kind === 'sqlite' ? 400 : 500 + dice.below(3_500);
      await pause(holdMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  await session.run(isUndone ? 'ROLLBACK' : 'COMMIT');
  diary.count(isUndone ? 'transactions rolled back' : 'transactions');
}

async function statement(
  { kind, table: name }: Place,
  { seesDeletes }: ChaosTable,
  session: Session,
  dice: ReturnType<typeof diceFor>,
  diary: Diary,
): Promise<void> {
  const says = speech[kind];
  const of = dice.next();
  const key = dice.pick(keys);
  const values = randomValues(dice);
  const stamped = says.stamp.map((column, n) => `, ${column} = ${says.stampValue[n]}`).join('');
  if (of < 0.4) {
    const columns = [...itemColumns, ...says.stamp].join(', ');
    const places = [...itemColumns.map(() => '?'), ...says.stampValue].join(', ');
    diary.count('inserts');
    await session.run(`${says.insert} ${name} (${columns}) VALUES (${places}) ${says.unlessTaken}`, [
      key,
      ...values,
    ]);
  } else if (of < 0.8 || !seesDeletes) {
    const columns = itemColumns.slice(1);
    // some of them, so that a long value often stays what it is
    const first = dice.below(columns.length);
    const changed = columns.slice(first, first + 1 + dice.below(2));
    const set = changed.map((column) => `${column} = ?`).join(', ');
    diary.count('updates');
    await session.run(`UPDATE ${name} SET ${set}${stamped} WHERE code = ?`, [
      ...values.slice(first, first + changed.length),
      key,
    ]);
  } else if (of < 0.9) {
    diary.count('deletes');
    await session.run(`DELETE FROM ${name} WHERE code = ?`, [key]);
  } else if (of < 0.997) {
    diary.count('key changes');
    const other = dice.pick(keys);
    const free = `NOT EXISTS (SELECT 1 FROM (SELECT code FROM ${name} WHERE code = ?) taken)`;
    await session.run(`UPDATE ${name} SET code = ?${stamped} WHERE code = ? AND ${free}`, [
      other,
      key,
      other,
    ]);
  } else {
    diary.count('tables emptied');
    await session.run(kind === 'postgres' ? `TRUNCATE ${name}` : `DELETE FROM ${name}`);
  }
}
