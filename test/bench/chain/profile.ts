import { resolve } from 'node:path';
import type { ChainRig } from './chain-rig.js';

/** `--profile FOLDER`: each process leaves a CPU profile of the measured rounds there, named by its process id. */
export interface Profile {
  /** For the environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  /** Begins the profiles, and at the next call writes them. */
  toggle(rig: Pick<ChainRig, 'pids'>): void;
}

export function profileOf(options: readonly string[]): Profile {
  const at = options.indexOf('--profile');
  if (at < 0) return { env: {}, toggle: () => undefined };
  const hook = new URL('profile-on-signal.js', import.meta.url);
  return {
    env: { NODE_OPTIONS: `--import ${hook}`, QZ_BENCH_PROFILE: resolve(options[at + 1]!) },
    toggle({ pids }) {
      for (const pid of Object.values(pids)) process.kill(pid, 'SIGUSR2');
    },
  };
}
