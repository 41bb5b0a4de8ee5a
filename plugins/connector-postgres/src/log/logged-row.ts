import { escapeText } from '@qianzhi/rows';
import type { Session } from '../connection/session.js';
import type { Reading } from '../source/reading.js';
import { respellingOf } from '../source/respelling.js';
import type { KeyText } from './pgoutput.js';

/** Makes row text of what the log itself tells of a row, so that nobody has to ask the table. */
export interface LoggedRow {
  /** Whose values `upsert` takes, in this order: those of the key first. */
  readonly columns: readonly string[];
  upsert(values: readonly (string | null)[]): Buffer;
  gone(key: KeyText): Buffer;
}

/**
 * Undefined where only the table tells what is to be read of it: some value is spelled by SQL or comes from no column, the source has
 * a condition, not every row may be seen, or not yet.
 */
export async function loggedRow(
  reading: Reading,
  keyColumns: readonly { readonly name: string }[],
  session: Session,
  signal: AbortSignal,
): Promise<LoggedRow | undefined> {
  const { projection, spec, checksText } = reading;
  if (spec.where !== undefined || !checksText || projection.respells) return undefined;
  if (await isTableAsked(reading, session, signal)) return undefined;
  const columns = keyColumns.map(({ name }) => name);
  const fields: { readonly at: number; readonly key: boolean; respell(text: string): string }[] = [];
  for (const { item, column } of projection.items) {
    const respell = column && respellingOf(item, column, session.version);
    if (!respell) return undefined;
    if (!columns.includes(column.name)) columns.push(column.name);
    fields.push({ at: columns.indexOf(column.name), key: item.key === true, respell });
  }
  const row = (op: 'U' | 'D', values: readonly (string | null)[]): Buffer => {
    const texts = fields.map(({ at, key, respell }) => {
      const value = op === 'U' || key ? values[at]! : null;
      return value === null ? '\\N' : escapeText(respell(value));
    });
    return Buffer.from(`${op}\t${texts.join('\t')}\n`);
  };
  return { columns, upsert: (values) => row('U', values), gone: (key) => row('D', key) };
}

/** Row security hides rows, which the log does not; or a change that it tells counts only once a standby has it. */
export async function isTableAsked(
  { table }: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  const sql = `SELECT pg_catalog.row_security_active($1::oid)
    OR pg_catalog.current_setting('synchronous_standby_names') <> '' AS asked`;
  const { rows } = await session.query(sql, [table.oid], signal);
  return rows[0]?.asked === 't';
}
