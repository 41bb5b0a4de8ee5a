import type { RefusedRecord } from '@qianzhi/plugin-api';
import type Database from 'better-sqlite3';
import type { LoggedRow } from './push-log.js';

export interface PushRow {
  readonly id: string;
  readonly system: string;
  readonly idempotencyKey: string | null;
  readonly digest: Uint8Array;
  readonly version: number;
  readonly at: string;
  readonly records: number;
  readonly refused: readonly RefusedRecord[];
  /** Place of its last change; of a push with none the newest at its time. */
  readonly last: number;
}

/** A push as it is to be: its good rows in order, each with its key. */
export interface NewPush extends Omit<PushRow, 'last'> {
  readonly columns: readonly string[];
  readonly rows: readonly (LoggedRow & { readonly key: string; readonly deletes: boolean })[];
}

interface Raw extends Omit<PushRow, 'refused' | 'idempotencyKey'> {
  idempotency_key: string | null;
  refused: string;
}

export function pushTable(db: Database.Database) {
  const byKey = db.prepare<[string, string], Raw>(
    'SELECT * FROM push WHERE system = ? AND idempotency_key = ?',
  );
  const byId = db.prepare<[string], Raw>('SELECT * FROM push WHERE id = ?');
  const shape = db.prepare<[number, string]>('INSERT OR IGNORE INTO shape (version, columns) VALUES (?, ?)');
  const change = db.prepare<[number, Uint8Array]>('INSERT INTO change (version, row) VALUES (?, ?)');
  const put = db.prepare<[string, number, Uint8Array]>(
    'INSERT INTO record (key, version, row) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET version = excluded.version, row = excluded.row',
  );
  const remove = db.prepare<[string]>('DELETE FROM record WHERE key = ?');
  const push = db.prepare<
    [string, string, string | null, Uint8Array, number, string, number, string, number]
  >(
    'INSERT INTO push (id, system, idempotency_key, digest, version, at, records, refused, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const newest = db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'change'").pluck();
  const forget = db.prepare<[string, number]>('DELETE FROM push WHERE at < ? AND last <= ?');

  function find(system: string, key: string): PushRow | undefined {
    return rowOf(byKey.get(system, key));
  }

  return {
    find,
    show: (id: string) => rowOf(byId.get(id)),
    /** Answers the earlier push of the same key where there is one, and changes nothing then. */
    insert(wanted: NewPush): PushRow {
      const { id, system, idempotencyKey, digest, version, at, records, refused } = wanted;
      const known = idempotencyKey === null ? undefined : find(system, idempotencyKey);
      if (known) return known;
      shape.run(version, JSON.stringify(wanted.columns));
      let last = newest.get() ?? 0;
      for (const { row, key, deletes } of wanted.rows) {
        last = Number(change.run(version, row).lastInsertRowid);
        if (deletes) remove.run(key);
        else put.run(key, version, row);
      }
      push.run(id, system, idempotencyKey, digest, version, at, records, JSON.stringify(refused), last);
      return { id, system, idempotencyKey, digest, version, at, records, refused, last };
    },
    forget: (before: string, confirmed: number) => void forget.run(before, confirmed),
  };
}

function rowOf(raw: Raw | undefined): PushRow | undefined {
  if (!raw) return undefined;
  const { idempotency_key: idempotencyKey, refused, ...same } = raw;
  return { ...same, idempotencyKey, refused: JSON.parse(refused) as RefusedRecord[] };
}
