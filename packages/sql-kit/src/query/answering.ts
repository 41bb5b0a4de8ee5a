import { isQianzhiError, throwIfCancelled } from '@qianzhi/model';
import type { OpenQuery, QuerySpec } from '@qianzhi/plugin-api';
import { queryErrors } from './errors.js';

/** A session of a question's own. */
export interface AskedSession {
  readonly alive: boolean;
  close(): Promise<void>;
}

/** A question that failed once is not asked again: nobody knows what its session is in the midst of. */
export function answering(
  session: AskedSession,
  server: string,
  { resource, timeoutMs }: QuerySpec,
  { run, runEach }: Pick<OpenQuery, 'run' | 'runEach'>,
): OpenQuery {
  let broken = false;
  async function whole<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await work();
    } catch (error) {
      broken = true;
      throwIfCancelled(signal, `query ${resource.code}`);
      if (isQianzhiError(error) && error.kind === 'timeout')
        throw queryErrors.QUERY_TIMEOUT({ server, timeoutMs }, error);
      throw error;
    }
  }
  return {
    get usable() {
      return session.alive && !broken;
    },
    run: (values, limits, signal) => whole(() => run(values, limits, signal), signal),
    runEach: (sets, limits, signal) => whole(() => runEach(sets, limits, signal), signal),
    [Symbol.asyncDispose]: () => session.close(),
  };
}
