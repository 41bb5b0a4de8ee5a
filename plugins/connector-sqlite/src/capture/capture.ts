import type { Capture, PluginContext } from '@qianzhi/plugin-api';
import { type CaptureKit, captureNames, captureOver, takeTurn } from '@qianzhi/sql-kit';
import type { SqliteConfig } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { classify, type Doing } from '../file/classify.js';
import { databasePath, openForReading, openForWriting, type SqliteDatabase } from '../file/open-file.js';
import { whenFree } from '../file/pace.js';
import { describeTable, requireTable, type Table, type TableColumn } from '../file/table.js';
import { captureDesign } from './design.js';

export const sqliteKit: CaptureKit<SqliteDatabase, Table, TableColumn> = {
  errors: sqliteErrors,
  kinds: ['table'],
  table: async (db, spec) => requireTable(db, spec.table),
  logName: ({ name }) => captureNames(63, name).log,
  beside: async (db, _table, name) => describeTable(db, name),
  typeOf: ({ declared }) => declared,
  design: captureDesign,
  /** As SQLite keeps them: as they were written. */
  async code(db, { name }) {
    const find = db.prepare<[string], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?`,
    );
    return find.all(name).map((row) => ({ name: row.name, text: row.sql, enabled: true }));
  },
};

export function sqliteCapture(config: SqliteConfig, context: PluginContext): Capture {
  return captureOver(sqliteKit, config.readOnly, context.now, async (spec, kind, signal) => {
    const about: Doing = { doing: `capture ${spec.table}`, path: databasePath(config) };
    const leave = kind === 'write' ? await takeTurn(about.path, about.doing, signal) : () => undefined;
    try {
      const db =
        kind === 'write'
          ? await openForWriting({ ...config, create: false }, signal)
          : await openForReading(config, signal);
      const run = (statements: readonly string[]) =>
        db
          .transaction(() => {
            for (const sql of statements) db.exec(sql);
          })
          .immediate();
      return {
        session: db,
        run: (statements, during) => whenFree(() => run(statements), about, config.busyTimeoutMs, during),
        async [Symbol.asyncDispose]() {
          db.close();
          leave();
        },
      };
    } catch (error) {
      leave();
      throw classify(error, about);
    }
  });
}
