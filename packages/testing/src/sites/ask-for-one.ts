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
