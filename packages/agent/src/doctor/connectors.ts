import type { LoadedConfig } from '../config/load.js';
import type { AgentPlugins } from '../plugins.js';
import { type DoctorFinding, finding, ok, warning } from './finding.js';

/** Opens each connector once and has it prove address, login and permissions. What is weaker than it should be follows. */
export async function* checkConnectors(
  { config }: LoadedConfig,
  plugins: AgentPlugins,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding, ReadonlySet<string>> {
  const working = new Set<string>();
  for (const name of Object.keys(config.connectors)) {
    const check = `connector ${name}`;
    const warnings: DoctorFinding[] = [];
    yield await finding(check, async () => {
      await using connection = await plugins.open(name, signal);
      const { server, version, notes } = await connection.check(signal);
      for (const { level, zh, en, error } of notes) {
        if (level === 'ok') continue;
        warnings.push(error ? warning(check, error) : { check, level, zh, en });
      }
      working.add(name);
      const about = [server, version].filter(Boolean).join(' ');
      return ok(check, about, about);
    });
    yield* warnings;
  }
  return working;
}
