import type { CheckedConfig } from '../config/check-config.js';
import type { LoadedConfig } from '../config/load.js';
import type { AgentPlugins } from '../plugins.js';
import { type DoctorFinding, finding, ok, skipped } from './finding.js';
import { logFollowers } from './log-followers.js';
import { notesFor, weaknesses } from './notes.js';

/**
 * Opens each connector once and has it prove address, login and permissions. What is weaker than it should be follows. One whose
 * config is wrong is not opened: a password that was not found would be told as one that is wrong.
 */
export async function* checkConnectors(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  isWrong: (pointer: string) => boolean,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding, ReadonlySet<string>> {
  const working = new Set<string>();
  for (const name of Object.keys(loaded.config.connectors)) {
    const check = `connector ${name}`;
    if (isWrong(`/connectors/${name}`)) {
      yield skippedFor(check);
      continue;
    }
    const warnings: DoctorFinding[] = [];
    yield await finding(check, async () => {
      await using connection = await plugins.open(name, signal);
      const report = await connection.check(signal, await logFollowers(loaded, name));
      warnings.push(...weaknesses(check, notesFor(loaded, name, report)));
      working.add(name);
      const about = [report.server, report.version].filter(Boolean).join(' ');
      return ok(check, about, about);
    });
    yield* warnings;
  }
  return working;
}

/** Something of the config stands in the way, which was told with the config. */
export function skippedFor(check: string): DoctorFinding {
  return skipped(check, '其配置改正后再查', 'looked at once its config is right');
}

/** Whether anything at a place of the config, or below it, was found wrong. */
export function wrongPlaces({ findings }: CheckedConfig): (pointer: string) => boolean {
  return (pointer) => findings.some(({ where }) => where === pointer || where.startsWith(`${pointer}/`));
}
