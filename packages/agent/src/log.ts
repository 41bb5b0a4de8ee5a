import type { PluginLog } from '@qianzhi/plugin-api';
import { pino } from 'pino';

/** JSON lines on stderr; `agent` in each. Names that may hold secrets are cut out wherever they stand. */
export function createLog(level: string, agent: string): PluginLog {
  const redact = ['password', 'secret', 'token', 'privateKey', 'authorization'];
  const paths = redact.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, base: { agent }, redact: { paths, censor: '***' } },
    pino.destination({ fd: 2, sync: false }),
  );
}
