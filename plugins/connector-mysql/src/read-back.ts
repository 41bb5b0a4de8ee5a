import { checkShape } from '@qianzhi/model';
import type { PluginContext, ReadBack, ReadBackSpec, SourceSpec } from '@qianzhi/plugin-api';
import { openReadBack, ownName } from '@qianzhi/sql-kit';
import { type MysqlConfig, TargetSchema } from './config.js';
import { qualified, quoted } from './identifier.js';
import { supplierDigest } from './sink/suppliers.js';
import { openSource } from './source/source.js';

/** The rows of a target, by the source of this connector. */
export function readBack(
  config: MysqlConfig,
  { target, resource, delivery }: ReadBackSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<ReadBack> {
  const wanted = checkShape(TargetSchema, structuredClone(target), 'target');
  const database = wanted.database ?? config.database;
  const keys = {
    quoted,
    keyTable: qualified(database, ownName('keys', wanted.table)),
    supplier: supplierDigest,
  };
  const open = ({ source, ...spec }: SourceSpec) =>
    openSource(config, { ...spec, source: { ...(source as object), database } }, context, signal);
  return openReadBack(wanted, resource, delivery, open, keys);
}
