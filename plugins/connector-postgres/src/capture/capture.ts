import type { Capture, PluginContext } from '@qianzhi/plugin-api';
import { type CaptureKit, captureNames, captureOver } from '@qianzhi/sql-kit';
import type { PostgresConfig } from '../config.js';
import { openSession, type Session } from '../connection/session.js';
import { describeTable, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { captureDesign } from './design.js';

export const postgresKit: CaptureKit<Session, Table, TableColumn> = {
  errors: postgresErrors,
  kinds: ['table', 'partitioned'],
  table: (session, spec, signal) =>
    requireTable(session, spec.schema ?? session.config.schema, spec.table, signal),
  logName: ({ schema, name }) => captureNames(63, schema, name).log,
  beside: (session, { schema }, name, signal) => describeTable(session, schema, name, signal),
  typeOf: ({ castType }) => castType,
  design: captureDesign,
  async code(session, { oid, schema }, signal) {
    const { rows } = await session.query(
      `SELECT p.proname AS name, p.prosrc AS text, p.prosecdef::text AS enabled FROM pg_catalog.pg_proc p
         JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
       UNION ALL
       SELECT t.tgname, p.proname || ' ' || t.tgtype || ' ' || coalesce(t.tgqual::text, ''), (t.tgenabled IN ('O', 'A'))::text
       FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
       WHERE t.tgrelid = $2::oid AND NOT t.tgisinternal`,
      [schema, oid],
      signal,
    );
    return rows.map(({ name, text, enabled }) => ({
      name: name ?? '',
      text: text ?? '',
      enabled: /^t/.test(enabled ?? ''),
    }));
  },
};

export function postgresCapture(config: PostgresConfig, context: PluginContext): Capture {
  return captureOver(postgresKit, config.readOnly, context.now, async (spec, kind, signal) => {
    const session = await openSession({ doing: `capture ${spec.table}`, config }, kind, signal);
    return {
      session,
      async run(statements, during) {
        await session.query('BEGIN', [], during);
        for (const sql of statements) await session.query(sql, [], during);
        await session.query('COMMIT', [], during);
      },
      [Symbol.asyncDispose]: () => session.close(),
    };
  });
}
