import type { Capture, CaptureObjectState, CaptureSpec, PluginContext } from '@qianzhi/plugin-api';
import {
  type CaptureDesign,
  type CaptureSite,
  capturedKey,
  captureNames,
  captureOver,
  judged,
  requireCapture,
  takeTurn,
} from '@qianzhi/sql-kit';
import type { SqliteConfig } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { classify, type Doing } from '../file/classify.js';
import { databasePath, openForReading, openForWriting, type SqliteDatabase } from '../file/open-file.js';
import { whenFree } from '../file/pace.js';
import { describeTable, requireTable, type Table } from '../file/table.js';
import type { Reading } from '../source/reading.js';
import { captureDesign } from './design.js';

export function sqliteCapture(config: SqliteConfig, context: PluginContext): Capture {
  return captureOver(config.readOnly, async (spec, kind, signal) => {
    const about: Doing = { doing: `capture ${spec.table}`, path: databasePath(config) };
    const leave = kind === 'write' ? await takeTurn(about.path, about.doing, signal) : () => undefined;
    let db: SqliteDatabase | undefined;
    const close = async () => {
      db?.close();
      leave();
    };
    try {
      db =
        kind === 'write'
          ? await openForWriting({ ...config, create: false }, signal)
          : await openForReading(config, signal);
      return siteOf(db, spec, context.now(), about, config.busyTimeoutMs, close);
    } catch (error) {
      await close();
      throw classify(error, about);
    }
  });
}

function siteOf(
  db: SqliteDatabase,
  spec: CaptureSpec,
  now: Date,
  about: Doing,
  busyTimeoutMs: number,
  close: () => Promise<void>,
): CaptureSite {
  const table = requireTable(db, spec.table);
  if (table.kind !== 'table') {
    const problem = { zh: '它不是表', en: 'it is no table' };
    throw sqliteErrors.CAPTURE_UNFIT({ table: table.name, problem });
  }
  const design = designOf(db, spec, table, now);
  const run = (statements: readonly string[]) =>
    db
      .transaction(() => {
        for (const sql of statements) db.exec(sql);
      })
      .immediate();
  return {
    design,
    states: async () => statesOf(db, design),
    run: (statements, signal) => whenFree(() => run(statements), about, busyTimeoutMs, signal),
    [Symbol.asyncDispose]: close,
  };
}

function designOf(db: SqliteDatabase, spec: CaptureSpec, table: Table, now: Date): CaptureDesign {
  const log = describeTable(db, captureNames(63, table.name).log);
  return captureDesign(table, capturedKey(spec, table, log, sqliteErrors), now);
}

/** Triggers are compared as SQLite keeps them: as they were written. */
function statesOf(db: SqliteDatabase, { objects }: CaptureDesign): readonly CaptureObjectState[] {
  const find = db.prepare<[string, string], { sql: string }>(
    'SELECT sql FROM sqlite_master WHERE type = ? AND name = ?',
  );
  return objects.map((object) => {
    const row = find.get(object.kind, object.name);
    const expected = object.kind === 'trigger' ? object.create[0]! : '';
    return judged(object, row && { text: object.kind === 'trigger' ? row.sql : '', enabled: true }, expected);
  });
}

/** Proves before each read that what fills a change table of ours is whole. False for one of others. Throws CAPTURE_BROKEN. */
export function requireLiveCapture({ db, table, spec, context }: Reading): boolean {
  if (spec.changeTable?.table !== captureNames(63, table.name).log) return false;
  const design = designOf(db, { table: table.name }, table, context.now());
  requireCapture(table.name, statesOf(db, design), sqliteErrors);
  return true;
}
