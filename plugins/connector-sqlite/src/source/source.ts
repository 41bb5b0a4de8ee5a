import { checkShape, isQianzhiError } from '@qianzhi/model';
import type { PluginContext, Source, SourceSpec } from '@qianzhi/plugin-api';
import {
  condition,
  openWalkedSource,
  requireLiveCapture,
  requireZone,
  takeTurn,
  unfitFor,
} from '@qianzhi/sql-kit';
import { sqliteKit } from '../capture/capture.js';
import { SourceSchema, type SqliteConfig } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { classify, type Doing } from '../file/classify.js';
import { databasePath, openForReading, openForWriting, type SqliteDatabase } from '../file/open-file.js';
import { throwIfAborted } from '../file/pace.js';
import { requireTable } from '../file/table.js';
import { quoted } from '../identifier.js';
import { changeReader, changeTableOf, purgeChanges, writeCanary } from './changes.js';
import { flagReader } from './flag.js';
import { orderOf } from './order.js';
import { projectTable } from './projection.js';
import type { Reading } from './reading.js';
import { tableCopy } from './snapshot.js';
import { watermarkReader } from './watermark.js';

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
    requireZone(zone, unfitFor({ errors: sqliteErrors, strategy: spec.strategy, table }));
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
      errors: sqliteErrors,
      about,
      busyTimeoutMs: config.busyTimeoutMs,
      context,
      notices: new Map(),
    };
    checkWhere(reading);
    return await sourceOf(reading, signal);
  } catch (error) {
    db.close();
    throw classify(error, about);
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
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'not-read-only';
    throw sqliteErrors.WHERE_WRONG({ table: reading.table.name, reason }, error);
  }
}

async function sourceOf(reading: Reading, opening: AbortSignal): Promise<Source> {
  const { about, db, table, projection } = reading;
  const source = await openWalkedSource({
    table: reading,
    shape: {
      columns: projection.items.flatMap(({ item, column }) =>
        column
          ? [{ item: item.column, type: table.columns.find(({ name }) => quoted(name) === column)!.declared }]
          : [],
      ),
      key: table.primaryKey,
    },
    copy: (signal) => tableCopy(reading, signal),
    readers: {
      watermark: () => watermarkReader(reading),
      async changes() {
        const changes = changeTableOf(reading);
        const owned = (await requireLiveCapture(sqliteKit, db, reading, opening)) && !reading.config.readOnly;
        return changeReader(
          reading,
          changes,
          changes.spec.purge
            ? (place, signal) =>
                writing(reading, signal, (db) => purgeChanges(db, changes, place.serial, reading, signal))
            : undefined,
          owned
            ? (op, signal) => writing(reading, signal, (db) => writeCanary(db, changes, op, reading, signal))
            : undefined,
        );
      },
      flag: () => flagReader(reading),
    },
    throwIfAborted: (signal) => throwIfAborted(about.doing, signal),
    close: async () => void reading.db.close(),
  });
  return {
    ...source,
    async *read(checkpoint, limits, signal) {
      try {
        yield* source.read(checkpoint, limits, signal);
      } catch (error) {
        throw isQianzhiError(error) ? error : classify(error, about);
      }
    },
  };
}

async function writing(
  reading: Reading,
  signal: AbortSignal,
  work: (db: SqliteDatabase) => Promise<void>,
): Promise<void> {
  const leave = await takeTurn(databasePath(reading.config), reading.about.doing, signal);
  let db: SqliteDatabase | undefined;
  try {
    db = await openForWriting({ ...reading.config, create: false }, signal);
    await work(db);
  } catch (error) {
    throw classify(error, reading.about);
  } finally {
    db?.close();
    leave();
  }
}
