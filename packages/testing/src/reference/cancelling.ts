import { setImmediate } from 'node:timers/promises';
import { referenceErrors } from '../errors.js';

export function failIfAborted(signal: AbortSignal, what: string): void {
  if (signal.aborted) throw referenceErrors.CANCELLED({ what });
}

/** Lets other work happen, as a round trip to a server would, and ends here when aborted. */
export async function roundTrip(signal: AbortSignal, what: string): Promise<void> {
  failIfAborted(signal, what);
  await setImmediate();
  failIfAborted(signal, what);
}
