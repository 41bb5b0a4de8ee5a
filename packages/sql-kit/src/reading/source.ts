import { checkShape, isQianzhiError } from '@qianzhi/model';
import type { PluginContext, Source, SourceSpec } from '@qianzhi/plugin-api';
import { dialectKit } from '../capture/dialect-capture.js';
import { requireLiveCapture } from '../capture/table-capture.js';
import { qualified, type SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { throwIfAborted } from '../database/stop-on-abort.js';
import { sourceErrors } from '../errors/source-errors.js';
import { type SqlSource, SqlSourceSchema } from '../schemas.js';
import type { LogReader } from '../strategies/log.js';
import { openWalkedSource } from '../strategies/walked-source.js';
import { condition, shapeOf, unfitFor } from '../strategies/walked-table.js';
import { requireZone } from '../strategies/watermark-times.js';
import { changeTableOf } from './change-table.js';
import { changeReader } from './changes.js';
import { tableCopy } from './copy.js';
import { flagReader } from './flag.js';
import { orderOf } from './order.js';
import { projectTable } from './projection.js';
import type { Reading } from './reading.js';
import { watermarkReader } from './watermark.js';

/** What a connector brings to open a source. */
export interface SqlSourceOrigin {
  readonly dialect: SqlDialect;
  /** Schema of tables that name none; undefined: the session's own. */
  readonly schema: string | undefined;
  readonly readOnly: boolean;
  /** `read` refuses to write where the database can. */
  connect(kind: 'read' | 'write', doing: string, signal: AbortSignal): Promise<SqlSession>;
  /** Where the database's own log of changes can be followed. Throws what its database, table or login lacks for it (config, denied). */
  log?(reading: Reading, signal: AbortSignal): Promise<LogReader>;
}

/** Opens a source with a session of its own, after checking table, columns, types and strategy. */
export async function openSqlSource(
  origin: SqlSourceOrigin,
  spec: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Source> {
  const wanted = checkShape(SqlSourceSchema, structuredClone(spec.source), 'source');
  const doing = `read ${wanted.table}`;
  let session: SqlSession | undefined = await origin.connect('read', doing, signal);
  const close = async () => {
    const open = session;
    session = undefined;
    await open?.[Symbol.asyncDispose]();
  };
  try {
    const reading: Reading = {
      ...(await fit(origin, spec, wanted, session, context, signal)),
      async session(during) {
        session ??= await origin.connect('read', doing, during);
        return session;
      },
    };
    await checkWhere(reading, session, signal);
    return await sourceOf(origin, reading, session, close, signal);
  } catch (error) {
    await close();
    throw error;
  }
}

async function fit(
  { dialect, schema }: SqlSourceOrigin,
  { resource, strategy }: SourceSpec,
  spec: SqlSource,
  session: SqlSession,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Omit<Reading, 'session'>> {
  const zone = spec.zone ?? context.timeZone;
  requireZone(zone, unfitFor({ errors: sourceErrors, strategy, table: { name: spec.table } }));
  const table = await dialect.describe(session, spec.schema ?? schema, spec.table, signal);
  if (!table) throw sourceErrors.TABLE_MISSING({ server: session.server, table: spec.table });
  const projection = projectTable(table, resource, spec, zone);
  return {
    dialect,
    spec,
    strategy,
    resource: resource.code,
    table,
    errors: sourceErrors,
    from: qualified(dialect, table.schema, table.name),
    projection,
    order: orderOf(dialect, table, resource, projection.columnOfItem),
    zone,
    doing: `read ${table.name}`,
    context,
    notices: new Map(),
  };
}

async function checkWhere(reading: Reading, session: SqlSession, signal: AbortSignal): Promise<void> {
  if (reading.spec.where === undefined) return;
  try {
    await session.query(
      `SELECT count(*) FROM ${reading.from} t WHERE 1 = 0${condition(reading)}`,
      [],
      signal,
    );
  } catch (error) {
    if (!isQianzhiError(error) || !['internal', 'data'].includes(error.kind)) throw error;
    throw sourceErrors.WHERE_WRONG(
      { table: reading.table.name, reason: String(error.details['reason']) },
      error,
    );
  }
}

async function sourceOf(
  origin: SqlSourceOrigin,
  reading: Reading,
  session: SqlSession,
  close: () => Promise<void>,
  opening: AbortSignal,
): Promise<Source> {
  const { doing } = reading;
  const source = await openWalkedSource({
    table: reading,
    shape: shapeOf(reading),
    copy: tableCopy(reading),
    readers: {
      watermark: () => watermarkReader(reading),
      async changes() {
        const changes = await changeTableOf(reading, origin.readOnly, session, opening);
        const kit = dialectKit(origin.dialect);
        const owned = kit !== undefined && (await requireLiveCapture(kit, session, reading, opening));
        const writer = (signal: AbortSignal) => origin.connect('write', doing, signal);
        return changeReader(reading, changes, writer, owned && !origin.readOnly);
      },
      ...(origin.log && { log: () => origin.log!(reading, opening) }),
      flag: () => flagReader(reading, origin.readOnly, (signal) => origin.connect('write', doing, signal)),
    },
    throwIfAborted: (signal) => throwIfAborted(doing, signal),
    close,
  });
  return {
    ...source,
    async *read(checkpoint, limits, signal) {
      try {
        yield* source.read(checkpoint, limits, signal);
      } catch (error) {
        // whatever state it is in: the next read opens another
        await close();
        throwIfAborted(doing, signal);
        throw error;
      }
    },
  };
}
