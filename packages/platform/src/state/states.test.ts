import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDownloadRig, type DownloadRig } from '../download/test-downloads.js';
import { giveUpStreams } from '../exchange/stream-table.js';
import { village } from '../exchange/test-exchange.js';

let test: DownloadRig;
beforeEach(async () => {
  test = await createDownloadRig();
});
afterEach(() => test.close());

const signal = new AbortController().signal;
const stateFolders = () => readdir(join(test.rig.folder, 'states'));

it('is found by key as of the newest fold; nothing else is', async () => {
  await test.snapshot(
    's1',
    Array.from({ length: 3000 }, (_, n) => ['S', `k${n}`, `名称${n}`, null] as const),
  );
  await test.delta(['D', 'k7', null, null], ['U', 'k8', '改', 'x']);
  await test.feature.states.current('village', 'test', signal);
  const [found] = await test.feature.states.lookup('village', [
    'k8',
    'k7',
    'k2999',
    'k0',
    'nobody',
    '',
    'zzz',
    'k8',
  ]);
  expect(found!.rows.map((row) => Buffer.from(row).toString()).sort()).toEqual([
    'S\tk0\t名称0\t\\N\n',
    'S\tk2999\t名称2999\t\\N\n',
    'S\tk8\t改\tx\n',
  ]);
  expect(found!.state).toMatchObject({ agent: 'mz-1', seq: 2, rows: 2999 });
});

it('parts of a copy that is still coming do not count, and an aborted one never does', async () => {
  await test.snapshot('s1', [['S', 'a', '1', null]]);
  const [part] = await test.sealer.snapshot('s2', [['S', 'b', '2', null]], [['S', 'c', '3', null]]);
  await test.rig.exchange.sendBatch(test.rig.provider.caller, part!);
  const [state] = await test.feature.states.current('village', 'test', signal);
  expect(state).toMatchObject({ seq: 1, rows: 1 });
});

it('R009 what was supplied before the resource went to another department and came back is no state of it', async () => {
  await test.snapshot('s1', [['S', 'a', '1', null]]);
  await test.feature.states.current('village', 'test', signal);
  expect(await test.feature.states.lookup('village', ['a'])).toHaveLength(1);
  const at = new Date().toISOString();
  await test.rig.context.db.transaction((trx) => giveUpStreams(trx, 'village', at));
  await expect(test.feature.states.current('village', 'test', signal)).rejects.toMatchObject({
    code: 'QZ_PLATFORM_STATE_NONE',
  });
  expect(await test.feature.states.lookup('village', ['a'])).toEqual([]);
});

it('rows of an earlier schema version have NULL where an item came later', async () => {
  await test.snapshot('s1', [['S', 'a', '1', '2']]);
  test.rig.publish(village(2));
  const { sealer, rig } = test;
  await rig.exchange.sendBatch(
    rig.provider.caller,
    await sealer.next({ rows: [['U', 'b', '1', '2', '注']], schemaVersion: 2 }),
  );
  const [state] = await test.feature.states.current('village', 'test', signal);
  expect(state).toMatchObject({ schemaVersion: 2, rows: 2 });
  const [found] = await test.feature.states.lookup('village', ['a', 'b']);
  expect(found!.rows.map((row) => Buffer.from(row).toString())).toEqual([
    'S\ta\t1\t2\t\\N\n',
    'S\tb\t1\t2\t注\n',
  ]);
});

it('old states go once nobody needs them; what a crash left and what was lost is put right', async () => {
  await test.snapshot('s1', [['S', 'a', '1', null]]);
  await test.feature.states.current('village', 'one', signal);
  await test.delta(['U', 'b', '2', null]);
  await test.feature.states.current('village', 'two', signal);
  await test.feature.states.sweep(new Set());
  expect(await stateFolders()).toHaveLength(2);
  test.feature.states.release('one');
  await test.feature.states.sweep(new Set());
  expect(await stateFolders()).toHaveLength(1);
  await test.rig.context.db('states').delete();
  await test.restart();
  expect(await stateFolders()).toEqual([]);
  expect(await test.feature.states.current('village', 'three', signal)).toMatchObject([{ rows: 2, seq: 2 }]);
});

it('a resource without a copy has none', async () => {
  await expect(test.feature.states.current('village', 'test', signal)).rejects.toMatchObject({
    code: 'QZ_PLATFORM_STATE_NONE',
  });
});
