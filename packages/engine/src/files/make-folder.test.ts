import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes what is missing, for its owner alone, and answers the topmost of it', async () => {
  expect(await makeFolder(join(folder, 'a/b/c'))).toBe(join(folder, 'a'));
  expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o700);
  expect(await makeFolder(join(folder, 'a/d'))).toBe(join(folder, 'a/d'));
  expect(await makeFolder(join(folder, 'a/b/c'))).toBeUndefined();
});

it('says so below a link that leads nowhere, as to a disk that is not mounted', async () => {
  symlinkSync(join(folder, 'not-mounted'), join(folder, 'outbox'));
  await expect(makeFolder(join(folder, 'outbox/village'))).rejects.toMatchObject({ code: 'ENOENT' });
});
