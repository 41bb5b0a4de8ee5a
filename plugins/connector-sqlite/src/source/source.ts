import { checkShape, isQianzhiError } from '@qianzhi/model';
import type { PluginContext, ReadLimits, RowsBlock, Source, SourceSpec } from '@qianzhi/plugin-api';
import { formatOf, takeTurn } from '@qianzhi/sql-kit';
import { SourceSchema, type SqliteConfig } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { classify, type Doing } from '../file/classify.js';
import { databasePath, openForReading, openForWriting, type SqliteDatabase } from '../file/open-file.js';
import { throwIfAborted } from '../file/pace.js';
import { requireTable } from '../file/table.js';
import { quoted } from '../identifier.js';
import { type ChangeTable, changeTableOf, purgeChanges, readChanges } from './changes.js';
import { type Place, placeOf } from './checkpoint.js';
import { orderOf } from './order.js';
import { projectTable } from './projection.js';
import { condition, type Reading } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';
import { readWatermark, watermarkColumn } from './watermark.js';

/** Opens a source on a connection of its own; everything that can be wrong with the spec is found here. */
export async function openSource(
  config: SqliteConfig,
  spec: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Source> {
  const wanted = checkShape(SourceSchema, structuredClone(spec.source), 'source');
  const about: Doing = { doing: `read ${wanted.table}`, path: databasePath(config) };
  const db = await openForReading(config, signal);
  try {
    const table = requireTable(db, wanted.table);
    const zone = wanted.zone ?? context.timeZone;
    checkZone(zone, spec.strategy, table.name);
    const projection = projectTable(table, spec.resource, wanted, zone);
    const reading: Reading = {
      db,
      config,
      spec: wanted,
      strategy: spec.strategy,
      resource: spec.resource.code,
      table,
      from: quoted(table.name),
      projection,
      order: orderOf(table, spec.resource, projection.columnOfItem),
      about,
      busyTimeoutMs: config.busyTimeoutMs,
      context,
      notices: new Map(),
    };
    checkWhere(reading);
    return sourceOf(reading);
  } catch (error) {
    db.close();
    throw classify(error, about);
  }
}

function checkZone(zone: string, strategy: string, table: string): void {
  try {
    formatOf(zone);
  } catch {
    throw sqliteErrors.STRATEGY_UNFIT({
      strategy,
      table,
      problem: { zh: `时区 ${zone} 无法识别`, en: `zone ${zone} is unknown` },
    });
  }
}

function checkWhere(reading: Reading): void {
  if (reading.spec.where === undefined) return;
  try {
    const statement = reading.db.prepare(
      `SELECT 1 FROM ${reading.from} WHERE 1${condition(reading)} LIMIT 1`,
    );
    if (!statement.readonly) throw new Error('the condition writes');
    statement.get();
  } catch (error) {
    throw sqliteErrors.WHERE_WRONG({ table: reading.table.name }, error);
  }
}

function sourceOf(reading: Reading): Source {
  const { strategy, about } = reading;
  const column = strategy === 'watermark' ? watermarkColumn(reading) : undefined;
  const changes = strategy === 'change-table' ? changeTableOf(reading) : undefined;
  if (!column && !changes && strategy !== 'snapshot') {
    throw sqliteErrors.STRATEGY_UNFIT({
      strategy,
      table: reading.table.name,
      problem: { zh: '本连接器没有该策略', en: 'this connector does not have it' },
    });
  }
  const { projection, table } = reading;
  return {
    shape: {
      columns: projection.items.flatMap(({ item, column }) =>
        column
          ? [{ item: item.column, type: table.columns.find(({ name }) => quoted(name) === column)!.declared }]
          : [],
      ),
      key: table.primaryKey,
    },
    async *read(checkpoint, limits, signal) {
      throwIfAborted(about.doing, signal);
      const place = placeOf(checkpoint, strategy, reading.table.name, reading.resource);
      const blocks = column
        ? readWatermark(reading, column, place, limits, signal)
        : changes
          ? readChanges(reading, changes, place, limits, signal)
          : readWhole(reading, place, limits, signal);
      try {
        for await (const block of blocks) {
          yield block;
          throwIfAborted(about.doing, signal);
        }
      } catch (error) {
        throw isQianzhiError(error) ? error : classify(error, about);
      }
    },
    async confirm(checkpoint, signal) {
      const place = placeOf(checkpoint, strategy, reading.table.name, reading.resource);
      if (changes?.spec.purge && place?.phase === 'changes')
        await purge(reading, changes, place.serial, signal);
    },
    notices: () => [...reading.notices.values()],
    async [Symbol.asyncDispose]() {
      reading.db.close();
    },
  };
}

/** Strategy `snapshot`: one full copy each time the last one is done. */
async function* readWhole(
  reading: Reading,
  place: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const start = place?.phase === 'snapshot' ? place : await snapshotStart(reading, signal);
  yield* readSnapshot(reading, start, { phase: 'done' }, limits, signal);
}

async function purge(
  reading: Reading,
  changes: ChangeTable,
  serial: string,
  signal: AbortSignal,
): Promise<void> {
  const leave = await takeTurn(databasePath(reading.config), reading.about.doing, signal);
  let db: SqliteDatabase | undefined;
  try {
    db = await openForWriting({ ...reading.config, create: false }, signal);
    await purgeChanges(db, changes, serial, reading, signal);
  } catch (error) {
    throw classify(error, reading.about);
  } finally {
    db?.close();
    leave();
  }
}
