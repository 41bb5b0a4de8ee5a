import { hkdfSync } from 'node:crypto';
import { type Problem, type QianzhiError, toProblem } from '@qianzhi/model';
import type { SignatureSuite } from '@qianzhi/model/crypto';
import { systemClock } from './clock.js';
import { engineErrors } from './errors.js';
import {
  type Clock,
  defaultLimits,
  type EngineLimits,
  type EngineOptions,
  type Failpoint,
} from './options.js';
import type { Store } from './store/store.js';
import type { EngineEvent } from './surface.js';

/** What every part of the engine is given. */
export interface Core {
  readonly options: EngineOptions;
  readonly limits: EngineLimits;
  readonly clock: Clock;
  readonly suite: SignatureSuite;
  readonly store: Store;
  readonly keys: {
    readonly checkpoint: Uint8Array;
    readonly quarantine: Uint8Array;
    readonly row: Uint8Array;
  };
  /** Ends when reading should end: the current batch is still finished. */
  readonly stopping: AbortSignal;
  /** Ends when everything must end. */
  readonly closed: AbortSignal;
  /** Throws where a fault test wants the process to die; from then on nothing is written or sent. */
  failpoint(name: Failpoint): void;
  crashed(): boolean;
  now(): string;
  emit(event: EngineEvent): void;
  alarm(error: QianzhiError, about: string): void;
}

export interface CoreControl {
  readonly core: Core;
  stopReading(): void;
  close(): void;
  on(listener: (event: EngineEvent) => void): () => void;
}

export function createCore(options: EngineOptions, store: Store): CoreControl {
  const stopping = new AbortController();
  const closed = new AbortController();
  const clock = options.clock ?? systemClock;
  const listeners = new Set<(event: EngineEvent) => void>();
  let crashed = false;

  const core: Core = {
    options,
    limits: { ...defaultLimits, ...options.limits },
    clock,
    suite: options.identity.signingKey.suite,
    store,
    keys: {
      checkpoint: deriveKey(options.secretKey, 'checkpoint'),
      quarantine: deriveKey(options.secretKey, 'quarantine'),
      row: deriveKey(options.secretKey, 'row'),
    },
    stopping: stopping.signal,
    closed: closed.signal,
    failpoint(name) {
      if (crashed) throw engineErrors.STOPPING({ what: name });
      try {
        options.failpoint?.(name);
      } catch (error) {
        crashed = true;
        store.freeze();
        stopping.abort(error);
        closed.abort(error);
        throw error;
      }
    },
    crashed: () => crashed,
    now: () => clock.now().toISOString(),
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    alarm(error, about) {
      const problem: Problem = toProblem(error);
      options.log.error({ code: error.code, about, ...error.details }, error.message);
      core.emit({ kind: 'alarm', problem, about });
    },
  };

  return {
    core,
    stopReading: () => stopping.abort(engineErrors.STOPPING({ what: 'engine' })),
    close() {
      stopping.abort(engineErrors.STOPPING({ what: 'engine' }));
      closed.abort(engineErrors.STOPPING({ what: 'engine' }));
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** One secret, a key for each use: a leak of one says nothing of the others. */
function deriveKey(secret: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `qianzhi:engine:${use}`, 32));
}
