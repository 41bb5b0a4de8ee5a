import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backupAgent, restoreAgent } from '../../packages/agent/src/backup.js';
import { type ApiCaller, bulk, createPushSite, inboxConfig, type PushSite } from './push-site.js';
import { until } from './until.js';

let rig: PushSite;
let crm: ApiCaller;
let erp: ApiCaller;
beforeAll(async () => {
  rig = await createPushSite();
  await rig.site.subscribe('sw', 'firm');
  crm = await rig.caller('mz-1', 'crm', 'push:firm');
  await rig.start('sw-1', 'sw', inboxConfig);
  erp = await rig.caller('sw-1', 'erp', 'read:firm');
}, 60_000);
afterAll(() => rig?.close());

const soon = () => AbortSignal.timeout(30_000);
const push = (...codes: string[]) =>
  crm.call('POST', '/resources/firm/bulk', bulk(...codes.map((code) => ({ upsert: { code, name: code } }))));
const arrive = (last: string) =>
  until(`${last} has arrived`, async () => (await told()).includes(`upsert ${last}`));
async function told(): Promise<string[]> {
  const { body } = await erp.call('GET', '/feeds/firm/changes');
  const records: { op: string; key: { code: string } }[] = body.records ?? [];
  return records.map(({ op, key }) => `${op} ${key.code}`);
}

it('an agent restored from its backup supplies what it had; what was pushed since is pushed again', async () => {
  const backup = rig.site.at('backup');
  await until('it may be pushed', async () => (await push('a', 'b')).status === 200);
  await arrive('b');
  await backupAgent(rig.stateDir('mz-1'), backup, soon());
  await push('c');
  await arrive('c');
  await rig.mz.stop();
  await rm(rig.stateDir('mz-1'), { recursive: true });
  await restoreAgent(backup, rig.stateDir('mz-1'), soon());
  await rig.startMz();
  await push('c');
  await until('it is told that the state is behind', () =>
    JSON.stringify(rig.mz.engine.streams.list()).includes('QZ_ENGINE_STATE_BEHIND'),
  );
  await rig.mz.engine.streams.recover({ resource: 'firm', reason: 'restored' }, soon());
  await push('d');
  await arrive('d');
  expect((await told()).sort()).toEqual(['upsert a', 'upsert b', 'upsert c', 'upsert d']);
});
