import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { columnNames, insertRows, query, rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
let rs: SiteAgent;

const people = [
  ['44130219800101001X', '欧阳修远', '13800138000', '1', '12.50'],
  ['441302199001010026', '张三', null, '2', null],
  ['441302199001010034', '李', '', '3', '0.00'],
] as const;

const target = (table: string) => ({ table, create: true });
const consumer = (consume: string) => ({
  connectors: { own: { type: 'sqlite', path: '', create: true } },
  exchanges: [{ name: 'in', consume, connector: 'own', target: target(consume) }],
});

beforeAll(async () => {
  site = await createSite();
  const legacy = site.at('legacy.sqlite');
  sql(legacy, 'CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT, phone TEXT, grade INTEGER, amount TEXT)');
  insertRows(legacy, 'person', people);
  await site.publish(
    resourceOf('person', [
      { column: 'id', length: 18, name: '证件号码' },
      { column: 'name' },
      { column: 'phone', length: 11 },
      { column: 'grade', type: 'I', length: undefined },
      { column: 'amount', type: 'N', length: undefined, precision: 10, scale: 2 },
    ]),
  );
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: legacy, readOnly: true } },
    exchanges: [{ name: 'out', supply: 'person', connector: 'legacy', source: { table: 'person' } }],
  });
  await site.supply('person', 'mz-1');
  const path = (name: string) => ({ own: { type: 'sqlite', path: site.at(`${name}.sqlite`), create: true } });
  sw = await site.enrol('sw-1', 'sw', { ...consumer('person'), connectors: path('sw') });
  rs = await site.enrol('rs-1', 'rs', { ...consumer('person'), connectors: path('rs') });
  await Promise.all([mz.start(), sw.start(), rs.start()]);
});

afterAll(() => site?.close());

it('two departments on one stream: one gets granted and masked values only, the other the provider’s own batches', async () => {
  const masked = await site.subscribe('sw', 'person', {
    items: ['id', 'name', 'phone'],
    masks: { id: 'pseudonym', name: 'name', phone: 'phone' },
  });
  await site.subscribe('rs', 'person');
  await mz.done('out');
  await sw.done('in');
  await rs.done('in');

  const [stored] = query<{ key: string }>(
    join(site.dataDir, 'platform.sqlite'),
    'SELECT * FROM pseudonym_keys',
  );
  const pseudonym = (value: string) =>
    createHmac('sha256', Buffer.from(stored!.key, 'hex')).update(value).digest('base64url');
  expect(columnNames(site.at('sw.sqlite'), 'person')).toEqual(['id', 'name', 'phone']);
  expect(rowsOf(site.at('sw.sqlite'), 'person')).toEqual(
    [
      [pseudonym(people[0][0]), '欧阳**', '138****8000'],
      [pseudonym(people[1][0]), '张*', null],
      [pseudonym(people[2][0]), '*', ''],
    ].sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
  );
  expect(rowsOf(site.at('rs.sqlite'), 'person')).toEqual(rowsOf(site.at('legacy.sqlite'), 'person'));

  const deliveries = query<{ agreement: string; document: string }>(
    join(site.dataDir, 'platform.sqlite'),
    'SELECT agreement, document FROM deliveries',
  ).map(({ agreement, document }) => ({ agreement, ...JSON.parse(document).body }));
  for (const { agreement, projected, manifest } of deliveries) {
    expect(projected).toBe(agreement === masked.id);
    const { keys } = await (await site.person(null, 'auditor')).call(personRoutes.keyDirectory, {});
    const signer = keys.find((key) => key.keyId === manifest.signature.keyId);
    expect(signer?.owner).toBe(projected ? 'platform' : 'mz-1');
  }
});

it('the assignments tell the consumer what arrives: the pseudonym is text of 43 characters', () => {
  const granted = sw.link.assignments()!.consume[0]!;
  expect(granted.resources[0]!.items[0]).toMatchObject({ column: 'id', key: true, type: 'C', length: 43 });
});

it('an update and a removal reach both sides under the same pseudonym', async () => {
  sql(
    site.at('legacy.sqlite'),
    `UPDATE person SET name = '张三丰' WHERE id = '${people[1][0]}'`,
    `DELETE FROM person WHERE id = '${people[2][0]}'`,
  );
  await mz.done('out');
  expect((await sw.done('in')).summary).toMatchObject({ updated: 1, unchanged: 1, inserted: 0 });
  await rs.done('in');
  expect(rowsOf(site.at('sw.sqlite'), 'person', ['name'])).toEqual([['张**'], ['欧阳**']]);
  expect(rowsOf(site.at('rs.sqlite'), 'person')).toEqual(rowsOf(site.at('legacy.sqlite'), 'person'));
});

it('numbers in the documents balance', () => expectEvidence(site));
