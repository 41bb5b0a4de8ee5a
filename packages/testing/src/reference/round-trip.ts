import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '@qianzhi/model';

/** Lets other work happen, as a round trip to a server would, and ends here when aborted. */
export async function roundTrip(signal: AbortSignal, what: string): Promise<void> {
  throwIfCancelled(signal, what);
  await setImmediate();
  throwIfCancelled(signal, what);
}
