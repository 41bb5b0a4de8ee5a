import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPushRig, firm, lines, type PushRig, readAll, rowsIn } from './test/rig.js';

let rig: PushRig;
beforeEach(async () => {
  rig = await createPushRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const one = (record: object, idempotencyKey?: string) => ({
  form: 'upsert' as const,
  text: JSON.stringify(record),
  system: 'crm',
  idempotencyKey,
});

describe('pushes', () => {
  it('takes the good ones and says of each other one which, which item and why, in both languages', async () => {
    await using pushes = await rig.pushes();
    const answer = await pushes.push({
      ...lines(),
      text: [
        '{"upsert":{"code":"a","name":"甲","capital":123456789012345678901234.5,"active":true}}',
        '{"upsert":{"code":"b"}}',
        '',
        '{"upsert":{"code":"c","name":"十个字以上的名称是太长"}}',
        'nonsense',
        '{"upsert":{"code":"d","name":"丁","other":1}}',
        '{"upsert":{"code":5,"name":"戊"}}',
        '{"delete":{"code":"e"}}',
        '{"delete":{"name":"己"}}',
        '{"upsert":{"code":"f","name":"己"},"delete":{}}',
        '{"delete":{}}',
        '{"upsert":["code"]}',
        '{"upsert":{"code":"g","name":"庚","capital":0.001}}',
      ].join('\n'),
    });
    expect(answer).toMatchObject({ resource: 'firm', records: 12, accepted: 2, repeated: false });
    expect(answer.refused.map(({ record, item, reason }) => [record, item, reason])).toEqual([
      [2, 'name', 'required'],
      [3, 'name', 'too-long'],
      [4, '*', 'not-json'],
      [5, 'other', 'unknown-item'],
      [6, 'code', 'json-type'],
      [8, 'name', 'not-a-key-item'],
      [9, '*', 'not-a-change'],
      [10, 'code', 'delete-without-key'],
      [11, '*', 'not-a-record'],
      [12, 'capital', 'too-many-digits'],
    ]);
    for (const { text } of answer.refused) expect(text.zh).toMatch(/\p{Script=Han}/u);
    await using source = await rig.source();
    expect(rowsIn(await readAll(source))).toEqual([['S', 'a', '甲', '123456789012345678901234.50', 't']]);
  });

  it('answers a repetition the same over a restart, with no second record, and refuses other content', async () => {
    const request = one({ code: 'a', name: '甲' }, 'key-1');
    const first = await rig.pushes().then(async (pushes) => {
      const answer = await pushes.push(request);
      await pushes[Symbol.asyncDispose]();
      return answer;
    });
    await using pushes = await rig.pushes();
    expect(await pushes.push(request)).toEqual({ ...first, repeated: true });
    await expect(pushes.push(one({ code: 'a', name: '乙' }, 'key-1'))).rejects.toMatchObject({
      code: 'QZ_PUSH_KEY_REUSED',
      kind: 'conflict',
    });
    expect(await pushes.push({ ...request, system: 'erp' })).toMatchObject({ repeated: false });
    expect(pushes.facts()).toMatchObject({ waiting: 2, records: 1 });
  });

  it('at the same time: one of equal keys is done, all get its answer', async () => {
    await using pushes = await rig.pushes();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => pushes.push(one({ code: 'a', name: '甲' }, 'same'))),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(pushes.facts().waiting).toBe(1);
  });

  it('shows a push to its own system only, and how far it has come', async () => {
    await using pushes = await rig.pushes();
    const { id } = await pushes.push(lines({ upsert: { code: 'a', name: '甲' } }));
    expect(pushes.show(id, 'erp')).toBe(undefined);
    await using source = await rig.source();
    const [copy] = await readAll(source, undefined, 1);
    const blocks = await readAll(source);
    expect(pushes.show(id, 'crm')!.within(copy!.checkpoint)).toBe(false);
    expect(pushes.show(id, 'crm')!.within(blocks.at(-1)!.checkpoint)).toBe(true);
    expect(pushes.show(id, 'crm')!.confirmed).toBe(false);
    await source.confirm(blocks.at(-1)!.checkpoint, AbortSignal.timeout(1_000));
    expect(pushes.show(id, 'crm')!.confirmed).toBe(true);
  });

  it('refuses when too much has no receipt, and goes on after it', async () => {
    await using pushes = await rig.pushes(
      { ...firm, items: [firm.items[0]!, { name: '说明', column: 'note', type: 'M' }] },
      { maxWaitingMiB: 1 },
    );
    await pushes.push(one({ code: 'a', note: 'x'.repeat(1 << 20) }));
    await expect(pushes.push(one({ code: 'b' }))).rejects.toMatchObject({ code: 'QZ_PUSH_FULL' });
    await using source = await rig.source();
    const blocks = await readAll(source);
    await source.confirm(blocks.at(-1)!.checkpoint, AbortSignal.timeout(1_000));
    expect(await pushes.push(one({ code: 'b' }))).toMatchObject({ accepted: 1 });
  });

  it('keyless resources cannot be pushed', async () => {
    const keyless = { ...firm, items: firm.items.map(({ key: _key, ...item }) => item) };
    await expect(rig.pushes(keyless)).rejects.toMatchObject({ code: 'QZ_PUSH_KEYLESS' });
  });
});
