import type { Place } from './inspect.js';

/** An fsync that the product relies on, by the path it is made on, and what is lost without it. */
export interface Forgettable {
  readonly name: string;
  readonly forgets: (path: string) => boolean;
  readonly loses: Place;
}

const on = (name: string, path: RegExp, loses: Place): Forgettable => ({
  name,
  forgets: (below) => path.test(below),
  loses,
});

/** Databases: the log of a commit, and the file itself before the log is begun again or removed. */
const database = (name: string, file: string, loses: Place): readonly Forgettable[] => [
  on(`${name}, each commit`, new RegExp(`^${file}-wal$`), loses),
  on(`${name}, at its checkpoint`, new RegExp(`^${file}$`), loses),
];

export const forgettable: readonly Forgettable[] = [
  on('a file of the outbox', /^mz-state\/outbox\/\w+\/.*\.part$/, 'outbox'),
  on('a folder of the outbox', /^mz-state\/outbox\/\w+$/, 'outbox'),
  on('the outbox itself', /^mz-state\/outbox$/, 'outbox'),
  on('a copy for the next comparison', /^mz-state\/diff\/.*\.zst\.part$/, 'comparison'),
  on('the description of a comparison', /candidate\.json\.part$/, 'comparison'),
  on('the folder of a comparison', /^mz-state\/diff\/village\/[^/]+$/, 'comparison'),
  on('a batch of its own at the platform', /^platform\/batches\/files\/.*\.part$/, 'batch bytes'),
  on('the folder of such batches', /^platform\/batches\/files$/, 'batch bytes'),
  on('a segment of small batches', /^platform\/batches\/segments\/.*\.seg$/, 'batch bytes'),
  on('the folder of segments', /^platform\/batches\/segments$/, 'batch bytes'),
  ...database('the platform’s database', 'platform/platform\\.sqlite', 'platform state'),
  ...database('the provider’s database', 'mz-state/state\\.db', 'provider state'),
  ...database('the consumer’s database', 'sw-state/state\\.db', 'consumer state'),
  ...database('the target', 'own\\.sqlite', 'target'),
];
