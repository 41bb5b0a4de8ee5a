import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { tempFolder } from '../testing/temp-folder.js';
import { stampOf, watchConfigFile } from './watch-file.js';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function watched(text: string, meanwhile: (file: string) => Promise<void> = async () => undefined) {
  const file = join(await tempFolder(), 'agent.yaml');
  await writeFile(file, text);
  const stamp = await stampOf(file);
  await meanwhile(file);
  const changed = vi.fn();
  ends.push(watchConfigFile(file, stamp, changed));
  return { file, changed };
}

const called = (changed: ReturnType<typeof vi.fn>, times: number) =>
  vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(times), { timeout: 20_000, interval: 50 });

it('notices what was written after the file was read and before it was watched', async () => {
  const { changed } = await watched('a', (file) => writeFile(file, 'b'));
  await called(changed, 1);
});

it('tells of each later change once: written, removed, put back', { timeout: 60_000 }, async () => {
  const { file, changed } = await watched('a');
  await writeFile(file, 'bb');
  await called(changed, 1);
  await rm(file);
  await called(changed, 2);
  await writeFile(file, 'a');
  await called(changed, 3);
});
