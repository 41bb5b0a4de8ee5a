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
  const changed = await source.query(
    `UPDATE enterprise SET staff = coalesce(staff, 0) + 1 WHERE ${every(7)}`,
  );
  const deleted = await source.query(`DELETE FROM enterprise WHERE ${every(11)}`);
  await copyIn(source, 'COPY enterprise FROM STDIN', enterpriseRows(rows, rows + inserted));
  return { changed: changed.rowCount ?? 0, inserted, deleted: deleted.rowCount ?? 0 };
}
