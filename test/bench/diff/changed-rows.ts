import type pg from 'pg';
import { copyIn } from '../chain/copy.js';
import { enterpriseRows } from '../chain/enterprise.js';

/** One row in so many, of each kind of change. */
const SHARE = 1000;

export interface Changed {
  readonly changed: number;
  readonly inserted: number;
  readonly deleted: number;
}

const every = (rest: number) => `substr(uscc, 9, 8)::int % ${SHARE} = ${rest}`;

export async function changeRows(source: pg.Client, rows: number): Promise<Changed> {
  const inserted = Math.ceil(rows / SHARE);
  const changed = await source.query(`UPDATE enterprise SET staff = coalesce(staff, 0) + 1 WHERE ${every(7)}`);
  // of rows that are held twice the later one alone
  const deleted = await source.query(
    `DELETE FROM enterprise WHERE ctid IN (SELECT max(ctid) FROM enterprise WHERE ${every(11)} GROUP BY uscc)`,
  );
  await copyIn(source, 'COPY enterprise FROM STDIN', enterpriseRows(rows, rows + inserted));
  return { changed: changed.rowCount ?? 0, inserted, deleted: deleted.rowCount ?? 0 };
}

/** Takes the key away, and has one row in so many twice. */
export async function holdTwice(source: pg.Client): Promise<void> {
  await source.query('ALTER TABLE enterprise DROP CONSTRAINT enterprise_pkey');
  await source.query(`INSERT INTO enterprise SELECT * FROM enterprise WHERE ${every(11)}`);
}
