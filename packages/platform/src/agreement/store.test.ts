import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { dropTestDatabase, testDatabase } from '../database/test-database.js';
import { platformMigrations } from '../server/migrations.js';
import { changeMatter, insertMatter, latestMatter, type MatterRow } from './matters/store.js';
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
