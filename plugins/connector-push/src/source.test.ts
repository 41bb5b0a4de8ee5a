import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPushRig, firm, lines, type PushRig, readAll, rowsIn } from './test/rig.js';

let rig: PushRig;
beforeEach(async () => {
  rig = await createPushRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const signal = () => AbortSignal.timeout(10_000);
const upsert = (code: string, name = 'n') => ({ upsert: { code, name } });
const push = async (...changes: object[]) => {
  await using pushes = await rig.pushes();
  return await pushes.push(lines(...changes));
};

describe('source over pushes', () => {
  it('begins with a whole copy, then gives each change in order, from any checkpoint', async () => {
    await push(upsert('a'), upsert('b'), { delete: { code: 'a' } });
    await using source = await rig.source();
    const copy = await readAll(source);
    expect(rowsIn(copy)).toEqual([['S', 'b', 'n', null, null]]);
    expect(copy.at(-1)).toMatchObject({ phase: 'snapshot', lastOfSnapshot: true });
    await push(upsert('b', 'm'), { delete: { code: 'b' } }, upsert('c'));
    const from = copy.at(-1)!.checkpoint;
    const delta = [
      ['U', 'b', 'm', null, null],
      ['D', 'b', null, null, null],
      ['U', 'c', 'n', null, null],
    ];
    expect(rowsIn(await readAll(source, from))).toEqual(delta);
    const [first] = await readAll(source, from, 1);
    await source.confirm(from, signal());
    await source.confirm(from, signal());
    expect(rowsIn(await readAll(source, from))).toEqual(delta);
    expect(rowsIn(await readAll(source, first!.checkpoint))).toEqual([]);
  });

  it('an unfinished copy goes on where it was, and what changed meanwhile follows', async () => {
    await push(...Array.from({ length: 2_500 }, (_, n) => upsert(`c${1000 + n}`)));
    await using source = await rig.source();
    const [part] = await readAll(source, undefined, 1);
    await push(upsert('c1000', 'new'), { delete: { code: 'c3499' } });
    const rest = rowsIn(await readAll(source, part!.checkpoint));
    expect(part!.rows + rest.filter(([op]) => op === 'S').length).toBe(2_499);
    expect(rest.slice(-2).map(([op, code]) => [op, code])).toEqual([
      ['U', 'c1000'],
      ['D', 'c3499'],
    ]);
  });

  it('stays open and gives what is pushed later at once, until it is told to end', async () => {
    await using source = await rig.source();
    const over = new AbortController();
    const seen: unknown[] = [];
    const reading = (async () => {
      const limits = { blockBytes: 1 << 16, follow: over.signal };
      for await (const block of source.read(undefined, limits, signal())) {
        if (block.kind !== 'rows') continue;
        seen.push(...rowsIn([block]).map(([, code]) => code));
        if (block.lastOfSnapshot) await push(upsert('x'));
        if (seen.length === 1) await push(upsert('y'));
        if (seen.length === 2) over.abort();
      }
    })();
    await reading;
    expect(seen).toEqual(['x', 'y']);
  });

  it('forgets what has its receipt; an agent restored to before it begins with a copy again', async () => {
    await using source = await rig.source();
    const start = (await readAll(source)).at(-1)!.checkpoint;
    await push(...Array.from({ length: 1_200 }, (_, n) => upsert(`c${n}`)));
    const end = (await readAll(source, start)).at(-1)!.checkpoint;
    await source.confirm(end, signal());
    const again = await readAll(source, start);
    expect(again[0]).toMatchObject({ phase: 'snapshot' });
    expect(rowsIn(again)).toHaveLength(1_200);
  });

  it('a log that was lost or restored is told, and nothing is copied over it', async () => {
    await push(upsert('a'));
    let end: string;
    {
      await using source = await rig.source();
      end = (await readAll(source)).at(-1)!.checkpoint;
    }
    for (const ending of ['', '-wal', '-shm'])
      await rm(join(rig.folder, `firm.db${ending}`), { force: true });
    await using source = await rig.source();
    await expect(readAll(source, end)).rejects.toMatchObject({ code: 'QZ_PUSH_STORE_BEHIND' });
    await expect(readAll(source, '{"v":1}')).rejects.toMatchObject({ code: 'QZ_PUSH_CHECKPOINT_WRONG' });
    expect(await readAll(source)).toMatchObject([{ lastOfSnapshot: true, rows: 0 }]);
  });

  it('rows of an earlier schema version keep their values by column', async () => {
    await push(upsert('a'));
    const [code, name, capital, active] = firm.items;
    const second = {
      ...firm,
      schemaVersion: 2,
      items: [code!, { ...active!, column: 'added' }, name!, capital!],
    };
    await using source = await rig.source('snapshot', second);
    expect(rowsIn(await readAll(source))).toEqual([['S', 'a', null, 'n', null]]);
  });
});
