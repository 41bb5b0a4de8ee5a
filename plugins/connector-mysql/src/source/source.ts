import { checkShape } from '@qianzhi/model';
import type { PluginContext, Source, SourceSpec } from '@qianzhi/plugin-api';
import {
  condition,
  createSessionPool,
  openWalkedSource,
  requireLiveCapture,
  requireZone,
  shapeOf,
  unfitFor,
} from '@qianzhi/sql-kit';
import { mysqlKit } from '../capture/capture.js';
import { type MysqlConfig, type MysqlSource, SourceSchema } from '../config.js';
import { type Doing, errorNumber, MysqlCause, throwIfAborted } from '../connection/classify.js';
import { openSession, runQuery, type Session } from '../connection/session.js';
import { requireTable, type Table } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { logReader } from '../log/reader.js';
import { changeTableOf } from './change-table.js';
import { changeReader } from './changes.js';
import { flagReader } from './flag.js';
import { orderOf } from './order.js';
import { projectTable } from './projection.js';
import type { Reading } from './reading.js';
import { tableCopy } from './snapshot.js';
import { watermarkReader } from './watermark.js';

/** Opens a source with sessions of its own; everything that can be wrong with the spec is found here. */
export async function openSource(
  config: MysqlConfig,
  spec: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Source> {
  const wanted = checkShape(SourceSchema, structuredClone(spec.source), 'source');
  const about: Doing = { doing: `read ${wanted.table}`, config };
  const session = await openSession(about, 'read', signal);
  try {
    const reading = await readingOf(session, wanted, spec, context, signal);
    return await openWalkedSource({
      table: reading,
      shape: shapeOf(reading),
      copy: tableCopy(reading),
      readers: {
        watermark: () => watermarkReader(reading),
        async changes() {
          const changes = await changeTableOf(reading, session, signal);
          const owned = await requireLiveCapture(mysqlKit, session, reading, signal);
          return changeReader(reading, changes, owned && !config.readOnly);
        },
        flag: () => flagReader(reading, signal),
        log: () => logReader(reading, session, signal),
      },
      throwIfAborted: (during) => throwIfAborted(about.doing, during),
      close: () => reading.sessions.close(),
    });
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function readingOf(
  session: Session,
  wanted: MysqlSource,
  { resource, strategy, alongside }: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Reading> {
  const { config, about } = session;
  const table = await requireTable(session, wanted.database ?? config.database, wanted.table, signal);
  const zone = wanted.zone ?? context.timeZone;
  requireZone(zone, unfitFor({ errors: mysqlErrors, strategy, table }));
  const projection = projectTable(table, resource, wanted, zone);
  const from = qualified(table.database, table.name);
  await checkReadable(session, wanted, from, table, signal);
  return {
    alongside,
    sessions: createSessionPool(session, (again) => openSession(about, 'read', again)),
    config,
    spec: wanted,
    strategy,
    resource: resource.code,
    table,
    from,
    projection,
    order: orderOf(table, resource, projection.columnOfItem),
    zone,
    errors: mysqlErrors,
    about,
    context,
    notices: new Map(),
  };
}

/** Finds a missing privilege and a condition that cannot be run before anything is read. */
async function checkReadable(
  session: Session,
  spec: MysqlSource,
  from: string,
  table: Table,
  signal: AbortSignal,
): Promise<void> {
  await session.query(`SELECT 1 FROM ${from} LIMIT 0`, signal);
  if (spec.where === undefined) return;
  // in brackets of another kind, too: one that closes more than it opens fits only one of them
  const sql = `SELECT COALESCE(NULL, ${spec.where}\n, 0) FROM ${from} WHERE true${condition({ spec })} LIMIT 0`;
  try {
    await runQuery(session.client, sql);
  } catch (error) {
    throwIfAborted(session.about.doing, signal);
    const reason = errorNumber(error) || 'connection';
    throw mysqlErrors.WHERE_WRONG({ table: table.name, reason }, new MysqlCause(error));
  }
}
