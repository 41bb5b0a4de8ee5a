import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import { until } from './until.js';

const soon = () => AbortSignal.timeout(15_000);
const tooLong = '长'.repeat(41);
/** Every fourth of the hundred rows: more than the quarantine takes. */
const bad = Array.from({ length: 25 }, (_, n) => `c${String(n * 4).padStart(4, '0')}`);
const limits = { ...smallBatches, quarantineRows: 10 };

let site: FirmSite;
beforeEach(async () => {
  site = await createFirmSite();
  sql(
    site.legacy,
    `UPDATE firm SET name = '${tooLong}' WHERE code IN (${bad.map((code) => `'${code}'`).join(', ')})`,
    'DELETE FROM firm_log',
  );
  await site.mz.start({ limits });
  expect(await site.mz.run('out')).toMatchObject({
    state: 'failed',
    problem: { code: 'QZ_ENGINE_QUARANTINE_FULL' },
    restart: 'qianzhi job resume out',
  });
  expect(site.mz.engine.exchanges.list()).toMatchObject([
    { state: 'stopped', restart: 'qianzhi job resume out' },
  ]);
  expect(site.mz.engine.quarantine.list().length).toBeLessThanOrEqual(10);
});
afterEach(() => site?.close());

async function arrives(rows: number): Promise<void> {
  const sw = await site.consumer('sw-1', 'sw');
  await site.subscribe('sw', 'firm');
  await sw.start();
  await sw.done('in');
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(
    rowsOf(site.legacy, 'firm').filter(([, name]) => name !== tooLong),
  );
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toHaveLength(rows);
  const [sums] = await site.reconciliation('firm');
  expect(sums).toMatchObject({ stored: rows, rejected: 100 - rows });
  await expectEvidence(site);
}

async function resumed() {
  const { engine } = site.mz;
  engine.jobs.resume('out');
  const { id } = engine.jobs.list()[0]!;
  return engine.jobs.ended(id, soon());
}

describe('more refused rows than the quarantine takes', () => {
  it('are taken out by export, run after run, until the exchange runs again; none is lost', async () => {
    let rows = '';
    let job = site.mz.engine.jobs.list()[0]!;
    for (let run = 0; job.state === 'failed'; run++) {
      expect(job.problem?.code).toBe('QZ_ENGINE_QUARANTINE_FULL');
      const file = site.at(`export-${run}.txt`);
      await site.mz.engine.quarantine.export({}, file, soon());
      rows += await readFile(file, 'utf8');
      job = await resumed();
    }
    await site.mz.engine.quarantine.export({}, site.at('last.txt'), soon());
    rows += await readFile(site.at('last.txt'), 'utf8');
    for (const code of bad) expect(rows).toContain(code);
    expect(site.mz.engine.exchanges.list()).toMatchObject([{ state: 'running' }]);
    await arrives(75);
  });

  it('find room under a higher limit after a start of the agent', async () => {
    await site.mz.stop();
    await site.mz.start({ limits: { ...limits, quarantineRows: 1000 } });
    expect(await resumed()).toMatchObject({ state: 'done' });
    expect(site.mz.engine.quarantine.list()).toHaveLength(25);
    await arrives(75);
  });

  it('are no longer listed once the source is corrected', async () => {
    await site.mz.stop();
    await site.mz.start({ limits: { ...limits, quarantineRows: 1000 } });
    await resumed();
    sql(site.legacy, `UPDATE firm SET name = '好' WHERE name = '${tooLong}' AND code > 'c0001'`);
    await site.mz.done('out');
    expect(site.mz.engine.quarantine.list()).toHaveLength(1);
    sql(site.legacy, "DELETE FROM firm WHERE code = 'c0000'");
    await site.mz.done('out');
    expect(site.mz.engine.quarantine.list()).toEqual([]);
    expect(site.mz.engine.streams.show('firm').staleKeys).toBe(0);
    const sw = await site.consumer('sw-1', 'sw');
    await site.subscribe('sw', 'firm');
    await sw.start();
    await sw.done('in');
    await until('equal', () => rowsOf(site.targetOf('sw-1'), 'firm').length === 99);
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
  });
});
