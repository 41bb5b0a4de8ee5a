import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAuditLog } from '../audit/audit-log.js';
import { verifyAudit } from '../audit/chain.js';
import { auditMigrations } from '../audit/schema.js';
import { migrate } from './migrate.js';
import { type Numbers, openNumbers } from './test-numbers.js';

let table: Numbers;
let db: Knex;
beforeEach(async () => {
  table = await openNumbers();
  db = table.db;
});
afterEach(() => table.close());

const insert = (n: number) =>
  db.transaction(async (trx) => {
    await trx('n').insert({ n });
    if (n % 5 === 0) throw new Error(`refused ${n}`);
    return n;
  });

it('commits what arrives together, each for itself: what fails leaves nothing and takes nobody with it', async () => {
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  const outcomes = await Promise.allSettled(numbers.map(insert));
  const done = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.message] : []));
  expect(done).toEqual(numbers.filter((n) => n % 5 !== 0));
  expect(refused).toEqual(numbers.filter((n) => n % 5 === 0).map((n) => `refused ${n}`));
  expect(await table.held()).toEqual(done);
});

it('tells who comes second of a key, and not the others', async () => {
  const outcomes = await Promise.allSettled([1, 2, 1, 3].map(insert));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await table.held()).toEqual([1, 2, 3]);
});

it('lets a later one see what an earlier one did', async () => {
  let seen: readonly number[] | undefined;
  const first = insert(1);
  const second = db.transaction(async (trx) => {
    await trx('n').insert({ n: 2 });
    seen = (await trx('n').orderBy('n')).map((row: { n: number }) => row.n);
  });
  await Promise.all([first, second]);
  expect(seen).toEqual([1, 2]);
});

it('chains audit entries that come at once', async () => {
  await migrate(db, auditMigrations);
  const audit = createAuditLog(db, () => new Date());
  const entry = (object: string) =>
    audit.record({ actor: 'platform', action: 'test', object, outcome: 'done' });
  await Promise.all(Array.from({ length: 50 }, (_, i) => entry(String(i))));
  expect(verifyAudit(await db('audit').orderBy('seq'))).toMatchObject({ ok: true, entries: 50 });
});
