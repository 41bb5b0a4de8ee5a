import type { Capture, CaptureObjectState, CaptureSpec, PluginContext } from '@qianzhi/plugin-api';
import {
  type CaptureSite,
  capturedKey,
  captureNames,
  captureOver,
  judged,
  requireCapture,
} from '@qianzhi/sql-kit';
import type { MysqlConfig } from '../config.js';
import { openSession, type Session } from '../connection/session.js';
import { describeTable, requireTable, type Table } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { captureDesign, type MysqlDesign } from './design.js';

export function mysqlCapture(config: MysqlConfig, context: PluginContext): Capture {
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
  const table = await requireTable(session, spec.schema ?? session.config.database, spec.table, signal);
  if (table.kind !== 'table') {
    const problem = { zh: '它不是表', en: 'it is no table' };
    throw mysqlErrors.CAPTURE_UNFIT({ table: table.name, problem });
  }
  const design = await designOf(session, spec, table, now, signal);
  return {
    design,
    states: (during) => statesOf(session, design, table, during),
    async run(statements, during) {
      for (const sql of statements) await session.query(sql, during);
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
): Promise<MysqlDesign> {
  const log = await describeTable(
    session,
    table.database,
    captureNames(64, table.database, table.name).log,
    signal,
  );
  return captureDesign(table, capturedKey(spec, table, log, mysqlErrors), now);
}

async function statesOf(
  session: Session,
  { objects, bodies }: MysqlDesign,
  { database, name }: Table,
  signal: AbortSignal,
): Promise<readonly CaptureObjectState[]> {
  const triggers = await session.query(
    `SELECT trigger_name AS name, action_statement AS body FROM information_schema.triggers
     WHERE event_object_schema = ${literal(database)} AND event_object_table = ${literal(name)}`,
    signal,
  );
  const tables = await session.query(
    `SELECT table_name AS name, '' AS body FROM information_schema.tables WHERE table_schema = ${literal(database)}`,
    signal,
  );
  return objects.map((object) => {
    const { rows } = object.kind === 'table' ? tables : triggers;
    const row = rows.find((each) => each['name'] === object.name);
    return judged(object, row && { text: row['body'] ?? '', enabled: true }, bodies.get(object.name) ?? '');
  });
}

/** Proves before each read that what fills a change table of ours is whole. False for one of others. Throws CAPTURE_BROKEN. */
export async function requireLiveCapture(
  { table, spec, context }: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  if (spec.changeTable?.table !== captureNames(64, table.database, table.name).log) return false;
  const design = await designOf(session, { table: table.name }, table, context.now(), signal);
  requireCapture(table.name, await statesOf(session, design, table, signal), mysqlErrors);
  return true;
}
