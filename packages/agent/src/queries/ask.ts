import { agentRoutes, isQianzhiError, type Payload, type QueryResult } from '@qianzhi/model';
import { checkQueryResult, documentDigest, suiteOf } from '@qianzhi/model/crypto';
import type { PlatformLink } from '../link/platform-link.js';
import type { QueryLog } from './query-log.js';

export type QueryBody = Payload<(typeof agentRoutes.agentQuery)['body']>;

export interface Asking {
  readonly resource: string;
  readonly service: string;
  readonly body: QueryBody;
}

export type Ask = (asked: Asking, signal: AbortSignal) => Promise<QueryResult>;

/** Asks another department's query service by this agent's agreement. What comes back is proven and logged before it is shown. */
export function createAsk(
  link: Pick<PlatformLink, 'client' | 'assignments' | 'platformKeys' | 'refresh'>,
  queryLog: () => Promise<QueryLog>,
): Ask {
  const keys = () => link.assignments()?.keys ?? link.platformKeys();

  /** The provider's agent may have a key newer than the directory at hand. */
  async function prove(result: QueryResult, signal: AbortSignal): Promise<void> {
    try {
      checkQueryResult(result, keys());
    } catch (error) {
      const keyId = result.answer?.signature.keyId;
      if (!isQianzhiError(error) || keys().some((key) => key.keyId === keyId)) throw error;
      await link.refresh(signal);
      checkQueryResult(result, keys());
    }
  }

  return async ({ resource, service, body }, signal) => {
    const input = { params: { resource, service }, body, waitMs: body.timeoutMs };
    const result = await link.client.call(agentRoutes.agentQuery, input, signal);
    await prove(result, signal);
    const { id, agreement, grantVersion, rows, complete, digest, request, receipt } = result;
    const { consumer, actor, matter } = request.body;
    await (await queryLog()).record({
      kind: 'asked',
      id,
      resource,
      service,
      agreement,
      grantVersion,
      consumer,
      actor,
      matter,
      requestDigest: documentDigest(request, suiteOf('intl')),
      rows,
      complete,
      rowsDigest: digest,
      receipt: receipt.body.id,
    });
    return result;
  };
}
