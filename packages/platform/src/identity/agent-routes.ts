import { agentRoutes, personRoutes } from '@qianzhi/model';
import type { PlatformContext } from '../server/context.js';
import type { Api } from '../server/serve.js';
import { PLATFORM_VERSION } from '../server/version.js';
import type { IdentityServices } from './person-routes.js';

export function bindAgentIdentity(
  api: Api,
  { now, keys, audience, region, signingKey }: PlatformContext,
  { accounts, enrolment, agents }: IdentityServices,
): void {
  const serverTime = () => now().toISOString();

  api.servePublic(personRoutes.platformInfo, async () => ({
    audience,
    ...(region !== undefined && { region }),
    version: PLATFORM_VERSION,
    keyId: signingKey.keyId,
    ready: await accounts.exist(),
    serverTime: serverTime(),
  }));
  api.servePublic(personRoutes.keyDirectory, async () => ({ keys: [...(await keys.all())] }));
  api.servePublic(agentRoutes.enrol, ({ body }) => enrolment.redeem(body));

  api.serveAgent(agentRoutes.claimInstance, async ({ caller, body }) => {
    const fence = await agents.claimInstance(caller, body.instance, body.version);
    return { fence, serverTime: serverTime() };
  });
  api.serveAgent(agentRoutes.report, async ({ caller, body }) => {
    await agents.report(caller, body.exchanges);
    return { serverTime: serverTime() };
  });
  api.serveAgent(agentRoutes.rotateKey, async ({ caller, body }) => ({
    key: await agents.rotateKey(caller, body),
  }));
}
