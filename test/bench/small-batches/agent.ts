import { createClient, type PlatformClient } from '@qianzhi/client';
import { agentRoutes, type EnrolmentToken } from '@qianzhi/model';
import { canonicalBytes, intlSuite, keyIdOf, type SigningKey } from '@qianzhi/model/crypto';
import type { Rig } from '../../e2e/rig.js';

/** An agent's identity held by the bench itself: it signs what an agent signs, and does nothing else of an agent. */
export interface SmallAgent {
  readonly agent: string;
  readonly key: SigningKey;
  readonly client: PlatformClient;
}

export async function enrolHere(rig: Rig, agent: string, department: string): Promise<SmallAgent> {
  const text = await rig.invite(agent, department);
  const token: EnrolmentToken = JSON.parse(Buffer.from(text.slice('qz1.'.length), 'base64url').toString());
  const { publicKey, privateKey } = intlSuite.generateKeyPair();
  const proof = intlSuite.sign(
    privateKey,
    canonicalBytes({ token: intlSuite.digest(Buffer.from(token.secret)), publicKey, agent }),
  );
  const anonymous = createClient({ url: rig.url, identity: { kind: 'anonymous' } });
  const body = { tokenId: token.id, secret: token.secret, suite: 'intl', publicKey, proof };
  const { keys } = await anonymous.call(agentRoutes.enrol, { body });
  await anonymous.close();
  const key = { keyId: keyIdOf(publicKey), suite: intlSuite, privateKey };
  let fence: number | undefined;
  const client = createClient({
    url: rig.url,
    identity: { kind: 'agent', key, audience: 'e2e', platformKeys: () => keys, fence: () => fence },
  });
  fence = (await client.call(agentRoutes.claimInstance, { body: { instance: 'bench', version: '0' } })).fence;
  return { agent, key, client };
}
