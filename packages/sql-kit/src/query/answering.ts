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
  run: OpenQuery['run'],
): OpenQuery {
  let broken = false;
  return {
    get usable() {
      return session.alive && !broken;
    },
    async run(values, limits, signal) {
      try {
        return await run(values, limits, signal);
      } catch (error) {
        broken = true;
        throwIfCancelled(signal, `query ${resource.code}`);
        if (isQianzhiError(error) && error.kind === 'timeout')
          throw queryErrors.QUERY_TIMEOUT({ server, timeoutMs }, error);
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
}
