import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnose } from '../../packages/agent/src/doctor/doctor.js';
import { resourceOf } from '../fixtures/resource.js';
import { createDocumentSite, type DocumentSite, licences } from './documents.js';

/** Rows where files are due, files where rows are, and what may not be granted: refused before anything moves. */
let site: DocumentSite;
beforeEach(async () => {
  site = await createDocumentSite();
  site.put('a.pdf', 'x');
});
afterEach(() => site?.close());

const failing = (code: string) => ({ state: 'failed', problem: { code } });

async function doctorSays(agent: string, check: string) {
  for await (const finding of diagnose(site.at(`${agent}.json`), AbortSignal.timeout(30_000))) {
    if (finding.check === check) return finding;
  }
  throw new Error(`the doctor did not look at ${check}`);
}

it('the doctor finds both ends fit', async () => {
  await Promise.all([site.mz.start(), site.sw.start()]);
  await Promise.all([site.mz.sync(), site.sw.sync()]);
  expect(await doctorSays('mz-1', 'source out')).toMatchObject({ level: 'ok' });
  expect(await doctorSays('sw-1', 'target in')).toMatchObject({ level: 'ok' });
});

describe('is refused, and found by the doctor', () => {
  it('files read as a table', async () => {
    await site.mz.configure({
      connectors: { folder: { type: 'files', path: site.inbox } },
      exchanges: [
        {
          name: 'out',
          supply: 'licences',
          connector: 'folder',
          strategy: 'snapshot',
          source: { pattern: '*' },
        },
      ],
    });
    await site.mz.start();
    expect(await site.mz.run('out')).toMatchObject(failing('QZ_ENGINE_STRATEGY_MISFIT'));
    expect(await doctorSays('mz-1', 'source out')).toMatchObject({ level: 'failed' });
    expect(site.parts()).toEqual([]);
  });

  it('a table read as files', async () => {
    await site.publish(resourceOf('people', [{ column: 'code' }]));
    await site.supply('people', 'mz-1');
    await site.mz.configure({
      connectors: { folder: { type: 'files', path: site.inbox } },
      exchanges: [
        { name: 'out', supply: 'people', connector: 'folder', strategy: 'files', source: { pattern: '*' } },
      ],
    });
    await site.mz.start();
    expect(await site.mz.run('out')).toMatchObject(failing('QZ_ENGINE_STRATEGY_MISFIT'));
    expect(site.parts()).toEqual([]);
  });

  it('a database as the target of files', async () => {
    await site.mz.start();
    await site.mz.done('out');
    await site.sw.configure({
      connectors: { own: { type: 'sqlite', path: site.at('own.sqlite'), create: true } },
      exchanges: [
        { name: 'in', consume: 'licences', connector: 'own', target: { table: 'licences', create: true } },
      ],
    });
    await site.sw.start();
    expect(await site.sw.run('in')).toMatchObject(failing('QZ_ENGINE_FILES_NOT_TAKEN'));
    expect(await doctorSays('sw-1', 'target in')).toMatchObject({ level: 'failed' });
  });
});

describe('the platform', () => {
  it('lets no resource change between rows and files', async () => {
    const { content: _, ...rows } = licences;
    const items = [{ name: '编号', column: 'code', type: 'C' as const, length: 10, key: true }];
    await expect(site.publish({ ...rows, items, subject: 'other' })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CONTENT_CHANGED',
    });
  });

  it('publishes files with one item of type G alone, and grants no mask on it', async () => {
    const two = [...licences.items, { name: '备注', column: 'note', type: 'C' as const, length: 10 }];
    await expect(site.publish({ ...licences, code: 'two', items: two })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CATALOG_REFUSED',
    });
    await expect(site.subscribe('rs', 'licences', { masks: { file: 'name' } })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_MASK_MISPLACED',
    });
  });
});
