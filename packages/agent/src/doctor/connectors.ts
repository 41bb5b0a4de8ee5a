import type { LoadedConfig } from '../config/load.js';
import type { AgentPlugins } from '../plugins.js';
import { type DoctorFinding, finding, ok } from './finding.js';

/** Opens each connector once and has it prove address, login and permissions. */
export async function* checkConnectors(
  { config }: LoadedConfig,
  plugins: AgentPlugins,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding> {
  for (const name of Object.keys(config.connectors)) {
    const check = `connector ${name}`;
    yield await finding(check, async () => {
      await using connection = await plugins.open(name, signal);
      const { server, version, notes } = await connection.check(signal);
      const weak = notes.filter((note) => note.level === 'warning');
      const level = weak.length > 0 ? 'warning' : 'ok';
      const about = [server, version].filter(Boolean).join(' ');
      return {
        ...ok(
          check,
          [about, ...weak.map((note) => note.zh)].join(';'),
          [about, ...weak.map((note) => note.en)].join('; '),
        ),
        level,
      };
    });
  }
}
