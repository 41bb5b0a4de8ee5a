import type { CatalogResource } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { exchangeDbOf } from './exchange-db.js';
import { openSite, resourceOf, signal } from './test/site.js';

const hostile: CatalogResource = {
  ...resourceOf([
    { column: `k "1'`, type: 'C', key: true, name: `*/ '; DROP TABLE t; --` },
    { column: 'k2', type: 'I', key: true },
    { column: 'select', type: 'N' },
  ]),
  name: `*/ "quoted' \n name`,
  department: `o'brien`,
};

describe('exchange tables', () => {
  it('have names that no two resources share, however long or alike their codes', async () => {
    await using site = openSite();
    const { plan } = exchangeDbOf({ path: site.db.name } as never);
    const codes = ['a.b', 'a-b', 'a_b', `${'a'.repeat(99)}b`, `${'a'.repeat(99)}c`];
    const names = codes.flatMap((code) =>
      (['out', 'in'] as const).flatMap((side) => plan({ resource: { ...hostile, code }, side }).tables),
    );
    expect(new Set(names).size).toBe(4 * codes.length);
    expect(names).toContain('qz_out_a_b');
    for (const name of names) expect(name).toMatch(/^qz_(out|in)_\w{1,117}$/);
  });

  it('are made whatever items and departments are called, and keep what was deleted by composite keys', async () => {
    await using site = openSite();
    const { plan, create } = exchangeDbOf({ path: site.db.name, busyTimeoutMs: 1_000 } as never);
    const planned = (['out', 'in'] as const).map((side) => plan({ resource: hostile, side }));
    const statements = planned.flatMap((each) => each.statements.map(({ sql }) => sql));
    await create(statements, signal);
    const [out, view, log, state] = planned.flatMap(({ tables }) => tables);
    const rows = (sql: string) => site.db.prepare(sql).raw().all();
    site.db.exec(
      `INSERT INTO ${out} (qz_op, "k ""1'", k2, "select") VALUES ('I', 'a', 1, 1.50), ('I', 'a', 2, 2), ('D', 'a', 1, NULL), ('U', 'a', 2, 3)`,
    );
    expect(rows(`SELECT * FROM ${view}`)).toEqual([['a', 2, '3']]);
    expect(rows(`SELECT DISTINCT qz_unit, qz_status FROM ${out}`)).toEqual([[`o'brien`, 0]]);
    site.db.exec(
      `INSERT INTO ${state} VALUES ('a', 1, '1.50'); UPDATE ${state} SET "select" = '2'; DELETE FROM ${state}`,
    );
    expect(rows(`SELECT qz_serial, qz_op, "k ""1'", k2, "select" FROM ${log} ORDER BY 1`)).toEqual([
      [1, 'I', 'a', 1, '1.50'],
      [2, 'U', 'a', 1, '2'],
      [3, 'D', 'a', 1, '2'],
    ]);
    expect(() => site.db.exec(`INSERT INTO ${out} (qz_op, "k ""1'", k2) VALUES ('X', 'a', 1)`)).toThrow(
      /CHECK/,
    );
  });

  it('are made all or none', async () => {
    await using site = openSite();
    const { create } = exchangeDbOf({ path: site.db.name, busyTimeoutMs: 1_000 } as never);
    await expect(create(['CREATE TABLE one (a)', 'CREATE TABLE one (a)'], signal)).rejects.toMatchObject({
      code: expect.stringMatching(/^QZ_SQLITE_/),
    });
    expect(site.db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()).toBe(0);
    const readOnly = exchangeDbOf({ path: site.db.name, readOnly: true } as never);
    await expect(readOnly.create(['CREATE TABLE one (a)'], signal)).rejects.toMatchObject({
      code: 'QZ_SQLITE_TARGET_READ_ONLY',
    });
  });
});
