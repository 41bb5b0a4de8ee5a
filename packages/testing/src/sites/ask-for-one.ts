import assert from 'node:assert/strict';
import type { Connection, QueryPlace } from '@qianzhi/plugin-api';
import { noAbort, resourceWith } from '../connector/row-lines.js';

/** A value that finds something else where it becomes SQL. */
export const hostileName = "' OR 1=1";

/** What a scripted server answers to `askForOne`, after the cell that says whether a row is too large. */
export const twoFirms = [
  ['7', '甲'],
  ['8', '乙'],
] as const;

export const firmResource = resourceWith([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'C', length: 50 },
]);
export const firmParameters = [{ name: 'name', column: 'name', type: 'C' as const, length: 50 }];
export const firmLookup: QueryPlace = { kind: 'lookup', source: { table: 'firm' }, by: { name: 'name' } };

/** Asks table `firm` by lookup and by statement for one row of `twoFirms`: it is the first, and not all there is. */
export async function askForOne(connection: Connection): Promise<void> {
  const statement = 'SELECT id, name FROM firm WHERE name = :name';
  for (const place of [firmLookup, { kind: 'statement', statement } as const]) {
    const spec = { resource: firmResource, parameters: firmParameters, place, timeoutMs: 5_000 };
    await using query = await connection.query!(spec, noAbort);
    const found = await query.run([hostileName], { maxRows: 1, maxBytes: 1_000 }, noAbort);
    assert.deepEqual([found.rows, found.stoppedBy], [1, 'rows'], place.kind);
    assert.equal(Buffer.from(found.bytes).toString(), 'S\t7\t甲\n', place.kind);
  }
}

/** The most keys that one request may have (`MAX_LOOKUPS`), and how many statements ask for them: 15 of 64, one of 32, one of 8. */
const KEYS = 1_000;
export const statementsForMany = 17;

/** What a scripted server answers to `askForMany`: a row for each name that is bound, the last one first; databases promise no order. */
export function firmsNamed(names: readonly unknown[]): string[][] {
  const rows = names.map((name, set) => {
    const row = ['-1', String(name).slice(1), String(name)];
    return names.length === 1 ? row : [String(set), ...row];
  });
  return rows.reverse();
}

/** Asks table `firm` by lookup and by statement for many names at once: each gets its own row, in the order of the names. */
export async function askForMany(connection: Connection): Promise<void> {
  const statement = 'SELECT id, name FROM firm WHERE name = :name';
  const sets = Array.from({ length: KEYS }, (_, n) => [`名${n}`]);
  for (const place of [firmLookup, { kind: 'statement', statement } as const]) {
    const spec = { resource: firmResource, parameters: firmParameters, place, timeoutMs: 5_000 };
    await using query = await connection.query!(spec, noAbort);
    const limits = { maxRows: 2, maxRowsInAll: 2 * KEYS, maxBytes: 1_000_000 };
    const answers = await query.runEach(sets, limits, noAbort);
    assert.deepEqual(
      answers.map(({ bytes }) => Buffer.from(bytes).toString()),
      sets.map(([name], n) => `S\t${n}\t${name}\n`),
      place.kind,
    );
    const bounded = await query.runEach(
      sets.slice(0, 4),
      { ...limits, maxRowsInAll: 3, maxRows: 3 },
      noAbort,
    );
    assert.deepEqual(
      bounded.map(({ rows, stoppedBy }) => [rows, stoppedBy]),
      [
        [1, undefined],
        [1, undefined],
        [1, undefined],
        [0, 'rows'],
      ],
      `${place.kind}: the bound of all`,
    );
  }
}
