import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { keyed, openSite, type Site, signal } from './test/site.js';

/** Code of what is found, with its message; `fits` where nothing is. */
async function tried(site: Site, target: object, resource: CatalogResource = keyed, config: object = {}) {
  await using connection = await site.connect(config);
  try {
    await connection.tryTarget!({ exchange: 'x', resource, target }, signal);
    return 'fits';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message}`;
  }
}

it('leaves the file as it is, whether the table is there, lacks a column, or is to be made', async () => {
  await using site = openSite();
  site.db.exec(
    `CREATE TABLE other (a); CREATE VIEW seen AS SELECT a FROM other; CREATE INDEX o ON other (a)`,
  );
  site.db.exec('CREATE VIRTUAL TABLE words USING fts5(a)');
  site.db.exec('CREATE TABLE partial (id TEXT PRIMARY KEY NOT NULL)');
  const before = readFileSync(site.path);
  const create = { table: 't', create: true };
  expect(await tried(site, create)).toBe('fits');
  expect(await tried(site, { table: 'partial', create: true })).toBe('fits');
  expect(await tried(site, { table: 'partial' })).toMatch(/COLUMN_MISSING .*name/);
  expect(readFileSync(site.path).equals(before)).toBe(true);
});

it('does not mind what other programs need for tables of their own', async () => {
  await using site = openSite();
  site.db.function('pinyin', { deterministic: true }, (text) => String(text));
  site.db.exec('CREATE TABLE theirs (a TEXT); CREATE INDEX by_pinyin ON theirs (pinyin(a))');
  site.db.exec('CREATE TABLE T (id TEXT PRIMARY KEY NOT NULL, name TEXT)');
  expect(await tried(site, { table: 't' })).toBe('fits');
});

it('makes no file where the first write would', async () => {
  await using site = openSite();
  const path = join(site.folder, 'new.sqlite');
  const config = { path, create: true };
  expect(await tried(site, { table: 't', create: true }, keyed, config)).toBe('fits');
  expect(await tried(site, { table: 't' }, keyed, config)).toMatch(/TABLE_MISSING .*new\.sqlite/);
  expect(existsSync(path)).toBe(false);
});

it('says what does not fit, and names the file', async () => {
  await using site = openSite();
  site.db.exec('CREATE TABLE loose (id TEXT, name TEXT); CREATE VIEW v AS SELECT * FROM loose');
  site.db.exec('CREATE TABLE qianzhi_ledger (mine); CREATE TABLE t (id TEXT PRIMARY KEY, name BLOB)');
  site.db.exec('CREATE TABLE good (id TEXT PRIMARY KEY, name TEXT)');
  expect(await tried(site, { table: 'loose' })).toMatch(/TARGET_KEY .*id/);
  expect(await tried(site, { table: 'v' })).toMatch(/TARGET_IS_VIEW/);
  expect(await tried(site, { table: 't' })).toMatch(/TYPE_UNFIT .*name/);
  expect(await tried(site, { table: 'none' })).toMatch(/TABLE_MISSING .*legacy\.sqlite/);
  expect(await tried(site, { table: 'good' })).toMatch(/LEDGER_FOREIGN .*legacy\.sqlite/);
  expect(await tried(site, { table: 'good' }, keyed, { readOnly: true })).toMatch(/TARGET_READ_ONLY/);
});

it('waits for no one that writes, and keeps no one waiting', async () => {
  await using site = openSite();
  site.db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT)');
  site.db.exec(`BEGIN IMMEDIATE; INSERT INTO t VALUES ('1', 'x')`);
  expect(await tried(site, { table: 't' }, keyed, { busyTimeoutMs: 0 })).toBe('fits');
  site.db.exec('COMMIT');
  expect(site.db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(1);
});

// root may write everything
if (process.getuid?.() !== 0) {
  it('finds a file or a folder that may not be written', async () => {
    await using site = openSite();
    site.db.exec('CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT)');
    chmodSync(site.path, 0o400);
    expect(await tried(site, { table: 't' })).toMatch(/NO_PERMISSION .*legacy\.sqlite/);
    chmodSync(site.path, 0o600);
    const { mode } = statSync(site.folder);
    chmodSync(site.folder, 0o500);
    try {
      expect(await tried(site, { table: 't' })).toMatch(/NO_PERMISSION/);
    } finally {
      chmodSync(site.folder, mode);
    }
  });
}
