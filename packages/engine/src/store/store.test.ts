import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { classifyDiskError, durableFolder, storeDisk } from '../files/durable-folder.js';
import { inspectStore } from './inspect-store.js';
import { openStore } from './store.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('opens with every commit durable, and keeps what it holds', () => {
  const store = openStore(folder);
  expect(store.db.pragma('synchronous', { simple: true })).toBe(2);
  expect(store.db.pragma('journal_mode', { simple: true })).toBe('wal');
  store.write(() => store.db.prepare("INSERT INTO exchange (name, since) VALUES ('a', 'b')").run());
  store.close();
  const again = openStore(folder);
  expect(again.db.prepare('SELECT name FROM exchange').all()).toEqual([{ name: 'a' }]);
  again.close();
});

it('writes ahead of the disk on demand only, and says when that has caught up', async () => {
  const store = openStore(folder);
  const put = store.db.prepare("INSERT INTO exchange (name, since) VALUES (?, 'b')");
  const names = () => store.db.prepare('SELECT name FROM exchange ORDER BY name').pluck().all();
  store.writeAhead(() => put.run('a'));
  expect(() => store.writeAhead(() => put.run('a'))).toThrow('UNIQUE');
  expect(store.db.pragma('synchronous', { simple: true })).toBe(2);
  store.writeAhead(() => put.run('b'));
  await Promise.all([store.synced(), store.synced()]);
  store.write(() => put.run('c'));
  await store.synced();
  store.writeAhead(() => put.run('d'));
  expect(names()).toEqual(['a', 'b', 'c', 'd']);
  store.close();
  store.close();
  const again = openStore(folder);
  expect(again.db.prepare('SELECT count(*) FROM exchange').pluck().get()).toBe(4);
  again.close();
});

it('a full disk is a coded error that passes when there is room', () => {
  const store = openStore(folder);
  const fill = () =>
    store.write(() => {
      const put = store.db.prepare('INSERT OR REPLACE INTO exchange (name, since) VALUES (?, ?)');
      for (let i = 0; i < 100; i++) put.run(String(i), 'x'.repeat(1000));
    });
  const pages = store.db.pragma('page_count', { simple: true }) as number;
  store.db.pragma(`max_page_count = ${pages + 2}`);
  expect(fill).toThrowError(expect.objectContaining({ code: 'QZ_ENGINE_DISK_FULL', kind: 'unavailable' }));
  expect(store.db.prepare('SELECT count(*) AS n FROM exchange').get()).toEqual({ n: 0 });
  store.db.pragma('max_page_count = 100000');
  fill();
  store.close();
});

it('a commit that fails leaves no transaction behind', () => {
  const store = openStore(folder);
  store.db.exec(`CREATE TABLE parent (n INTEGER PRIMARY KEY);
    CREATE TABLE child (n INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`);
  expect(() => store.write(() => store.db.exec('INSERT INTO child VALUES (1)'))).toThrow('FOREIGN KEY');
  expect(store.db.inTransaction).toBe(false);
  store.write(() => store.db.exec('INSERT INTO parent VALUES (1)'));
  expect(store.db.prepare('SELECT count(*) FROM child').pluck().get()).toBe(0);
  expect(store.db.prepare('SELECT count(*) FROM parent').pluck().get()).toBe(1);
  store.close();
});

it('a database of a newer release is refused', () => {
  openStore(folder).close();
  const db = new Database(join(folder, 'state.db'));
  db.pragma('user_version = 99');
  db.close();
  expect(() => openStore(folder)).toThrowError(expect.objectContaining({ code: 'QZ_ENGINE_STORE_NEWER' }));
});

it('disk errors are told apart: a full disk passes, a failed fsync halts', () => {
  const error = (code: string) => Object.assign(new Error(code), { code });
  expect(classifyDiskError(error('ENOSPC'), 'outbox')).toMatchObject({ code: 'QZ_ENGINE_DISK_FULL' });
  expect(classifyDiskError(error('EIO'), 'outbox')).toMatchObject({
    code: 'QZ_ENGINE_STORE_HALTED',
    kind: 'integrity',
  });
});

it('a file is whole or not there', async () => {
  const files = durableFolder(join(folder, 'outbox'), storeDisk('outbox'));
  await files.writePartial('a/one', Buffer.from('1'));
  await files.publish(['a/one']);
  await files.writePartial('a/two', Buffer.from('2'));
  expect(await files.sweep((name) => name === 'a/one')).toBe(1);
  expect(await files.sweep(() => true)).toBe(0);
});

it('its structure is told without changing it: absent, current, to be converted, of a newer release', () => {
  expect(inspectStore(folder)).toEqual({ present: false, current: true });
  const store = openStore(folder);
  expect(inspectStore(folder)).toEqual({ present: true, current: true }); // while it is open
  store.close();
  const db = new Database(join(folder, 'state.db'));
  db.pragma('user_version = 1');
  expect(inspectStore(folder)).toEqual({ present: true, current: false });
  expect(db.pragma('user_version', { simple: true })).toBe(1);
  db.pragma('user_version = 99');
  db.close();
  expect(() => inspectStore(folder)).toThrowError(expect.objectContaining({ code: 'QZ_ENGINE_STORE_NEWER' }));
});
