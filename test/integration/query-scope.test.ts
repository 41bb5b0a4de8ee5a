import { afterAll, beforeAll, expect, it } from 'vitest';
import { readQueryLog } from '../../packages/agent/src/queries/query-log.js';
import { createQuerySite, type QuerySite } from './query-site.js';

let rig: QuerySite;
beforeAll(async () => {
  rig = await createQuerySite();
});
afterAll(() => rig?.close());

const lookups = [{ uscc: 'U9' }, { uscc: 'U10' }, { uscc: 'U30' }];

it('an online query answers rows in scope only, by an item that it shows', async () => {
  await rig.grant({ rows: "capital < 10 or name starts with '企业3'" });
  const result = await rig.ask('by-uscc', lookups);
  expect(result.values.map(([uscc]) => uscc)).toEqual(['U9', 'U30']);
  expect(result).toMatchObject({ counts: [1, 0, 1], complete: true, rejected: 0 });
});

it('by an item that is not granted', async () => {
  await rig.grantAnew({ items: ['uscc', 'name'], rows: 'capital < 10' });
  const result = await rig.ask('by-uscc', lookups);
  expect(result).toMatchObject({ values: [['U9', '同名']], counts: [1, 0, 0], complete: true });
});

it('a statement that does not answer the item is refused: nothing is shown that was not judged', async () => {
  const refused = await rig.ask('by-name', [{ name: '同名' }]).catch((error) => error);
  expect(refused).toMatchObject({ code: 'QZ_AGENT_QUERY_FAILED' });
  // the department's own person is told which column; who asked is not
  const logged = (await readQueryLog(rig.stateDir('mz-1'))).at(-1);
  expect(logged).toMatchObject({ kind: 'refused', service: 'by-name' });
  await rig.grantAnew({ rows: "uscc in ('U3', 'U4', 'U40')" });
  expect(await rig.ask('by-name', [{ name: '同名' }])).toMatchObject({
    values: [
      ['U3', '同名'],
      ['U4', '同名'],
    ],
  });
});
