import { isQianzhiError } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { throwIfAborted } from '../connection/classify.js';
import type { Fitting } from './fitting.js';
import type { Line } from './line.js';
import { type Staging, stageBatch } from './staging.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** A part whose text is in the server before its turn, in a temporary table that only its session sees. */
export interface StagedAhead {
  /** What was staged, if this session did it for this target. */
  on(work: Work, target: Target): Staging | undefined;
}

/**
 * Brings parts into the server before their turn: their text, not their values. Values are converted into the shadow one part
 * after another, for two transactions that fill one key would wait for each other. So one part is converted while the next one
 * arrives. Where the server gives no further session a part arrives at its turn.
 */
export function createAhead(writing: Writing, line: Line, fitting: Fitting, byLoadData: boolean) {
  const busy = new Set<number>();

  async function stage(
    batch: SinkBatch,
    session: number,
    signal: AbortSignal,
  ): Promise<StagedAhead | undefined> {
    const work = await line.work(signal, session).catch((error: unknown) => {
      if (isQianzhiError(error, 'QZ_MYSQL_OVERLOADED')) return undefined;
      throw error;
    });
    if (!work) return undefined;
    const fitted = await fitting.target(work, batch.resource);
    const staging = await stageBatch(work, fitted, batch, byLoadData);
    return {
      on: (now, target) => (now.session === work.session && target === fitted ? staging : undefined),
    };
  }

  return async <T>(
    batch: SinkBatch,
    signal: AbortSignal,
    goOn: (staged: StagedAhead | undefined, session: number) => Promise<T>,
  ): Promise<T> => {
    throwIfAborted(writing.about.doing, signal);
    let session = 1;
    while (busy.has(session)) session++;
    busy.add(session);
    try {
      const staged = await stage(batch, session, signal);
      return await goOn(staged, staged ? session : 0);
    } catch (error) {
      throwIfAborted(writing.about.doing, signal);
      throw error;
    } finally {
      busy.delete(session);
    }
  };
}
