import type { FeedRecord, OpenFeed } from '@qianzhi/plugin-api';
import { codeOf, deliveryOf, noAbort, resourceWith, write } from '@qianzhi/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openSite } from './test/site.js';

const resource = resourceWith([
  { column: 'id', type: 'C', length: 8, key: true, required: true },
  { column: 'name', type: 'C', length: 40 },
]);

const told = ({ op, key, values }: FeedRecord) => `${op} ${key.id ?? '-'} ${values.name ?? '-'}`;

function readOn(feed: OpenFeed, from: string | undefined, limit = 2) {
  const records: FeedRecord[] = [];
  for (let after = from; ; ) {
    const page = feed.read(after, limit);
    records.push(...page.records);
    after = page.next;
    if (page.end) return { lines: records.map(told), records, next: after };
  }
}

it('tells every change once and in order, and what did not change not at all', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  const feed = await site.feed();
  const start = feed.read(undefined, 10).next;
  await write(sink, resource, 1, ['S\t1\ta', 'S\t2\tb', 'S\t3\tc']);
  await write(sink, resource, 2, ['U\t1\ta', 'U\t2\tB', 'D\t3\t\\N', 'D\t9\t\\N']);
  await write(sink, resource, 2, ['U\t1\ta', 'U\t2\tB', 'D\t3\t\\N', 'D\t9\t\\N']);
  await write(sink, resource, 3, ['S\t2\tB', 'S\t4\td\\tx']);
  const { lines, records, next } = readOn(feed, start);
  expect(lines).toEqual([
    'upsert 1 a',
    'upsert 2 b',
    'upsert 3 c',
    'upsert 2 B',
    'delete 3 -',
    'upsert 4 d\tx',
    'delete 1 -',
  ]);
  expect(records.map(({ deliverySeq }) => deliverySeq)).toEqual([1, 1, 1, 2, 2, 3, 3]);
  expect(readOn(feed, next).lines).toEqual([]);
  expect(readOn(await site.feed(), records[3]!.cursor).lines).toEqual(lines.slice(4));
  expect(readOn(feed, undefined).lines).toEqual(['upsert 2 B', 'upsert 4 d\tx']);
  expect(told(feed.current({ id: '4' })!)).toBe('upsert 4 d\tx');
  expect(feed.current({ id: '1' })).toBeUndefined();
  expect(() => feed.current({ name: 'B' })).toThrow(expect.objectContaining({ code: 'QZ_INBOX_KEY_WRONG' }));
});

it('reads records as they are while others change, and then what changed since', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  const feed = await site.feed();
  await write(sink, resource, 1, ['U\t1\ta', 'U\t2\tb', 'U\t3\tc', 'U\t4\td']);
  const first = feed.read(undefined, 2);
  await write(sink, resource, 2, ['D\t1\t\\N', 'U\t3\tC']);
  const { lines } = readOn(feed, first.next);
  expect([...first.records.map(told), ...lines]).toEqual([
    'upsert 1 a',
    'upsert 2 b',
    'upsert 4 d',
    'delete 1 -',
    'upsert 3 C',
  ]);
});

it('refuses a cursor whose changes are gone, of another inbox, or of none', async () => {
  let now = new Date('2026-03-01T00:00:00Z');
  await using site = openSite(() => now);
  const sink = await site.sink(resource, 'in', { keepDays: 1 });
  const feed = await site.feed();
  await write(sink, resource, 1, ['U\t1\ta', 'U\t2\tb']);
  const early = feed.read(undefined, 1).next;
  const behind = feed.end();
  await write(sink, resource, 2, ['D\t1\t\\N']);
  const after = feed.end();
  now = new Date('2026-03-03T00:00:00Z');
  await write(sink, resource, 3, ['U\t3\tc']);
  for (const cursor of [early, behind, '00000000.1', '', "1'; DROP TABLE change", `${after}9`])
    expect(await codeOf(async () => feed.read(cursor, 10)), cursor).toBe('QZ_INBOX_CURSOR_GONE');
  expect(readOn(feed, after).lines).toEqual(['upsert 3 c']);
  expect(readOn(feed, undefined).lines).toEqual(['upsert 2 b', 'upsert 3 c']);
});

it('refuses a cursor behind which a deletion was dropped, though older records are dropped after it', async () => {
  let now = new Date('2026-03-01T00:00:00Z');
  await using site = openSite(() => now);
  const sink = await site.sink(resource, 'in', { keepDays: 1 });
  const feed = await site.feed();
  await write(sink, resource, 1, ['S\t2\ta']);
  const { next } = feed.read(undefined, 2);
  await write(sink, resource, 2, ['S\t3\ta', 'S\t1\ta']);
  const beforeDeletion = feed.read(next, 2);
  expect(beforeDeletion.records.map(told)).toEqual(['upsert 3 a', 'upsert 1 a']);
  now = new Date('2026-03-03T00:00:00Z');
  await write(sink, resource, 3, []);
  await write(sink, resource, 4, ['D\t1\t\\N', 'D\t3\t\\N']);
  expect(await codeOf(async () => feed.read(beforeDeletion.next, 10))).toBe('QZ_INBOX_CURSOR_GONE');
});

it('forgets everything when it is erased, and begins anew with a reset', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  const feed = await site.feed();
  await write(sink, resource, 1, ['U\t1\ta']);
  const { next } = feed.read(undefined, 10);
  await feed.erase(noAbort);
  expect(readOn(feed, undefined).lines).toEqual([]);
  expect(feed.size()).toMatchObject({ records: 0, bytes: 0 });
  expect(feed.access()).toEqual({ grants: [], erased: true });
  expect((await sink.ledgerHead(deliveryOf(), noAbort))?.seq).toBe(1);
  const other = { delivery: { ...deliveryOf(), grantVersion: 2 } };
  await write(sink, resource, 1, ['S\t1\ta'], other);
  expect(readOn(feed, next).lines).toEqual(['reset - -', 'upsert 1 a']);
  expect(feed.access()).toEqual({ grants: [{ agreement: 'agreement', grantVersion: 2 }], erased: false });
});

it('shows nothing of one agreement under another', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  const feed = await site.feed();
  await write(sink, resource, 1, ['U\t1\ta']);
  const { next } = feed.read(undefined, 10);
  await write(sink, resource, 1, ['S\t2\tb'], { delivery: { ...deliveryOf(), agreement: 'other' } });
  expect(readOn(feed, next).lines).toEqual(['reset - -', 'upsert 2 b']);
});

it('keeps each supplier’s records apart', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  const feed = await site.feed();
  await write(sink, resource, 1, ['S\t1\ta', 'S\t2\tb']);
  await write(sink, resource, 1, ['S\t2\tother', 'S\t3\tc'], { delivery: deliveryOf('second') });
  await write(sink, resource, 2, ['D\t2\t\\N', 'D\t1\t\\N']);
  expect(readOn(feed, undefined).lines).toEqual(['upsert 2 other', 'upsert 3 c']);
});

it('brings any reader to the same records, wherever it stops and whatever is dropped', async () => {
  const change = fc.record({
    id: fc.integer({ min: 1, max: 5 }),
    name: fc.option(fc.constantFrom('a', 'b', 'c')),
  });
  const batch = fc.record({
    rows: fc.array(change, { maxLength: 5 }),
    snapshot: fc.boolean(),
    days: fc.integer({ min: 0, max: 2 }),
    reads: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { maxLength: 8 }), async (batches) => {
      let now = Date.parse('2026-03-01T00:00:00Z');
      await using site = openSite(() => new Date(now));
      const sink = await site.sink(resource, 'in', { keepDays: 1 });
      const feed = await site.feed();
      const held = new Map<string, string>();
      const reader = new Map<string, string>();
      let after: string | undefined;
      const read = () => {
        try {
          const page = feed.read(after, 2);
          for (const { op, key, values } of page.records) {
            if (op === 'upsert') reader.set(key.id!, values.name!);
            else reader.delete(key.id!);
          }
          after = page.next;
          return page.end;
        } catch (error) {
          expect(error).toMatchObject({ code: 'QZ_INBOX_CURSOR_GONE' });
          reader.clear();
          after = undefined;
          return false;
        }
      };
      for (const [at, { rows, snapshot, days, reads }] of batches.entries()) {
        now += days * 86_400_000;
        const last = new Map(rows.map(({ id, name }) => [String(id), name]));
        if (snapshot) held.clear();
        const lines = [...last].flatMap(([id, name]) => {
          if (name === null) {
            held.delete(id);
            return snapshot ? [] : [`D\t${id}\t\\N`];
          }
          held.set(id, name);
          return [`${snapshot ? 'S' : 'U'}\t${id}\t${name}`];
        });
        const about = snapshot
          ? ({ kind: 'snapshot', snapshot: { id: `s${at}`, part: 1, last: true } } as const)
          : ({ kind: 'delta' } as const);
        await write(sink, resource, at + 1, lines, about);
        for (let n = 0; n < reads; n++) read();
      }
      while (!read());
      expect(Object.fromEntries(reader)).toEqual(Object.fromEntries(held));
    }),
    { numRuns: 60 },
  );
});
