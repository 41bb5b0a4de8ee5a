import type { Exchange } from '@qianzhi/model';
import type { Continuous } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';

/** When a run that stays open is over: it then ends well, behind what it has begun. */
export interface RunOver extends Disposable {
  readonly signal: AbortSignal;
}

export interface RunOverOptions {
  readonly continuous: Continuous;
  /** Somebody waits for the run to end. */
  readonly rest: AbortSignal;
  /** Duty or grant are what the run began with; may throw what is wrong with them, which the run then finds by itself. */
  readonly unchanged: () => boolean;
}

export function runOver(
  core: Core,
  exchange: Exchange,
  { continuous, rest, unchanged }: RunOverOptions,
): RunOver {
  const over = new AbortController();
  const end = () => over.abort(engineErrors.STOPPING({ what: exchange.name }));
  const look = () => {
    if (!core.options.exchanges().includes(exchange) || !isUnchanged(unchanged)) end();
  };
  const waiting = new AbortController();
  // rejects when the run ends by something else
  core.clock.wait(continuous.runMs, waiting.signal).then(end, () => undefined);
  const unhear = core.woken.on(look);
  rest.addEventListener('abort', end, { once: true });
  if (rest.aborted) end();
  look();
  return {
    signal: over.signal,
    [Symbol.dispose]() {
      waiting.abort(engineErrors.STOPPING({ what: exchange.name }));
      unhear();
      rest.removeEventListener('abort', end);
    },
  };
}

/** What is wrong is thrown where the next run asks for it. */
function isUnchanged(unchanged: () => boolean): boolean {
  try {
    return unchanged();
  } catch {
    return false;
  }
}
