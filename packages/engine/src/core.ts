import { hkdfSync } from 'node:crypto';
import { type QianzhiError, toProblem } from '@qianzhi/model';
import type { SignatureSuite } from '@qianzhi/model/crypto';
import type { PluginLog } from '@qianzhi/plugin-api';
import { type Changes, createChanges } from './changes.js';
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
import { taggedLog } from './tagged-log.js';

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
  /** Assignments, lease, link or exchanges may be others now. */
  readonly woken: Changes;
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

  function emit(event: EngineEvent): void {
    for (const listener of listeners) listener(event);
  }

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
    woken: createChanges(),
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
    emit,
    alarm: alarmTo(options.log, emit),
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

/** The core as the work of one job has it: what it logs names the job. */
export function coreOfJob(core: Core, job: string): Core {
  const log = taggedLog(core.options.log, { job });
  return { ...core, options: { ...core.options, log }, alarm: alarmTo(log, core.emit) };
}

function alarmTo(log: PluginLog, emit: Core['emit']): Core['alarm'] {
  return (error, about) => {
    log.error({ code: error.code, about, ...error.details }, error.message);
    emit({ kind: 'alarm', problem: toProblem(error), about });
  };
}

/** One secret, a key for each use: a leak of one says nothing of the others. */
function deriveKey(secret: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `qianzhi:engine:${use}`, 32));
}
