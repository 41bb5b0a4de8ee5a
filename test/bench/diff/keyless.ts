import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataset, type RowFile } from '@qianzhi/dataset';
import { enterpriseResource } from '../chain/enterprise.js';
import { rounded } from '../options.js';
import { newestCopies } from './native.js';
import { watchWork } from './watch-work.js';

/**
 * The two newest copies compared as if they had no key, and some thousand rows twice: a resource without one cannot be published, so there is no
 * chain to measure.
 */
export async function compareKeyless(copies: string, folder: string) {
  mkdirSync(folder);
  const resource = enterpriseResource('keyless');
  const keyless = { ...resource, items: resource.items.map(({ key: _, ...item }) => item) };
  const [a, b] = newestCopies(copies).map(filesOf);
  await using dataset = await createDataset({ workDir: join(folder, 'dataset') });
  await using watch = watchWork(process.pid, folder);
  const start = performance.now();
  const request = { resource: keyless, a: [...a!, a![0]!], b: [...b!, a![0]!] };
  const { onlyInA, onlyInB } = await dataset.compareSets(request, new AbortController().signal);
  const seconds = rounded((performance.now() - start) / 1000);
  const { childPeakMiB = 0, workMB } = watch.seen();
  return { seconds, childPeakMiB, workMB, onlyInA, onlyInB };
}

function filesOf(copy: string): RowFile[] {
  const { files } = JSON.parse(readFileSync(join(copy, 'candidate.json'), 'utf8')) as { files: RowFile[] };
  return files.map((file) => ({ ...file, path: join(copy, file.path) }));
}
