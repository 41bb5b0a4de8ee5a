import { batchOf, codeOf, deliveryOf, noAbort, resourceWith, rowsReadBack, write } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { inboxConnector } from './connector.js';
import { openSite, type Site } from './test/site.js';

const id = { column: 'id', type: 'C', length: 8, key: true, required: true } as const;
const name = { column: 'name', type: 'C', length: 40 } as const;
const resource = resourceWith([id, name]);

async function back(site: Site, delivery = deliveryOf(), as = resource) {
  const connection = await inboxConnector.open({}, site.context, noAbort);
  return rowsReadBack(connection, { exchange: 'in', resource: as, target: {}, delivery }, noAbort);
}

it('reads the records as they are now, of the named supplier alone', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  expect(await back(site)).toEqual([]);
  await write(sink, resource, 1, ['S\t1\ta', 'S\t2\t\\N', 'S\t3\ttab\\tend']);
  await write(sink, resource, 2, ['U\t1\tA', 'D\t3\t\\N', 'U\t4\t']);
  await write(sink, resource, 1, ['S\t9\tother'], { delivery: deliveryOf('second') });
  expect(await back(site)).toEqual(['1|A', '2|NULL', '4|']);
  expect(await back(site, deliveryOf('second'))).toEqual(['9|other']);
  expect(await back(site, { ...deliveryOf(), agreement: 'of nobody' })).toEqual([]);
});

it('shows rows of an earlier schema version in the field order of the one asked for', async () => {
  await using site = openSite();
  const before = resourceWith([id, name, { column: 'gone', type: 'C', length: 8 }]);
  const sink = await site.sink(before);
  await write(sink, before, 1, ['S\t1\ta\\tb\tx', 'S\t2\t\ty']);
  const now = resourceWith([{ column: 'phone', type: 'C', length: 8 }, name, id]);
  expect(await back(site, deliveryOf(), now)).toEqual(['NULL|a\tb|1', 'NULL||2']);
});

it('is of one moment, in blocks, and ends when told', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  await write(
    sink,
    resource,
    1,
    Array.from({ length: 1000 }, (_, n) => `S\t${n}\tname`),
  );
  const connection = await inboxConnector.open({}, site.context, noAbort);
  const spec = { exchange: 'in', resource, target: {}, delivery: deliveryOf() };
  const open = async () => (await connection.readBack!(spec, noAbort)).source;
  {
    await using source = await open();
    let rows = 0;
    let blocks = 0;
    for await (const block of source.read(undefined, { blockBytes: 256 }, noAbort)) {
      if (block.kind !== 'rows') throw new Error(block.kind);
      // moved behind what was read: not read twice
      if (blocks === 1) await write(sink, resource, 2, ['U\t1\tmoved', 'U\t2000\tnew']);
      rows += block.rows;
      blocks += 1;
    }
    expect(rows).toBe(1000);
    expect(blocks).toBeGreaterThan(10);
  }
  await using source = await open();
  const stopping = new AbortController();
  const read = async () => {
    for await (const _ of source.read(undefined, { blockBytes: 256 }, stopping.signal)) stopping.abort();
  };
  expect(await codeOf(read)).toBe('QZ_MODEL_CANCELLED');
  expect((await sink.write(batchOf(resource, 3, ['U\t3\tc']), async () => {}, noAbort)).seq).toBe(3);
});
