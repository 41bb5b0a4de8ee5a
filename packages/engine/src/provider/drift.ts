import {
  type CatalogResource,
  compareSchemas,
  currentLanguage,
  isQianzhiError,
  type LocalText,
  type QianzhiError,
  type SupplyExchange,
} from '@qianzhi/model';
import type { Connection, Source, SourceShape } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { StreamRow } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import type { StreamStates } from '../streams/stream-state.js';
import { alongsideOf } from './alongside.js';

/**
 * The stream goes on only at the schema version a person accepted (design: promise 8). The first one is accepted by
 * configuring the exchange; a version that changes no item is taken over. Pauses and throws QZ_ENGINE_SCHEMA_CHANGED.
 */
export function requireAcceptedSchema(
  core: Core,
  tables: Tables,
  states: StreamStates,
  row: StreamRow,
  resource: CatalogResource,
): void {
  const accepted = row.schema;
  if (accepted && JSON.stringify(accepted) === JSON.stringify(resource)) return;
  const change = accepted ? compareSchemas(accepted, resource) : undefined;
  if (accepted && change && change.changes.length > 0) {
    const error = engineErrors.SCHEMA_CHANGED({
      resource: resource.code,
      from: accepted.schemaVersion,
      to: resource.schemaVersion,
      difference: change.changes.map((one) => one.texts[currentLanguage()]).join('; '),
    });
    states.pause(resource.code, error);
    throw error;
  }
  core.store.write(() => tables.streams.put(withSchema(tables.streams.get(resource.code) ?? row, resource)));
}

/** A snapshot is of one schema version: an unfinished one begins again under the new version. */
export function withSchema(row: StreamRow, resource: CatalogResource): StreamRow {
  const sameVersion = row.schema?.schemaVersion === resource.schemaVersion;
  if (row.snapshot === null || sameVersion) return { ...row, schema: resource };
  return { ...row, schema: resource, snapshot: null, checkpoint: null };
}

const PUT_BACK: LocalText = { zh: '改回来源表', en: 'put the table back' };

/**
 * Opens the source; a table that no longer fits a stream already begun, or is made otherwise than when it was accepted,
 * pauses it with QZ_ENGINE_DRIFT.
 */
export async function openSource(
  core: Core,
  tables: Tables,
  connection: Connection,
  states: StreamStates,
  row: StreamRow,
  exchange: SupplyExchange,
  resource: CatalogResource,
  signal: AbortSignal,
): Promise<Source> {
  const { strategy } = exchange;
  const { identity, exchanges } = core.options;
  const { connector, supply: except } = exchange;
  const placeOf = tables.streams.get;
  const alongside =
    strategy === 'log' && alongsideOf({ agent: identity.agent, connector, except, exchanges, placeOf });
  const spec = {
    resource,
    strategy: strategy === 'diff' ? 'snapshot' : strategy,
    source: exchange.source,
    ...(alongside && { alongside }),
  } as const;
  const drifted = (difference: string | LocalText, cause?: QianzhiError) => {
    const remedy = cause?.details.remedy ?? PUT_BACK;
    const drift = engineErrors.DRIFT({ resource: resource.code, difference, remedy }, cause);
    states.pause(resource.code, drift);
    return drift;
  };
  let source: Source;
  try {
    source = await connection.source(spec, signal);
  } catch (error) {
    if (!isQianzhiError(error) || error.kind !== 'config' || row.seq === 0) throw error;
    throw drifted({ zh: error.texts.zh.message, en: error.texts.en.message }, error);
  }
  const { shape = null } = source;
  const difference = shape && row.shape && row.seq > 0 ? shapeDifference(row.shape, shape) : undefined;
  if (difference) {
    await source[Symbol.asyncDispose]();
    throw drifted(difference);
  }
  if (JSON.stringify(shape) !== JSON.stringify(row.shape)) {
    // receipts may have been committed while the source was opened
    core.store.write(() => tables.streams.put({ ...(tables.streams.get(resource.code) ?? row), shape }));
  }
  return source;
}

/** Of items of both: what is new or gone is the catalog's own change, accepted apart. */
function shapeDifference(before: SourceShape, now: SourceShape): LocalText | undefined {
  const types = new Map(before.columns.map(({ item, type }) => [item, type]));
  const changed = now.columns
    .filter(({ item, type }) => types.has(item) && types.get(item) !== type)
    .map(({ item, type }) => `${item}: ${types.get(item)} → ${type}`);
  const sameKey = before.key.join() === now.key.join();
  const keys = `(${before.key.join(', ')}) → (${now.key.join(', ')})`;
  if (changed.length === 0 && sameKey) return undefined;
  return {
    zh: [...changed, ...(sameKey ? [] : [`主键 ${keys}`])].join('; '),
    en: [...changed, ...(sameKey ? [] : [`primary key ${keys}`])].join('; '),
  };
}
