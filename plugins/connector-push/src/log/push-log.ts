import type { PushFacts } from '@qianzhi/plugin-api';
import { classify, openFile } from './open-file.js';
import { type NewPush, type PushRow, pushTable } from './push-table.js';

/** One row as it lies in the log: row text of the columns that its schema version has. */
export interface LoggedRow {
  readonly version: number;
  readonly row: Uint8Array;
}

export interface LoggedChange extends LoggedRow {
  readonly seq: number;
}

export interface LoggedRecord extends LoggedRow {
  readonly key: string;
}

/** The push log of one resource: one file and one writer in this process, however many have it open. */
export interface PushLog {
  readonly file: string;
  /** Of this file alone: one made anew has another one. */
  readonly origin: string;
  /** Newest place given; 0 before the first. */
  newest(): number;
  /** Everything up to here has its receipt. */
  confirmed(): number;
  /** Everything up to here may be gone. */
  purged(): number;
  /** On the disk when it resolves; those that come together share one transaction, in their order. */
  append(push: NewPush): Promise<PushRow>;
  find(system: string, idempotencyKey: string): PushRow | undefined;
  show(id: string): PushRow | undefined;
  columnsOf(version: number): readonly string[];
  changesAfter(seq: number, limit: number): readonly LoggedChange[];
  recordsAfter(key: string | undefined, limit: number): readonly LoggedRecord[];
  /** Forgets what has its receipt; the file is written now and then, for confirming again does no harm. */
  confirm(seq: number): void;
  facts(): Omit<PushFacts, 'limitBytes'>;
  /** Resolves when there is more behind `seq`, or the signal fires. */
  moreThan(seq: number, signal: AbortSignal): Promise<void>;
  /** Forgets answers older than this, of what has its receipt. */
  forget(before: string): void;
}

/** Confirmed changes are removed by this many at a time, or with the next push. */
const PURGE_FROM = 1_000;

export function createPushLog(file: string, resource: string) {
  const db = openFile(file, resource);
  const state = db
    .prepare<[], { origin: string; confirmed: number }>('SELECT origin, confirmed FROM log')
    .get()!;
  const pushes = pushTable(db);
  const sql = {
    newest: db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'change'").pluck(),
    waiting: db.prepare<[number], { n: number; bytes: number }>(
      'SELECT count(*) AS n, coalesce(sum(length(row)), 0) AS bytes FROM change WHERE seq > ?',
    ),
    records: db.prepare<[], number>('SELECT count(*) FROM record').pluck(),
    columns: db.prepare<[number], string>('SELECT columns FROM shape WHERE version = ?').pluck(),
    changes: db.prepare<[number, number], LoggedChange>(
      'SELECT seq, version, row FROM change WHERE seq > ? ORDER BY seq LIMIT ?',
    ),
    bytesTo: db
      .prepare<[number, number], number>(
        'SELECT coalesce(sum(length(row)), 0) FROM change WHERE seq > ? AND seq <= ?',
      )
      .pluck(),
    first: db.prepare<[number], LoggedRecord>('SELECT key, version, row FROM record ORDER BY key LIMIT ?'),
    after: db.prepare<[string, number], LoggedRecord>(
      'SELECT key, version, row FROM record WHERE key > ? ORDER BY key LIMIT ?',
    ),
    purge: db.prepare<[number]>('DELETE FROM change WHERE seq <= ?'),
    confirm: db.prepare<[number]>('UPDATE log SET confirmed = ?'),
  };
  let newest = sql.newest.get() ?? 0;
  let { confirmed } = state;
  let purged = confirmed;
  let waitingBytes = sql.waiting.get(confirmed)!.bytes;
  let waiting: { push: NewPush; resolve(row: PushRow): void; reject(error: unknown): void }[] = [];
  let broken: unknown;
  const listeners = new Set<() => void>();

  function coded<T>(work: () => T): T {
    if (broken) throw broken;
    try {
      return work();
    } catch (error) {
      const classified = classify(error, resource, file);
      // whether the last commit is on the disk is not known any more: a new process finds out
      if (classified.kind === 'integrity') broken = classified;
      throw classified;
    }
  }

  function purgeNow(): void {
    if (purged === confirmed) return;
    sql.purge.run(confirmed);
    sql.confirm.run(confirmed);
  }

  function flush(): void {
    const group = waiting;
    waiting = [];
    try {
      const rows = coded(() =>
        db
          .transaction(() => {
            purgeNow();
            return group.map(({ push }) => pushes.insert(push));
          })
          .immediate(),
      );
      purged = confirmed;
      group.forEach(({ push, resolve }, at) => {
        const row = rows[at]!;
        if (row.id === push.id) waitingBytes += push.rows.reduce((sum, one) => sum + one.row.length, 0);
        newest = Math.max(newest, row.last);
        resolve(row);
      });
      for (const listener of [...listeners]) listener();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  const log: PushLog = {
    file,
    origin: state.origin,
    newest: () => newest,
    confirmed: () => confirmed,
    purged: () => purged,
    append: (push) =>
      new Promise((resolve, reject) => {
        waiting.push({ push, resolve, reject });
        if (waiting.length === 1) setImmediate(() => waiting.length > 0 && flush());
      }),
    find: (system, key) => coded(() => pushes.find(system, key)),
    show: (id) => coded(() => pushes.show(id)),
    columnsOf: (version) => JSON.parse(coded(() => sql.columns.get(version))!) as string[],
    changesAfter: (seq, limit) => coded(() => sql.changes.all(seq, limit)),
    recordsAfter: (key, limit) =>
      coded(() => (key === undefined ? sql.first.all(limit) : sql.after.all(key, limit))),
    confirm(seq) {
      if (seq <= confirmed) return;
      coded(() => {
        waitingBytes -= sql.bytesTo.get(confirmed, seq)!;
        confirmed = seq;
        if (confirmed - purged < PURGE_FROM) return;
        db.transaction(purgeNow).immediate();
        purged = confirmed;
      });
    },
    facts: () => ({ waiting: newest - confirmed, waitingBytes, records: coded(() => sql.records.get()!) }),
    moreThan(seq, signal) {
      if (newest > seq || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          listeners.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        listeners.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
    forget: (before) => coded(() => pushes.forget(before, confirmed)),
  };
  return {
    log,
    close() {
      if (waiting.length > 0) flush();
      if (!broken && purged !== confirmed) coded(() => db.transaction(purgeNow).immediate());
      db.close();
    },
  };
}
