import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, query, rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;

const legacy = () => site.at('legacy.sqlite');
const target = () => site.at('sw.sqlite');
const columns = ['code', 'name', 'at'];
/** Canonical text of the wall clock: a fraction loses its trailing zeros. */
const now = () =>
  new Date()
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '');
const limits = { blockBytes: 200, batchRows: 10 };

beforeAll(async () => {
  site = await createSite();
  sql(
    legacy(),
    'CREATE TABLE marked (code TEXT PRIMARY KEY, name TEXT, at TEXT)',
    'CREATE TABLE logged (code TEXT PRIMARY KEY, name TEXT, at TEXT)',
    'CREATE TABLE logged_log (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, code TEXT)',
  );
  const rows = Array.from({ length: 60 }, (_, n) => [`c${n}`, n === 7 ? 'x'.repeat(50) : `名${n}`, now()]);
  for (const table of ['marked', 'logged']) {
    insertRows(legacy(), table, rows);
    const items = [{ column: 'code' }, { column: 'name', length: 40 }, { column: 'at', type: 'T' as const }];
    await site.publish(
      resourceOf(
        table,
        items.map((item) => ({ ...item, length: item.type ? undefined : 40 })),
      ),
    );
  }
  const watermark = { column: 'at', overlapSeconds: 60, zone: 'UTC' };
  const changeTable = { table: 'logged_log', serial: 'n', op: 'op', purge: true };
  const supply = (code: string, strategy: string, source: object) => ({
    name: `out-${code}`,
    supply: code,
    connector: 'legacy',
    strategy,
    rejectLimit: 0.5,
    source: { table: code, ...source },
  });
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: legacy() } },
    exchanges: [
      supply('marked', 'watermark', { watermark }),
      supply('logged', 'change-table', { changeTable }),
    ],
  });
  for (const code of ['marked', 'logged']) await site.supply(code, 'mz-1');
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { own: { type: 'sqlite', path: target(), create: true } },
    exchanges: ['marked', 'logged'].map((code) => ({
      name: `in-${code}`,
      consume: code,
      connector: 'own',
      target: { table: code, create: true },
    })),
  });
  for (const code of ['marked', 'logged']) await site.subscribe('sw', code);
  await restart();
});
afterAll(() => site?.close());

async function restart(): Promise<void> {
  await Promise.all([mz.stop(), sw.stop()]);
  await Promise.all([mz.start({ limits }), sw.start()]);
}

async function move(code: string) {
  const out = await mz.done(`out-${code}`);
  const into = await sw.done(`in-${code}`);
  return { out: out.summary!, into: into.summary! };
}

const valid = (code: string) => rowsOf(legacy(), code, columns).filter(([, name]) => name!.length <= 40);
const equal = (code: string) => expect(rowsOf(target(), code, columns)).toEqual(valid(code));

describe.each(['marked', 'logged'])('%s over agents that are started anew between runs', (code) => {
  const change = (op: string, key: string) =>
    code === 'logged' ? `INSERT INTO logged_log (op, code) VALUES ('${op}', '${key}')` : 'SELECT 1';

  it('all rows first; the one that is too long stays behind', async () => {
    const { out, into } = await move(code);
    expect(out).toMatchObject({ stored: 59, rejected: 1 });
    expect(into).toMatchObject({ delivered: 59, inserted: 59 });
    equal(code);
  });

  it('then what changed', async () => {
    await restart();
    sql(
      legacy(),
      `UPDATE ${code} SET name = 'neu', at = '${now()}' WHERE code = 'c1'`,
      change('U', 'c1'),
      `INSERT INTO ${code} VALUES ('d1', 'dazu', '${now()}')`,
      change('I', 'd1'),
    );
    const { into } = await move(code);
    expect(into).toMatchObject({ updated: 1, inserted: 1 });
    equal(code);
  });

  it('the mended row arrives and is no longer missing', async () => {
    await restart();
    sql(legacy(), `UPDATE ${code} SET name = 'kurz', at = '${now()}' WHERE code = 'c7'`, change('U', 'c7'));
    expect((await move(code)).into).toMatchObject({ inserted: 1 });
    equal(code);
    expect(mz.engine.streams.show(code)).toMatchObject({ staleKeys: 0 });
  });

  it('nothing new: nothing is changed', async () => {
    await restart();
    expect((await move(code)).into).toMatchObject({ inserted: 0, updated: 0, deleted: 0, rejected: 0 });
    equal(code);
  });
});

it('the change table sees removals, and is emptied up to what has its receipt', async () => {
  sql(
    legacy(),
    "DELETE FROM logged WHERE code = 'c2'",
    "INSERT INTO logged_log (op, code) VALUES ('D', 'c2')",
  );
  expect((await move('logged')).into).toMatchObject({ deleted: 1 });
  equal('logged');
  expect(query(legacy(), 'SELECT * FROM logged_log')).toEqual([]);
});

it('the equations equal what is in source, quarantine and target', async () => {
  for (const code of ['marked', 'logged']) {
    const [sums] = await site.reconciliation(code);
    const [delivery] = sums!.deliveries;
    expect(sums!.balanced).toBe(true);
    // the one row that was refused is mended and lies in quarantine no more
    expect(sums!.rejected).toBe(1);
    expect(mz.engine.quarantine.list({ exchange: `out-${code}` })).toEqual([]);
    expect(sums!.read).toBe(sums!.stored + sums!.rejected);
    expect(delivery!.counts.delivered).toBe(sums!.stored);
    expect(delivery!.sent).toBe(delivery!.confirmed);
    const { inserted, deleted } = delivery!.counts;
    expect(inserted - deleted).toBe(rowsOf(target(), code).length);
    expect(rowsOf(target(), code).length).toBe(rowsOf(legacy(), code).length);
    const ledger = query<{ rows: number }>(
      join(site.dataDir, 'platform.sqlite'),
      `SELECT sum(rows) AS rows FROM batches WHERE resource = '${code}'`,
    );
    expect(ledger[0]!.rows).toBe(sums!.stored);
  }
  await expectEvidence(site);
});
