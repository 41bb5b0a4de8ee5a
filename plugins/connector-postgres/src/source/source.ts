import { checkShape } from '@qianzhi/model';
import type { PluginContext, ReadLimits, RowsBlock, Source, SourceSpec } from '@qianzhi/plugin-api';
import { createSessionPool, type Place, placedSource } from '@qianzhi/sql-kit';
import { type PostgresConfig, type PostgresSource, SourceSchema } from '../config.js';
import { type Doing, PostgresCause, sqlState, throwIfAborted } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { requireTable, type Table } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { type ChangeTable, changeTableOf } from './change-table.js';
import { purgeChanges, readChanges } from './changes.js';
import { orderOf } from './order.js';
import { fieldsOf, projectTable } from './projection.js';
import { condition, type Reading } from './reading.js';
import { readSnapshot, requireTies, snapshotStart } from './snapshot.js';
import { readWatermark } from './watermark.js';
import { type WatermarkColumn, watermarkColumn } from './watermark-column.js';
import { checkZone } from './zone.js';

/** Opens a source with sessions of its own; everything that can be wrong with the spec is found here. */
export async function openSource(
  config: PostgresConfig,
  spec: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Source> {
  const wanted = checkShape(SourceSchema, structuredClone(spec.source), 'source');
  const { strategy } = spec;
  if (strategy !== 'snapshot' && strategy !== 'watermark' && strategy !== 'change-table') {
    const problem = { zh: '本连接器没有该策略', en: 'this connector does not have it' };
    throw postgresErrors.STRATEGY_UNFIT({ strategy, table: wanted.table, problem });
  }
  const about: Doing = { doing: `read ${wanted.table}`, config };
  const session = await openSession(about, 'read', signal);
  try {
    const reading = await readingOf(session, wanted, spec, context, signal);
    const column = strategy === 'watermark' ? await watermarkColumn(reading, session, signal) : undefined;
    const changes = strategy === 'change-table' ? await changeTableOf(reading, session, signal) : undefined;
    return sourceOf(reading, column, changes);
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function readingOf(
  session: Session,
  wanted: PostgresSource,
  { resource, strategy }: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Reading> {
  const { config, about } = session;
  const table = await requireTable(session, wanted.schema ?? config.schema, wanted.table, signal);
  const zone = wanted.zone ?? context.timeZone;
  await checkZone(session, zone, strategy, table.name, signal);
  const projection = projectTable(table, resource, wanted, zone, session.version);
  const order = orderOf(table, resource, projection.columnOfItem);
  const from = qualified(table.schema, table.name);
  const reading: Reading = {
    sessions: createSessionPool(session, (again) => openSession(about, 'read', again)),
    config,
    spec: wanted,
    strategy,
    resource: resource.code,
    table,
    from,
    projection,
    order,
    orderFields:
      order &&
      fieldsOf(
        projection,
        order.terms.map((term) => term.column),
        order.total,
      ),
    checksText: session.encoding !== 'SQL_ASCII',
    about,
    context,
    notices: new Map(),
  };
  requireTies(reading);
  await checkReadable(session, wanted, from, table, signal);
  if (table.rowSecurity) {
    context.log.warn({ table: table.name }, 'row-level security may hide rows of the table from this user');
  }
  return reading;
}

/** Finds a missing privilege and a condition that cannot be run before anything is read. */
async function checkReadable(
  session: Session,
  spec: PostgresSource,
  from: string,
  table: Table,
  signal: AbortSignal,
): Promise<void> {
  await session.query(`SELECT 1 FROM ${from} LIMIT 0`, [], signal);
  if (spec.where === undefined) return;
  // in brackets of another kind, too: one that closes more than it opens fits only one of them
  const sql = `SELECT ARRAY[${spec.where}\n] FROM ${from} WHERE true${condition(spec)} LIMIT 0`;
  try {
    await session.client.query(sql);
  } catch (error) {
    throwIfAborted(session.about.doing, signal);
    const reason = sqlState(error) || 'connection';
    throw postgresErrors.WHERE_WRONG({ table: table.name, reason }, new PostgresCause(error));
  }
}

function sourceOf(
  reading: Reading,
  column: WatermarkColumn | undefined,
  changes: ChangeTable | undefined,
): Source {
  const { strategy, about, table, resource, notices, sessions } = reading;
  return placedSource({
    strategy,
    notices,
    shape: {
      columns: reading.projection.items.flatMap(({ item, column }) =>
        column ? [{ item: item.column, type: column.nativeType }] : [],
      ),
      key: table.primaryKey,
    },
    read(place, limits, signal) {
      if (column) return readWatermark(reading, column, place, limits, signal);
      if (changes) return readChanges(reading, changes, place, limits, signal);
      return readWhole(reading, place, limits, signal);
    },
    async confirm(place, signal) {
      if (changes?.spec.purge && place?.phase === 'changes')
        await purgeChanges(reading, changes, place, signal);
    },
    throwIfAborted: (signal) => throwIfAborted(about.doing, signal),
    unknown: (cause) => postgresErrors.CHECKPOINT_UNKNOWN({ table: table.name, strategy, resource }, cause),
    close: () => sessions.close(),
  });
}

/** Strategy `snapshot`: one full copy each time the last one is done. */
function readWhole(
  reading: Reading,
  place: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const start = place?.phase === 'snapshot' ? place : snapshotStart(reading);
  return readSnapshot(reading, start, { phase: 'done' }, limits, signal);
}
