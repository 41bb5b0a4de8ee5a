import type { Capture, CaptureObjectState, CaptureSpec, PluginContext } from '@qianzhi/plugin-api';
import {
  type CaptureSite,
  capturedKey,
  captureNames,
  captureOver,
  judged,
  requireCapture,
} from '@qianzhi/sql-kit';
import type { PostgresConfig } from '../config.js';
import { openSession, type Session } from '../connection/session.js';
import { describeTable, requireTable, type Table } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import type { Reading } from '../source/reading.js';
import { captureDesign, type PostgresDesign } from './design.js';

export function postgresCapture(config: PostgresConfig, context: PluginContext): Capture {
  return captureOver(config.readOnly, async (spec, kind, signal) => {
    const session = await openSession({ doing: `capture ${spec.table}`, config }, kind, signal);
    try {
      return await siteOf(session, spec, context.now(), signal);
    } catch (error) {
      await session.close();
      throw error;
    }
  });
}

async function siteOf(
  session: Session,
  spec: CaptureSpec,
  now: Date,
  signal: AbortSignal,
): Promise<CaptureSite> {
  const table = await requireTable(session, spec.schema ?? session.config.schema, spec.table, signal);
  if (table.kind !== 'table' && table.kind !== 'partitioned') {
    const problem = { zh: '它不是表', en: 'it is no table' };
    throw postgresErrors.CAPTURE_UNFIT({ table: table.name, problem });
  }
  const design = await designOf(session, spec, table, now, signal);
  return {
    design,
    states: (during) => statesOf(session, design, table, during),
    async run(statements, during) {
      await session.query('BEGIN', [], during);
      for (const sql of statements) await session.query(sql, [], during);
      await session.query('COMMIT', [], during);
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
}

async function designOf(
  session: Session,
  spec: CaptureSpec,
  table: Table,
  now: Date,
  signal: AbortSignal,
): Promise<PostgresDesign> {
  const names = captureNames(63, table.schema, table.name);
  const log = await describeTable(session, table.schema, names.log, signal);
  return captureDesign(table, capturedKey(spec, table, log, postgresErrors), now);
}

async function statesOf(
  session: Session,
  { objects, body }: PostgresDesign,
  { oid, schema }: Table,
  signal: AbortSignal,
): Promise<readonly CaptureObjectState[]> {
  const { rows } = await session.query(
    `SELECT c.relname AS name, '' AS text, 't' AS enabled FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'
     UNION ALL
     SELECT p.proname, p.prosrc, p.prosecdef::text FROM pg_catalog.pg_proc p
       JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
     UNION ALL
     SELECT t.tgname, p.proname || ' ' || t.tgtype || ' ' || coalesce(t.tgqual::text, ''), (t.tgenabled IN ('O', 'A'))::text
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgrelid = $2::oid AND NOT t.tgisinternal`,
    [schema, oid],
    signal,
  );
  const code = objects.find(({ kind }) => kind === 'function')!.name;
  const [each, truncate] = objects.filter(({ kind }) => kind === 'trigger');
  const expected = new Map([
    [code, body],
    [each!.name, `${code} ${ROW_AFTER_ALL}`],
    [truncate!.name, `${code} ${AFTER_TRUNCATE}`],
  ]);
  return objects.map((object) => {
    const row = rows.find(({ name }) => name === object.name);
    const found = row && { text: row.text ?? '', enabled: /^t/.test(row.enabled ?? '') };
    return judged(object, found, expected.get(object.name) ?? '');
  });
}

/** `pg_trigger.tgtype`: row 1, insert 4, delete 8, update 16; truncate 32. */
const ROW_AFTER_ALL = 29;
const AFTER_TRUNCATE = 32;

/** Proves before each read that what fills a change table of ours is whole. False for one of others. Throws CAPTURE_BROKEN. */
export async function requireLiveCapture(
  { table, spec, context }: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  if (spec.changeTable?.table !== captureNames(63, table.schema, table.name).log) return false;
  const design = await designOf(session, { table: table.name }, table, context.now(), signal);
  requireCapture(table.name, await statesOf(session, design, table, signal), postgresErrors);
  return true;
}
