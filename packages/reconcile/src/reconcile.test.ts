import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainForm } from './form.js';
import { identity, keyed, mailboxes, type Row, reconcileBoth, resourceOf } from './testing/two-sides.js';

const row = (n: number, value: string | null = `值${n}`, other: string | null = null): Row => [
  `k${n}`,
  value,
  other,
];
const table = (count: number) => Array.from({ length: count }, (_, n) => row(n));
const still = (rows: readonly Row[]) => ({ rows: () => rows });
const none = { missing: 0, extra: 0, changed: 0, stale: 0, unsettled: 0 };

describe('two tables', () => {
  it('that hold the same in another order are equal, and are read once', async () => {
    const reads = { count: 0 };
    const counting = (rows: readonly Row[]) => ({
      rows() {
        reads.count++;
        return rows;
      },
    });
    const rows = table(500);
    const outcome = await reconcileBoth(counting(rows), counting(rows.toReversed()));
    expect(outcome).toMatchObject({ found: none, remaining: none, complete: true, keys: [] });
    expect(outcome.rows).toEqual({ provider: 500, consumer: 500 });
    expect(outcome.digests.provider).toBe(outcome.digests.consumer);
    expect(reads.count).toBe(2);
  });

  it('both empty are equal', async () => {
    expect(await reconcileBoth(still([]), still([]))).toMatchObject({ found: none, complete: true });
  });

  it.each<[string, readonly Row[], Partial<typeof none>, readonly string[]]>([
    ['a missing row', table(9).slice(1), { missing: 1 }, ['k0']],
    ['a row too many', [...table(9), row(9)], { extra: 1 }, ['k9']],
    ['another value', [...table(8), row(8, '別')], { changed: 1 }, ['k8']],
    ['a blank at the end of a text', [...table(8), row(8, '值8 ')], { changed: 1 }, ['k8']],
    ['an empty text for NULL', [...table(8), row(8, '值8', '')], { changed: 1 }, ['k8']],
    ['a value in the next column', [...table(8), row(8, null, '值8')], { changed: 1 }, ['k8']],
    ['values of two rows swapped', [...table(7), row(7, '值8'), row(8, '值7')], { changed: 2 }, ['k7', 'k8']],
    ['a key with blank', [...table(8), ['k8 ', '值8', null]], { missing: 1, extra: 1 }, ['k8', 'k8 ']],
  ])('%s is found', async (_, target, counts, keys) => {
    const outcome = await reconcileBoth(still(table(9)), still(target));
    expect(outcome.found).toEqual({ ...none, ...counts });
    expect(outcome.keys.map(({ key }) => key)).toEqual(keys);
  });

  it('without key are compared by whole rows with multiplicity', async () => {
    const resource = resourceOf({}, {});
    const rows = [...Array(3).fill(['a', 'b']), ['c', null]] as Row[];
    const outcome = await reconcileBoth({ resource, ...still(rows) }, { resource, ...still(rows.slice(2)) });
    expect(outcome.found).toEqual({ ...none, changed: 1 });
    expect(outcome.keys).toEqual([{ kind: 'changed', key: 'a\tb' }]);
  });

  it('of any content differ in what a comparison of two maps says', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'a\tb', '\\', 'é', '惠', '');
    const value = fc.option(fc.constantFrom('', ' ', '0', '0.0', '\\N', '\t', '\n', '𠮷'), { nil: null });
    const rows = fc.dictionary(key, fc.tuple(value, value));
    await fc.assert(
      fc.asyncProperty(rows, rows, async (left, right) => {
        const list = (from: typeof left): Row[] =>
          Object.entries(from).map(([name, values]) => [name, ...values]);
        const found = { ...none };
        for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
          if (!Object.hasOwn(right, name)) found.missing++;
          else if (!Object.hasOwn(left, name)) found.extra++;
          else if (JSON.stringify(left[name]) !== JSON.stringify(right[name])) found.changed++;
        }
        const outcome = await reconcileBoth(still(list(left)), still(list(right)));
        expect(outcome.found).toEqual(found);
        expect(outcome.keys.length).toBe(found.missing + found.extra + found.changed);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a database that cannot tell', () => {
  it('an empty text from NULL makes both equal on both sides', async () => {
    const form = { ...plainForm, emptyIsNull: true };
    const outcome = await reconcileBoth(still([...table(3), row(3, '', '')]), {
      form,
      ...still([...table(3), row(3, null, null)]),
    });
    expect(outcome.found).toEqual(none);
  });

  it('two codes from each other lets them be one, and no other', async () => {
    const form = { ...plainForm, folds: { c1: { '2': '1', '9': null } } };
    const source = [row(0, '1'), row(1, '2'), row(2, '9'), row(3, '3')];
    const target = [row(0, '1'), row(1, '1'), row(2, null), row(3, '1')];
    const outcome = await reconcileBoth(still(source), { form, ...still(target) });
    expect(outcome.keys).toEqual([{ kind: 'changed', key: 'k3' }]);
  });

  it('a pseudonym of values it does not know leaves the item out, and says so', async () => {
    const form = { ...plainForm, excluded: ['c1'] };
    const outcome = await reconcileBoth(
      { form, ...still(table(3)) },
      still([row(0, 'x'), row(1, 'y'), row(2, 'z')]),
    );
    expect(outcome).toMatchObject({ found: none, excluded: ['c1'] });
  });
});

describe('rows that are rejected', () => {
  it('are stale where the other side has an older one, and nothing where it never had one', async () => {
    const outcome = await reconcileBoth(
      { ...still(table(3)), unfit: ['k8', 'k9'] },
      still([...table(3), row(8)]),
    );
    expect(outcome.found).toEqual({ ...none, stale: 1 });
    expect(outcome.keys).toEqual([{ kind: 'stale', key: 'k8' }]);
    expect(outcome.unfit).toEqual(['k8', 'k9']);
  });

  it('of the target, not readable as row text, have changed', async () => {
    const outcome = await reconcileBoth(still(table(3)), { ...still(table(2)), unfit: ['k2'] });
    expect(outcome.keys).toEqual([{ kind: 'changed', key: 'k2' }]);
  });
});

describe('while both sides are written to', () => {
  it('what the streams bring is no difference, and what they do not bring is', async () => {
    const source = new Map(table(200).map((one) => [one[0]!, one]));
    const target = new Map(source);
    target.delete('k5');
    const pending: string[] = [];
    let clock = 0;
    const write = () => {
      for (let n = 0; n < 10; n++) {
        const name = `k${100 + (clock++ % 90)}`;
        source.set(name, [name, `新${clock}`, null]);
        pending.push(name);
      }
    };
    write();
    const outcome = await reconcileBoth(
      {
        rows() {
          write();
          return source.values();
        },
      },
      {
        rows: () => [...target.values()],
        async catchUp() {
          for (const name of pending.splice(0)) target.set(name, source.get(name)!);
          return undefined;
        },
      },
    );
    expect(outcome.keys.filter(({ kind }) => kind !== 'unsettled')).toEqual([{ kind: 'missing', key: 'k5' }]);
    expect(outcome.found.missing).toBe(1);
  });
});

describe('a repair', () => {
  it('is told what to send and what to delete, and what remains afterwards', async () => {
    const source = new Map(table(50).map((one) => [one[0]!, one]));
    const target = new Map([...source, ['k99', row(99)]]);
    target.delete('k1');
    target.set('k2', row(2, 'falsch'));
    const work: unknown[] = [];
    const repairs = true;
    const outcome = await reconcileBoth(
      {
        repairs,
        rows: () => source.values(),
        unfit: ['k77'],
        async repair({ send, remove }) {
          work.push(send.toSorted(), remove);
          for (const name of send) target.set(name, source.get(name)!);
          for (const name of remove) target.delete(name);
          return { sent: send.length, deleted: remove.length };
        },
      },
      { repairs, rows: () => [...target.values()] },
    );
    expect(work).toEqual([['k1', 'k2'], ['k99']]);
    expect(outcome).toMatchObject({
      found: { ...none, missing: 1, changed: 1, extra: 1 },
      repaired: { sent: 2, deleted: 1 },
      remaining: none,
      keys: [],
    });
  });
});

describe('whoever lies between', () => {
  it('reads neither keys nor values, nor form', async () => {
    const seen: Uint8Array[] = [];
    const between = mailboxes((payload) => {
      seen.push(payload);
      return payload;
    });
    await reconcileBoth(still(table(20)), still(table(19)), between);
    expect(seen.length).toBeGreaterThan(8);
    for (const payload of seen.slice(2)) {
      expect(Buffer.from(payload).includes('k19')).toBe(false);
      expect(Buffer.from(payload).includes('kind')).toBe(false);
    }
  });

  it.each(['changed', 'repeated', 'dropped'])('is found when a message is %s', async (how) => {
    let n = 0;
    const between = mailboxes((payload, from) => {
      if (from !== 'provider' || n++ !== 3) return payload;
      if (how === 'changed') payload[payload.length - 1]! ^= 1;
      return how === 'dropped' ? undefined : payload;
    });
    const repeating = {
      ...between,
      provider: {
        ...between.provider,
        async put(payload: Uint8Array, signal: AbortSignal) {
          await between.provider.put(payload, signal);
          if (how === 'repeated' && n === 3) await between.provider.put(payload, signal);
        },
      },
    };
    await expect(reconcileBoth(still(table(20)), still(table(19)), repeating)).rejects.toMatchObject({
      code: 'QZ_MODEL_SEAL_BROKEN',
    });
  });

  it('cannot put itself in the place of the other side', async () => {
    const foreign = identity('fremd-1');
    const keys = [foreign.record];
    const provider = { ...still(table(2)), signingKey: foreign.signingKey };
    await expect(reconcileBoth(provider, { ...still(table(2)), keys })).rejects.toMatchObject({
      code: 'QZ_RECONCILE_PEER_FOREIGN',
    });
  });

  it('hears of another schema version before anything is compared', async () => {
    const resource = { ...keyed, schemaVersion: 2 };
    await expect(reconcileBoth({ resource, ...still([]) }, still([]))).rejects.toMatchObject({
      code: 'QZ_RECONCILE_SCHEMA_DIFFERS',
    });
  });
});
