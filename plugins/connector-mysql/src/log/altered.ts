import { shapeOf } from '@qianzhi/sql-kit';
import { classify } from '../connection/classify.js';
import { columnOf, requireTable } from '../connection/table.js';
import type { Reading } from '../source/reading.js';

/** Throws SCHEMA_CHANGED where the table is not made any more as when the source was opened: so drift is looked for before rows are read. */
export async function requireUnaltered(reading: Reading, signal: AbortSignal): Promise<void> {
  const { database, name } = reading.table;
  const table = await reading.sessions.use(signal, (session) =>
    requireTable(session, database, name, signal),
  );
  const items = reading.projection.items.map(({ item, column }) => ({
    item,
    column: column && columnOf(table, column.name),
  }));
  if (JSON.stringify(shapeOf({ table, projection: { items } })) === JSON.stringify(shapeOf(reading))) return;
  const altered = Object.assign(new Error('altered'), {
    code: 'ER_BAD_FIELD_ERROR',
    errno: 1054,
    sqlState: '42S22',
  });
  throw classify(altered, reading.about);
}
