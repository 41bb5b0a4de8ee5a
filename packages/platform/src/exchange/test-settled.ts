/** For tests: a town in which 民政's agent mz-1 supplies what 税务's agent sw-1 is granted. */
import { agentRoutes, type Grant, personRoutes, type Signed } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import {
  enrolAgent,
  publish,
  settle,
  type TestAgent,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';
import { createSealer, type Sealer } from './test-sealer.js';

export interface SettledExchange {
  readonly town: Town;
  readonly provider: TestAgent;
  readonly consumer: TestAgent;
  /** Of the provider's first epoch. */
  readonly sealer: Sealer;
  readonly grant: Signed<Grant>;
}

export async function settleExchange(platform: TestPlatform): Promise<SettledExchange> {
  const town = await settle(platform);
  const provider = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
  const consumer = await enrolAgent(platform, town.officer, 'sw-1', 'sw');
  await publish(town);
  const editor = await town.person('mz', 'catalog-editor');
  await editor.call(personRoutes.assignSupply, { params: { code: 'social_group' }, body: { agent: 'mz-1' } });
  const { body } = await provider.client.call(agentRoutes.assignments, {});
  const stream = { resource: 'social_group', agent: 'mz-1', epoch: 1 };
  const sealer = createSealer(stream, provider.key, documentDigest(body.supply[0]!.duty, intlSuite));
  const person = await town.person('sw', 'consumer');
  const agreement = await person.call(personRoutes.apply, {
    body: {
      resource: 'social_group',
      items: ['uscc', 'name'],
      purpose: { usage: 'data-check', matter: '核验', legalBasis: '征管法' },
      modes: ['docking'],
    },
  });
  return { town, provider, consumer, sealer, grant: agreement.grant! };
}
