import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { storeDisk } from '../files/durable-folder.js';
import { appendLines } from './evidence-file.js';

const disk = storeDisk('evidence');
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-evidence-'));
  path = join(folder, 'evidence.jsonl');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

it('adds behind what counts, over what a crash left', async () => {
  const length = await appendLines(disk, path, 0, ['one']);
  await appendLines(disk, path, length, ['lost']);
  expect(await appendLines(disk, path, length, ['two'])).toBe(8);
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
});

it('is not believed where the disk took a part alone', async () => {
  const handle = await open(path, 'w');
  const proto = Object.getPrototypeOf(handle);
  await handle.close();
  const { write } = proto;
  vi.spyOn(proto, 'write').mockImplementation(function (this: unknown, bytes, at, _, position) {
    return write.call(this, bytes, at, 1, position);
  });
  const length = await appendLines(disk, path, 0, ['one', 'two']);
  expect([readFileSync(path, 'utf8'), length]).toEqual(['one\ntwo\n', 8]);
});

it('is refused where the file lost some of what counts', async () => {
  const length = await appendLines(disk, path, 0, ['one', 'two']);
  truncateSync(path, 5);
  await expect(appendLines(disk, path, length, ['three'])).rejects.toMatchObject({
    code: 'QZ_ENGINE_EVIDENCE_SHORT',
  });
  expect(statSync(path).size).toBe(5);
});
