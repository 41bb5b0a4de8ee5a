import type { QianzhiError } from '@qianzhi/model';
import type { LogStretch } from '@qianzhi/sql-kit';
import { shapeOf } from '@qianzhi/sql-kit';
import { classify } from '../connection/classify.js';
import { copyOut } from '../connection/copy-out.js';
import type { Session } from '../connection/session.js';
import { requireTable, type TableColumn } from '../connection/table.js';
import { literal } from '../identifier.js';
import { finishRows } from '../source/finish.js';
import type { Reading } from '../source/reading.js';
import { rowAsItIs } from '../source/row-as-it-is.js';
import { isTableAsked, type LoggedRow } from './logged-row.js';
import type { KeyText } from './pgoutput.js';
import { isSeen, readSnapshot, SNAPSHOT_SQL, type Snapshot, seesCommitted } from './visible.js';

/** Changed rows, and what has to be seen of whoever changed them. */
export interface Changes {
  readonly keys: readonly unknown[];
  /** Row text of those that the log told whole. */
  readonly told: readonly Buffer[];
  /** Keys of the others. */
  readonly unread: readonly KeyText[];
  readonly xids: ReadonlySet<number>;
  /** The table may have been altered since the source was opened. */
  readonly altered: boolean;
}

/** How rows of a table are told. */
export interface Told {
  readonly keyColumns: readonly TableColumn[];
  readonly logged: LoggedRow | undefined;
}

/**
 * The rows as the log told them, and those of the other keys as they are now: U, or D where there is none. Throws SCHEMA_CHANGED for a table that is not made any
 * more as when the source was opened.
 */
export async function* changedRows(
  reading: Reading,
  { keyColumns, logged }: Told,
  { told, unread, xids, altered }: Changes,
  blockBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Omit<LogStretch, 'place'>> {
  if (told.length > 0)
    yield { bytes: Buffer.concat(told), rows: told.length, rejected: [], taken: told.length };
  if (unread.length === 0) return;
  const { projection, checksText, sessions } = reading;
  const form = { projection, checksText, prefix: 0, wanted: [] };
  const seesAll = (now: Snapshot) => [...xids].every((xid) => seesCommitted(now, xid));
  const session = await sessions.take(signal);
  try {
    if (altered) {
      await isSeen(reading, session, seesAll, signal);
      await requireUnaltered(reading, session, signal);
      // who reads on by the log must not tell what this user may no longer see
      if (logged && (await isTableAsked(reading, session, signal))) throw isAltered(reading);
    }
    // in one round trip, for the changes are nearly always seen by then: if not, the rows are of no use, and read once more
    const sql = `${SNAPSHOT_SQL}; COPY (${selectSql(reading, keyColumns, unread)}) TO STDOUT`;
    for (let seen = false; !seen; ) {
      const onValue = (text: string | null) => {
        seen = seesAll(readSnapshot(text));
      };
      for await (const copied of copyOut(session, sql, { blockBytes, onValue }, signal)) {
        if (seen) yield finishRows(copied, form);
      }
      if (!seen) await isSeen(reading, session, seesAll, signal);
    }
  } finally {
    await sessions.give(session);
  }
}

function selectSql(reading: Reading, keyColumns: readonly TableColumn[], keys: readonly KeyText[]): string {
  const name = (column: TableColumn) => `k${keyColumns.indexOf(column)}`;
  const row = rowAsItIs(reading, (_, column) => `c.${name(column)}`);
  const values = keyColumns.map(
    ({ castType }, at) => `ARRAY[${keys.map((key) => literal(key[at]!)).join(', ')}]::${castType}[]`,
  );
  return `SELECT ${row.list} FROM unnest(${values.join(', ')}) c(${keyColumns.map(name).join(', ')}) ${row.join}`;
}

async function requireUnaltered(reading: Reading, session: Session, signal: AbortSignal): Promise<void> {
  const { schema, name } = reading.table;
  const table = await requireTable(session, schema, name, signal);
  const items = reading.projection.items.map(({ item, column }) => ({
    item,
    column: column && table.columns.find((each) => each.name === column.name),
  }));
  const shape = shapeOf({ table, projection: { items } });
  if (JSON.stringify(shape) === JSON.stringify(shapeOf(reading))) return;
  throw isAltered(reading);
}

function isAltered({ about }: Reading): QianzhiError {
  return classify(Object.assign(new Error('altered'), { code: '42703', severity: 'ERROR' }), about);
}
