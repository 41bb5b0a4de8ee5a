import { checkShape } from '@qianzhi/model';
import type { PluginContext, ReadBack, ReadBackSpec, SourceSpec } from '@qianzhi/plugin-api';
import { openReadBack } from '@qianzhi/sql-kit';
import { type PostgresConfig, TargetSchema } from './config.js';
import { literal, ownName, qualified, quoted } from './identifier.js';
import { openSource } from './source/source.js';

/** The rows of a target, by the source of this connector. */
export function readBack(
  config: PostgresConfig,
  { target, resource, delivery }: ReadBackSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<ReadBack> {
  const wanted = checkShape(TargetSchema, structuredClone(target), 'target');
  const schema = wanted.schema ?? config.schema;
  const keys = {
    quoted,
    keyTable: qualified(schema, ownName('keys', wanted.table)),
    supplier: literal,
  };
  const open = ({ source, ...spec }: SourceSpec) =>
    openSource(config, { ...spec, source: { ...(source as object), schema } }, context, signal);
  return openReadBack(wanted, resource, delivery, open, keys);
}
