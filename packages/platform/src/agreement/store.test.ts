import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { intlSuite, keyIdOf } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { insertWithdrawal } from '../catalog/lifecycle/store.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { dropTestDatabase, testDatabase } from '../database/test-database.js';
import { platformMigrations } from '../server/migrations.js';
import { hasMoved } from '../usage/moved.js';
import { createGranting } from './granting.js';
import { changeMatter, insertMatter, latestMatter, type MatterRow } from './matters/store.js';
import { settleSupply } from './matters/supply.js';
import { type AgreementRow, findAgreement, insertAgreement, moveAgreement } from './store.js';

let dataDir: string;
let db: Knex;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'qianzhi-agreement-'));
  db = await openDatabase(dataDir, testDatabase(dataDir));
  await migrate(db, platformMigrations);
  const department = { police: 0, competent: 0 };
  await db('departments').insert([
    { id: 'mz', name: '民政局', ...department },
    { id: 'sw', name: '税务局', ...department },
  ]);
  await db('resources').insert({ code: 'r', department: 'mz', revision: 1, search: '' });
  await db.transaction((trx) => insertAgreement(trx, seen));
});
afterEach(async () => {
  await db.destroy();
  await dropTestDatabase(dataDir);
  rmSync(dataDir, { recursive: true });
});

const seen: AgreementRow = {
  id: 'a1',
  resource: 'r',
  provider: 'mz',
  consumer: 'sw',
  state: 'granted',
  live_grant: 1,
};
const matter: MatterRow = {
  id: 'm1',
  agreement: 'a1',
  application: 1,
  provider: 'mz',
  consumer: 'sw',
  stage: 'reply',
  policy: null,
  asked: 'conditional',
  approver: null,
  profile: 'national-2025',
  restricted: false,
  consent: false,
  itemBasis: {},
  need: null,
  refusal: null,
  opinion: null,
  duty: null,
  supplyDuty: null,
  filingDuty: null,
  confidentiality: null,
  beganAt: '2026-03-02T02:00:00.000Z',
};

it('an agreement that was extended meanwhile is not ended by who saw the grant before', async () => {
  const extended = { state: 'granted' as const, live_grant: 2 };
  expect(await db.transaction((trx) => moveAgreement(trx, seen, extended))).toBe(true);
  const end = { state: 'revoked' as const, live_grant: null };
  expect(await db.transaction((trx) => moveAgreement(trx, seen, end))).toBe(false);
  expect(await findAgreement(db, 'a1')).toMatchObject(extended);
});

it('an application that was completed meanwhile is not decided by who saw the one before', async () => {
  await db.transaction((trx) => insertMatter(trx, matter));
  const completed = await db.transaction((trx) => changeMatter(trx, matter, { application: 2 }));
  expect(completed).toBe(true);
  expect(await db.transaction((trx) => changeMatter(trx, matter, { stage: 'granted' }))).toBe(false);
  expect(await latestMatter(db, 'a1')).toMatchObject({ stage: 'reply', application: 2 });
});

it('nothing is granted of a resource that was withdrawn since it was looked at; what was suspended comes back', async () => {
  const { publicKey, privateKey } = intlSuite.generateKeyPair();
  const signingKey = { keyId: keyIdOf(publicKey), suite: intlSuite, privateKey };
  const granting = createGranting({ now: () => new Date('2026-03-02T02:00:00Z'), signingKey });
  const purpose = { usage: 'data-check', matter: '核验', legalBasis: '' } as const;
  const content = {
    items: ['uscc'],
    masks: {},
    purpose,
    modes: ['docking' as const],
    validTo: '2027-01-01T00:00:00.000Z',
  };
  const to = async (state: 'applied' | 'suspended') => {
    await db('agreements').update({ state, live_grant: null });
    const row = { ...seen, state, live_grant: null };
    return db.transaction((trx) => granting.grantNext(trx, row, content, 'mz-approver'));
  };
  const withdrawal = { reason: '并入其他资源', liveAgreements: 'run-out' as const };
  await db.transaction((trx) =>
    insertWithdrawal(trx, 'r', withdrawal, { by: 'mz-admin', at: '2026-03-02T01:59:59.000Z' }),
  );
  await expect(to('applied')).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_WITHDRAWN' });
  expect(await to('suspended')).toMatchObject([{ change: 'granted', grantVersion: 1 }]);
});

it('R063 what was supplied under the grant before does not close the duty to supply an extension', async () => {
  await db('agreements').update({ live_grant: 2 });
  await db.transaction((trx) => insertMatter(trx, { ...matter, stage: 'granted', supplyDuty: 'd1' }));
  const closed: string[] = [];
  const close = async (_trx: unknown, duty: string) => void closed.push(duty);
  const settle = () =>
    settleSupply({ db }, { clocks: { close } }, (agreement, version) => hasMoved(db, agreement, version));
  const supplied = (grant_version: number) =>
    db('operations').insert({
      receipt: `r${grant_version}`,
      agreement: 'a1',
      grant_version,
      resource: 'r',
      mode: 'query',
      provider: 'mz',
      consumer: 'sw',
      actor: 'person:sw',
      matter: '核验',
      day: '2026-03-02',
      done_at: '2026-03-02T02:00:00.000Z',
      seq: 1,
      rows: 1,
      bytes: 1,
      receipt_digest: '',
    });
  await supplied(1);
  await settle();
  expect(closed).toEqual([]);
  await supplied(2);
  await settle();
  await settle();
  expect(closed).toEqual(['d1']);
});
