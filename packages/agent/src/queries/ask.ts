import { agentRoutes, isQianzhiError, type Payload, type QueryResult } from '@qianzhi/model';
import { checkQueryResult, documentDigest, suiteOf } from '@qianzhi/model/crypto';
import { agentErrors } from '../errors.js';
import type { Identity } from '../identity/identity-file.js';
import type { PlatformLink } from '../link/platform-link.js';
import type { QueryLog } from './query-log.js';

export type QueryBody = Payload<(typeof agentRoutes.agentQuery)['body']>;

export interface Asking {
  readonly resource: string;
  readonly service: string;
  readonly body: QueryBody;
}

export type Ask = (asked: Asking, signal: AbortSignal) => Promise<QueryResult>;

/**
 * Asks another department's query service by this agent's agreement. What comes back is proven and logged before it is shown; what
 * came to nothing is logged, too.
 */
export function createAsk(
  link: Pick<PlatformLink, 'client' | 'assignments' | 'platformKeys' | 'refresh'>,
  { agent, department }: Pick<Identity, 'agent' | 'department'>,
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

  /** An answer that is right, but to somebody else or to something else, is none. */
  function requireOwn({ resource, service, body }: Asking, { id, request }: QueryResult): void {
    const asked = request.body;
    const own =
      asked.resource === resource &&
      asked.service === service &&
      asked.consumer === department &&
      asked.actor === `agent:${agent}` &&
      asked.lookups.length === body.lookups.length &&
      (body.agreement === undefined || asked.agreement === body.agreement);
    if (!own) throw agentErrors.QUERY_ANSWER_FOREIGN({ id, resource, service });
  }

  async function answered(asking: Asking, signal: AbortSignal): Promise<QueryResult> {
    const { resource, service, body } = asking;
    const input = { params: { resource, service }, body, waitMs: body.timeoutMs };
    const result = await link.client.call(agentRoutes.agentQuery, input, signal);
    await prove(result, signal);
    requireOwn(asking, result);
    return result;
  }

  async function unanswered({ resource, service, body }: Asking, error: unknown): Promise<void> {
    const code = isQianzhiError(error) ? error.code : 'internal';
    const { agreement, matter } = body;
    const about = { resource, service, agreement, matter, consumer: department, actor: `agent:${agent}` };
    await (await queryLog()).record({ kind: 'unanswered', ...about, code });
  }

  return async (asking, signal) => {
    const { resource, service } = asking;
    let result: QueryResult;
    try {
      result = await answered(asking, signal);
    } catch (error) {
      await unanswered(asking, error);
      throw error;
    }
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
