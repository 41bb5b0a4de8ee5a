import { checkShape, isQianzhiError } from '@qianzhi/model';
import type { PluginContext, RowsBlock, Source, SourceSpec } from '@qianzhi/plugin-api';
import { qualified, type SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { throwIfAborted } from '../database/stop-on-abort.js';
import { sourceErrors } from '../errors/source-errors.js';
import { type SqlSource, SqlSourceSchema } from '../schemas.js';
import { changeTableOf } from './change-table.js';
import { purgeChanges, readChanges } from './changes.js';
import { type Place, placeOf } from './checkpoint.js';
import { orderOf } from './order.js';
import { projectTable } from './projection.js';
import { condition, type Reading } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';
import { readWatermark, watermarkColumn } from './watermark.js';
import { isZone } from './watermark-times.js';

/** What a connector brings to open a source. */
export interface SqlSourceOrigin {
  readonly dialect: SqlDialect;
  /** Schema of tables that name none; undefined: the session's own. */
  readonly schema: string | undefined;
  readonly readOnly: boolean;
  /** `read` refuses to write where the database can. */
  connect(kind: 'read' | 'write', doing: string, signal: AbortSignal): Promise<SqlSession>;
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
  if (!isZone(zone)) {
    const problem = { zh: `时区 ${zone} 无法识别`, en: `zone ${zone} is unknown` };
    throw sourceErrors.STRATEGY_UNFIT({ strategy, table: spec.table, problem });
  }
  const table = await dialect.describe(session, spec.schema ?? schema, spec.table, signal);
  if (!table) throw sourceErrors.TABLE_MISSING({ server: session.server, table: spec.table });
  const projection = projectTable(table, resource, spec, zone);
  return {
    dialect,
    spec,
    strategy,
    resource,
    table,
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
  const { strategy, projection, table, resource, doing } = reading;
  const column = strategy === 'watermark' ? watermarkColumn(reading) : undefined;
  const changes =
    strategy === 'change-table' ? await changeTableOf(reading, origin.readOnly, session, opening) : undefined;
  if (!column && !changes && strategy !== 'snapshot') {
    const problem = { zh: '本连接器没有该策略', en: 'this connector does not have it' };
    throw sourceErrors.STRATEGY_UNFIT({ strategy, table: table.name, problem });
  }
  const about = { strategy, table: table.name, resource: resource.code };
  return {
    shape: {
      columns: projection.items.flatMap((each) =>
        each.column ? [{ item: each.item.column, type: each.column.nativeType }] : [],
      ),
      key: table.primaryKey,
    },
    async *read(checkpoint, limits, signal) {
      throwIfAborted(doing, signal);
      const place = placeOf(checkpoint, about);
      const blocks: AsyncGenerator<RowsBlock> = column
        ? readWatermark(reading, column, place, limits, signal)
        : changes
          ? readChanges(reading, changes, place, limits, signal)
          : readSnapshot(reading, wholeStart(place), limits, signal);
      try {
        for await (const block of blocks) {
          yield block;
          throwIfAborted(doing, signal);
        }
      } catch (error) {
        // whatever state it is in: the next read opens another
        await close();
        throwIfAborted(doing, signal);
        throw error;
      }
    },
    async confirm(checkpoint, signal) {
      const place = placeOf(checkpoint, about);
      if (!changes?.spec.purge || place?.phase !== 'changes') return;
      const writer = await origin.connect('write', doing, signal);
      try {
        await purgeChanges(reading, changes, place, writer, signal);
      } finally {
        await writer[Symbol.asyncDispose]();
      }
    },
    notices: () => [...reading.notices.values()],
    [Symbol.asyncDispose]: close,
  };
}

/** Strategy `snapshot`: one full copy each time the last one is done. */
function wholeStart(place: Place | undefined) {
  return place?.phase === 'snapshot' ? place : snapshotStart({ phase: 'done' });
}
