import type { Capture, PluginContext } from '@qianzhi/plugin-api';
import { type CaptureKit, captureNames, captureOver } from '@qianzhi/sql-kit';
import type { MysqlConfig } from '../config.js';
import { openSession, type Session } from '../connection/session.js';
import { describeTable, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import { captureDesign, columnType } from './design.js';

export const mysqlKit: CaptureKit<Session, Table, TableColumn> = {
  errors: mysqlErrors,
  kinds: ['table'],
  table: (session, spec, signal) =>
    requireTable(session, spec.schema ?? session.config.database, spec.table, signal),
  logName: ({ database, name }) => captureNames(64, database, name).log,
  beside: (session, { database }, name, signal) => describeTable(session, database, name, signal),
  typeOf: columnType,
  design: captureDesign,
  async code(session, { database, name }, signal) {
    const { rows } = await session.query(
      `SELECT trigger_name AS name, action_statement AS body FROM information_schema.triggers
       WHERE event_object_schema = ${literal(database)} AND event_object_table = ${literal(name)}`,
      signal,
    );
    return rows.map((row) => ({ name: row['name'] ?? '', text: row['body'] ?? '', enabled: true }));
  },
};

export function mysqlCapture(config: MysqlConfig, context: PluginContext): Capture {
  return captureOver(mysqlKit, config.readOnly, context.now, async (spec, kind, signal) => {
    const session = await openSession({ doing: `capture ${spec.table}`, config }, kind, signal);
    return {
      session,
      async run(statements, during) {
        for (const sql of statements) await session.query(sql, during);
      },
      [Symbol.asyncDispose]: () => session.close(),
    };
  });
}
