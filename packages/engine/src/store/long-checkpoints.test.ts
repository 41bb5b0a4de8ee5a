import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BatchRow } from './batch-table.js';
import { inspectPlaces } from './inspect-places.js';
import { openStore, type Store } from './store.js';
import { newStream, type StreamRow } from './stream-table.js';
import { type Tables, tablesOf } from './tables.js';

let folder: string;
let store: Store;
let tables: Tables;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-store-'));
  open();
});
afterEach(async () => {
  store.close();
  await rm(folder, { recursive: true, force: true });
});

function open(): void {
  store = openStore(folder);
  tables = tablesOf(store);
}

const at = (n: number) => `${n}:${'file '.repeat(4000)}`;
const held = () =>
  (store.db.prepare('SELECT text FROM long_checkpoint ORDER BY n').pluck().all() as string[]).map(
    (text) => text.split(':')[0],
  );
const put = (change: Partial<StreamRow>) =>
  store.write(() => tables.streams.put({ ...(tables.streams.get('r') ?? newStream('r', 1)), ...change }));
const batch = (seq: number, checkpoint: string | null) =>
  ({
    resource: 'r',
    epoch: 1,
    seq,
    rows: 1,
    storedBytes: 1,
    rowsDigest: 'd',
    digest: 'd',
    manifest: {},
    file: 'f',
    checkpoint,
    sealedAt: 'now',
    receiptedAt: null,
  }) as unknown as BatchRow;
const seal = (seq: number, checkpoint: string) =>
  store.write(() => {
    tables.batches.insert(batch(seq, checkpoint), new Uint8Array());
    tables.streams.put({ ...(tables.streams.get('r') ?? newStream('r', 1)), seq, checkpoint });
  });
const receipt = (seq: number) =>
  store.write(() => {
    const committed = tables.batches.get('r', 1, seq)!.checkpoint;
    tables.batches.setReceipted('r', 1, seq, 'now');
    tables.streams.put({ ...tables.streams.get('r')!, receipted: seq, committed });
  });

it('are written once, read from every row that names them, also after a restart, and forgotten when none does', () => {
  for (const seq of [1, 2, 3]) seal(seq, at(seq));
  expect(held()).toEqual(['1', '2', '3']);
  receipt(1);
  expect(held()).toEqual(['1', '2', '3']);
  expect(tables.batches.get('r', 1, 1)!.checkpoint).toBeNull();
  store.close();
  open();
  expect(tables.streams.get('r')).toMatchObject({ checkpoint: at(3), committed: at(1), confirmed: null });
  expect(tables.batches.unsent('r', 1, 0).map(({ checkpoint }) => checkpoint)).toEqual([null, at(2), at(3)]);
  expect(inspectPlaces(folder).get('r')).toMatchObject({ checkpoint: at(3), committed: at(1) });
  put({ confirmed: at(1) });
  receipt(2);
  expect(held()).toEqual(['1', '2', '3']);
  put({ confirmed: at(2) });
  expect(held()).toEqual(['2', '3']);
  receipt(3);
  put({ confirmed: at(3) });
  expect(held()).toEqual(['3']);
  put({ checkpoint: null, committed: null, confirmed: null });
  expect(held()).toEqual([]);
});

it('are never taken for none where they are missing', () => {
  seal(1, at(1));
  store.db.exec('DELETE FROM long_checkpoint');
  store.close();
  open();
  expect(() => tables.streams.get('r')).toThrow('lacks checkpoint 1 of r');
  expect(() => tables.batches.get('r', 1, 1)!.checkpoint).toThrow('lacks checkpoint 1 of r');
});

it('are not looked for in the state of an older program, which an agent has not opened yet', () => {
  put({ checkpoint: at(1).slice(0, 100), committed: 'x' });
  store.db.exec('DROP TABLE long_checkpoint');
  expect(inspectPlaces(folder).get('r')).toMatchObject({ checkpoint: at(1).slice(0, 100), committed: 'x' });
});

it('lie in the row itself where they are short, whatever they begin with', () => {
  seal(1, '{"a":1}');
  expect(held()).toEqual([]);
  expect(tables.batches.get('r', 1, 1)!.checkpoint).toBe('{"a":1}');
  seal(2, '\u00015');
  expect(tables.streams.get('r')!.checkpoint).toBe('\u00015');
  store.close();
  open();
  expect(tables.streams.get('r')!.checkpoint).toBe('\u00015');
  receipt(1);
  expect(tables.batches.checkpointAt('r', 1, 1)).toBe('{"a":1}');
  expect(tables.batches.checkpointAt('r', 1, 2)).toBe('\u00015');
});

it('are not taken for kept where their transaction was undone', () => {
  seal(1, at(1));
  const failing = () =>
    store.write(() => {
      tables.streams.put({ ...tables.streams.get('r')!, checkpoint: at(2) });
      throw new Error('back');
    });
  expect(failing).toThrow('back');
  put({ checkpoint: at(2) });
  store.close();
  open();
  expect(tables.streams.get('r')!.checkpoint).toBe(at(2));
});

it('of an older program are read where they lie, and moved with the next change', () => {
  put({ checkpoint: 'x' });
  store.db.prepare('UPDATE stream SET checkpoint = ?, committed = ?').run(at(1), at(1));
  store.close();
  open();
  expect(tables.streams.get('r')).toMatchObject({ checkpoint: at(1), committed: at(1) });
  put({ checkpoint: at(2) });
  expect(held()).toEqual(['2', '1']);
  expect(tables.streams.get('r')).toMatchObject({ checkpoint: at(2), committed: at(1) });
});
