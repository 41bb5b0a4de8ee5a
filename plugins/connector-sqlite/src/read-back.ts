import { checkShape } from '@qianzhi/model';
import type { PluginContext, ReadBack, ReadBackSpec } from '@qianzhi/plugin-api';
import { openReadBack, ownName } from '@qianzhi/sql-kit';
import { type SqliteConfig, TargetSchema } from './config.js';
import { quoted } from './identifier.js';
import { openSource } from './source/source.js';

/** The rows of a target, by the source of this connector. */
export function readBack(
  config: SqliteConfig,
  { target, resource, delivery }: ReadBackSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<ReadBack> {
  const wanted = checkShape(TargetSchema, structuredClone(target), 'target');
  const keys = {
    quoted,
    keyTable: quoted(ownName('keys', wanted.table.toLowerCase())),
    supplier: (name: string) => `'${name.replaceAll("'", "''")}'`,
  };
  return openReadBack(wanted, resource, delivery, (spec) => openSource(config, spec, context, signal), keys);
}
