import { checkShape } from '@qianzhi/model';
import type { PluginContext, Source, SourceSpec } from '@qianzhi/plugin-api';
import {
  condition,
  createSessionPool,
  openWalkedSource,
  requireLiveCapture,
  shapeOf,
} from '@qianzhi/sql-kit';
import { postgresKit } from '../capture/capture.js';
import { type PostgresConfig, type PostgresSource, SourceSchema } from '../config.js';
import { type Doing, PostgresCause, sqlState, throwIfAborted } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { requireTable, type Table } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { logReader } from '../log/reader.js';
import { changeTableOf } from './change-table.js';
import { changeReader } from './changes.js';
import { flagReader } from './flag.js';
import { orderOf } from './order.js';
import { fieldsOf, projectTable } from './projection.js';
import type { Reading } from './reading.js';
import { requireTies, tableCopy } from './snapshot.js';
import { watermarkReader } from './watermark.js';
import { checkZone } from './zone.js';

/** Opens a source with sessions of its own; everything that can be wrong with the spec is found here. */
export async function openSource(
  config: PostgresConfig,
  spec: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Source> {
  const wanted = checkShape(SourceSchema, structuredClone(spec.source), 'source');
  const about: Doing = { doing: `read ${wanted.table}`, config };
  const session = await openSession(about, 'read', signal);
  const leave: (() => void)[] = [];
  try {
    const reading = await readingOf(session, wanted, spec, context, signal);
    return await openWalkedSource({
      table: reading,
      shape: shapeOf(reading),
      copy: tableCopy(reading),
      readers: {
        watermark: () => watermarkReader(reading, session, signal),
        async changes() {
          const changes = await changeTableOf(reading, session, signal);
          const owned = await requireLiveCapture(postgresKit, session, reading, signal);
          return changeReader(reading, changes, owned && !config.readOnly);
        },
        flag: () => flagReader(reading, signal),
        log: () => logReader(reading, session, leave, signal),
      },
      throwIfAborted: (during) => throwIfAborted(about.doing, during),
      async close() {
        for (const each of leave) each();
        await reading.sessions.close();
      },
    });
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function readingOf(
  session: Session,
  wanted: PostgresSource,
  { resource, strategy, alongside }: SourceSpec,
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
    errors: postgresErrors,
    about,
    alongside,
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
  const sql = `SELECT ARRAY[${spec.where}\n] FROM ${from} WHERE true${condition({ spec })} LIMIT 0`;
  try {
    await session.client.query(sql);
  } catch (error) {
    throwIfAborted(session.about.doing, signal);
    const reason = sqlState(error) || 'connection';
    throw postgresErrors.WHERE_WRONG({ table: table.name, reason }, new PostgresCause(error));
  }
}
