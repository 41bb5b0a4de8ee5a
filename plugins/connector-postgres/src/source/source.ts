import type { PluginContext, Source, SourceSpec } from '@qianzhi/plugin-api';
import type { PostgresConfig } from '../config.js';

export async function openSource(
  _config: PostgresConfig,
  _spec: SourceSpec,
  _context: PluginContext,
  _signal: AbortSignal,
): Promise<Source> {
  throw new Error('not written yet');
}
