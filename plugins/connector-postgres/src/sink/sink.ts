import type { PluginContext, Sink, SinkSpec } from '@qianzhi/plugin-api';
import type { PostgresConfig } from '../config.js';

export async function openSink(
  _config: PostgresConfig,
  _spec: SinkSpec,
  _context: PluginContext,
  _signal: AbortSignal,
): Promise<Sink> {
  throw new Error('not written yet');
}
