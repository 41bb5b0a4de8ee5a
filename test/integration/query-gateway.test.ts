import { afterEach, expect, it } from 'vitest';
import { createQuerySite, type QuerySite } from './query-site.js';
import { until } from './until.js';
import { startUpgradingGateway, type UpgradingGateway } from './upgrading-gateway.js';

let rig: QuerySite | undefined;
let gateway: UpgradingGateway | undefined;
afterEach(async () => {
  await rig?.close();
  await gateway?.[Symbol.asyncDispose]();
});

it('goes through a gateway with a prefix, and says what is wrong with one that lets no WebSocket through', async () => {
  rig = await createQuerySite(async (own) => {
    gateway = await startUpgradingGateway(own);
    return gateway.url;
  });
  await rig.grant();
  expect(await rig.ask('by-uscc', [{ uscc: 'U1' }])).toMatchObject({ rows: 1, complete: true });
  gateway!.upgrades = false;
  gateway!.cut();
  const { tunnel } = await until('the agent knows', () => {
    const status = rig!.mz.status().queries;
    return status?.tunnel.problem?.code === 'QZ_AGENT_TUNNEL_REFUSED' && status;
  });
  expect(tunnel.problem?.texts.zh).toMatchObject({
    message: expect.stringContaining('HTTP 426'),
    hint: expect.stringContaining('WebSocket'),
  });
  gateway!.upgrades = true;
  await until('it answers again', () => rig!.ask('by-uscc', [{ uscc: 'U2' }]).catch(() => undefined), 60_000);
}, 120_000);
