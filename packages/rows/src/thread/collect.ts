import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: ((options?: { type: 'minor' }) => void) | undefined;

/**
 * To V8 the buffers that sockets and libraries give are small objects, and it is in no hurry to collect the megabytes they
 * hold outside its heap. Called while and after a large body comes; it takes less than a millisecond.
 */
export function collectBuffers(): void {
  collector()({ type: 'minor' });
}

/** The same for what has grown old; some 20 ms, for a process that has come to rest. */
export function collectAll(): void {
  collector()();
}

function collector(): NonNullable<typeof collect> {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as typeof collect;
  }
  return collect!;
}
