import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDataset, type Dataset } from './dataset.js';
import type { DiffRequest } from './requests.js';
import { resourceOf, row, type TempFolder, tempFolder } from './testing/row-sets.js';

const never = new AbortController().signal;
let folder: TempFolder;
let workDir: string;
let dataset: Dataset;

beforeEach(async () => {
  folder = await tempFolder();
  workDir = join(folder.path, 'work');
  dataset = await createDataset({ workDir });
});
afterEach(async () => {
  await dataset[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Enough rows to keep a child busy for some seconds. */
async function longRequest(): Promise<DiffRequest> {
  const lines = Array.from({ length: 50_000 }, (_, index) => row(`key-value-${index}`, 'v'.repeat(200)));
  const file = await folder.write(lines);
  const candidate = await Promise.all(
    Array.from({ length: 12 }, (_, part) =>
      folder.write(lines.map((line) => line.replace('\t', `\t${part}.`))),
    ),
  );
  return { resource: resourceOf(2, [0]), baseline: [file], candidate, output: join(folder.path, 'result') };
}

/** The DuckDB child: the process whose current folder lies in the work folder. */
async function childId(): Promise<number> {
  const { readlink } = await import('node:fs/promises');
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await pause(5)) {
    for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const current = await readlink(`/proc/${id}/cwd`).catch(() => '');
      if (current.startsWith(workDir)) return Number(id);
    }
  }
  throw new Error('no child was started');
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(workDir)).toEqual([]);
  expect(await readdir(folder.path)).not.toContain('result');
}

it('ends within a second of the signal and leaves nothing', async () => {
  const stop = new AbortController();
  const running = dataset.diff(await longRequest(), stop.signal);
  const ended = expect(running).rejects.toMatchObject({ code: 'QZ_DATASET_CANCELLED', kind: 'cancelled' });
  const id = await childId();
  const at = performance.now();
  stop.abort();
  await ended;
  expect(performance.now() - at).toBeLessThan(1000);
  expect(() => process.kill(id, 0)).toThrow();
  await expectNothingLeft();
});

it('says so when the child dies, leaves nothing, and works again', async () => {
  const request = await longRequest();
  const running = dataset.diff(request, never);
  const ended = expect(running).rejects.toMatchObject({
    code: 'QZ_DATASET_CHILD_DIED',
    kind: 'internal',
    details: { reason: 'SIGKILL' },
  });
  process.kill(await childId(), 'SIGKILL');
  await ended;
  await expectNothingLeft();
  expect((await dataset.diff(request, never)).counts.inserted).toBe(600_000);
}, 60_000);

it('says so when the memory limit is too low', async () => {
  await using small = await createDataset({ workDir, memoryLimitMb: 8 });
  await expect(small.diff(await longRequest(), never)).rejects.toMatchObject({
    code: 'QZ_DATASET_MEMORY',
    kind: 'config',
    details: { memoryLimitMb: 8 },
  });
  await expectNothingLeft();
});

it('gives the child neither paths nor the environment', async () => {
  process.env.QZ_TEST_SECRET = 'hidden';
  const stop = new AbortController();
  const running = dataset.diff(await longRequest(), stop.signal);
  const ended = expect(running).rejects.toMatchObject({ code: 'QZ_DATASET_CANCELLED' });
  const id = await childId();
  const shown = `${await readFile(`/proc/${id}/cmdline`, 'utf8')}${await readFile(`/proc/${id}/environ`, 'utf8')}`;
  stop.abort();
  await ended;
  delete process.env.QZ_TEST_SECRET;
  expect(shown).toContain('child.js');
  expect(shown).not.toContain('hidden');
  expect(shown).not.toContain(folder.path);
});

it('takes requests in turn; one cancelled in the queue answers at once', async () => {
  const request = await longRequest();
  const stop = new AbortController();
  const first = dataset.diff(request, never);
  const second = dataset.diff({ ...request, output: join(folder.path, 'second') }, stop.signal);
  const third = dataset.countRows(request.resource, request.baseline, never);
  stop.abort();
  await expect(second).rejects.toMatchObject({ code: 'QZ_DATASET_CANCELLED' });
  expect(await Promise.race([first.then(() => 'ended'), Promise.resolve('running')])).toBe('running');
  expect((await first).counts.inserted).toBe(600_000);
  expect(await third).toBe(50_000);
}, 60_000);

it('ends the running request when it is closed, and refuses later ones', async () => {
  const request = await longRequest();
  const running = expect(dataset.diff(request, never)).rejects.toMatchObject({
    code: 'QZ_DATASET_CANCELLED',
  });
  await childId();
  await dataset[Symbol.asyncDispose]();
  await running;
  await expect(dataset.diff(request, never)).rejects.toMatchObject({ code: 'QZ_DATASET_CLOSED' });
  await expectNothingLeft();
});

it('removes what a crash left with its first request, and nothing else', async () => {
  await mkdir(join(workDir, 'run-1-crashed', 'spill'), { recursive: true });
  await writeFile(join(workDir, 'run-1-crashed', 'spill', 'duckdb_temp'), 'x');
  await writeFile(join(workDir, 'kept'), 'x');
  // who is about to start may find that the folder belongs to a process that is at work
  await createDataset({ workDir });
  expect((await readdir(workDir)).toSorted()).toEqual(['kept', 'run-1-crashed']);
  const stop = new AbortController();
  const running = dataset.diff(await longRequest(), stop.signal).catch(() => undefined);
  await childId();
  const names = await readdir(workDir);
  stop.abort();
  await running;
  expect(names).not.toContain('run-1-crashed');
  expect(names).toContain('kept');
  expect(names).toHaveLength(2);
});
