import { personRoutes } from '@qianzhi/model';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { query, rowsOf, sql } from '../fixtures/tables.js';
import { createFirmSite, type FirmSite } from './firm.js';

let site: FirmSite;
beforeEach(async () => {
  site = await createFirmSite({ rows: 30, strategy: 'snapshot' });
});
afterEach(() => site?.close());

const params = { code: 'firm' };

/** The competent department makes another responsible. */
async function transfer(to: string): Promise<void> {
  const zs = { id: 'zs', name: '政数局', police: false, competent: true };
  await site.officer.call(personRoutes.putDepartment, { params: { id: 'zs' }, body: zs });
  const approver = await site.person('zs', 'approver');
  await approver.call(personRoutes.transferCatalog, { params, body: { to, reason: '职能划转' } });
}

/** An agent of rs with a table of its own: a row of before is gone, one is other, one is new. */
async function newSupplier() {
  const file = site.at('rs.sqlite');
  sql(
    file,
    `ATTACH '${site.legacy}' AS old; CREATE TABLE firm AS SELECT * FROM old.firm`,
    "DELETE FROM firm WHERE code = 'c0000'; UPDATE firm SET name = '改' WHERE code = 'c0001'",
    "INSERT INTO firm VALUES ('c9999', '新', '139')",
  );
  const agent = await site.enrol('rs-1', 'rs', {
    connectors: { own: { type: 'sqlite', path: file } },
    exchanges: [
      { name: 'out', supply: 'firm', connector: 'own', strategy: 'snapshot', source: { table: 'firm' } },
    ],
  });
  return { agent, file };
}

it('R009 a resource goes on under another department: rows stay until its first whole copy takes their place, and its alone', async () => {
  await site.mz.start();
  const sw = await site.consumer('sw-1', 'sw');
  await sw.start();
  await site.subscribe('sw', 'firm');
  await site.mz.done('out');
  await sw.done('in');
  const target = site.targetOf('sw-1');
  const held = rowsOf(target, 'firm', ['code', 'name']);
  expect(held).toHaveLength(30);

  await transfer('rs');
  // sealed or not: nothing of the department before is taken any more
  sql(site.legacy, "UPDATE firm SET name = '不该到达'");
  expect(await site.mz.run('out', 'waiting')).not.toMatchObject({ state: 'done' });
  await sw.run('in', 'waiting');
  expect(rowsOf(target, 'firm', ['code', 'name'])).toEqual(held);
  const streams = () =>
    query<{ agent: string; seq: number }>(
      `${site.dataDir}/platform.sqlite`,
      'SELECT agent, seq FROM streams',
    );
  const [before] = streams();

  await site.officer.call(personRoutes.reviewSecrecy, { params, body: { result: 'passed', note: '' } });
  const { agent, file } = await newSupplier();
  const editor = await site.person('rs', 'catalog-editor');
  await editor.call(personRoutes.assignSupply, { params, body: { agent: 'rs-1' } });
  await agent.start();
  await agent.done('out');
  await sw.done('in');
  expect(rowsOf(target, 'firm', ['code', 'name'])).toEqual(rowsOf(file, 'firm', ['code', 'name']));
  expect(streams()).toContainEqual(before);

  // and a department that asks only now gets what the new one supplies, nothing of then
  const applied = await (await site.person('mz', 'consumer')).call(personRoutes.apply, {
    body: {
      resource: 'firm',
      items: ['code', 'name', 'phone'],
      purpose: { usage: 'work-reference', matter: '核验', legalBasis: '条例' },
      modes: ['docking'],
    },
  });
  expect(applied.state).toBe('granted');
  const late = await site.consumer('mz-2', 'mz');
  await late.start();
  await late.done('in');
  expect(rowsOf(site.targetOf('mz-2'), 'firm', ['code', 'name'])).toEqual(
    rowsOf(file, 'firm', ['code', 'name']),
  );
}, 180_000);

it('R009 where it comes back, what was supplied before counts no more: the agent is told to begin anew', async () => {
  await site.mz.start();
  const sw = await site.consumer('sw-1', 'sw');
  await sw.start();
  await site.subscribe('sw', 'firm');
  await site.mz.done('out');
  await sw.done('in');
  await transfer('rs');
  await transfer('mz');
  await site.officer.call(personRoutes.reviewSecrecy, { params, body: { result: 'passed', note: '' } });
  await site.supply('firm', 'mz-1');
  sql(site.legacy, "DELETE FROM firm WHERE code = 'c0000'");
  expect(await site.mz.run('out')).toMatchObject({
    state: 'failed',
    problem: { code: 'QZ_PLATFORM_EPOCH_CLOSED' },
    restart: expect.stringContaining('qianzhi agent recover'),
  });
  await site.mz.engine.streams.recover({ reason: '重新负责' }, AbortSignal.timeout(30_000));
  await site.mz.done('out');
  await sw.done('in');
  expect(rowsOf(site.targetOf('sw-1'), 'firm', ['code', 'name'])).toEqual(
    rowsOf(site.legacy, 'firm', ['code', 'name']),
  );
}, 180_000);
