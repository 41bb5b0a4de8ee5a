import { readIdentity } from '@qianzhi/agent';
import { createClient } from '@qianzhi/client';
import { agentRoutes, type DeliveryStream, isQianzhiError } from '@qianzhi/model';
import { suiteOf } from '@qianzhi/model/crypto';

/**
 * Asks for more than was granted, with the real identity of the consuming agent while it does not run: the bytes of the
 * next grant version, which waits for approval. Answers the platform's refusal, or undefined if it gave anything.
 */
export async function askBeyondGrant(
  url: string,
  stateDir: string,
  resource: string,
  agreement: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const identity = (await readIdentity(stateDir))!;
  let fence: number | undefined;
  const client = createClient({
    url,
    identity: {
      kind: 'agent',
      key: { keyId: identity.keyId, suite: suiteOf(identity.suite), privateKey: identity.privateKey },
      audience: identity.audience,
      platformKeys: () => identity.platformKeys,
      fence: () => fence,
    },
  });
  try {
    ({ fence } = await client.call(
      agentRoutes.claimInstance,
      { body: { instance: 'demo-probe', version: 'demo' } },
      signal,
    ));
    const delivery = await firstDelivery();
    const { agent, epoch } = delivery.stream;
    const params = { agreement, grantVersion: delivery.grantVersion + 1, resource, agent, epoch, seq: 1 };
    await client.call(agentRoutes.deliveryBytes, { params }, signal);
    return undefined;
  } catch (error) {
    if (isQianzhiError(error) && (error.kind === 'denied' || error.kind === 'not-found')) return error.code;
    throw error;
  } finally {
    await client.close();
  }

  async function firstDelivery(): Promise<DeliveryStream> {
    const body = { resource, agreement, after: [], waitMs: 10_000, limit: 1 };
    const { deliveries } = await client.call(agentRoutes.pollDeliveries, { body, waitMs: 10_000 }, signal);
    return deliveries[0]!.body.delivery;
  }
}
