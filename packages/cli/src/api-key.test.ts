import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

it('makes no key where its text cannot be written: nobody would have it', async () => {
  const cwd = await testFolder();
  const config = 'platform: { url: http://127.0.0.1:9 }\nstateDir: ./state\n';
  await writeFile(join(cwd, 'agent.yaml'), config);
  const create = () =>
    runProgram(['api-key', 'create', 'crm', '--scope', 'push:firm', '--out', 'crm.key', '--json'], { cwd });
  const first = await create();
  expect(first.code, first.err).toBe(0);
  const text = await readFile(join(cwd, 'crm.key'), 'utf8');

  const second = await create();
  expect(second.code).toBe(6);
  expect(JSON.parse(second.out).error.code).toBe('QZ_CLI_FILE_EXISTS');
  expect(await readFile(join(cwd, 'crm.key'), 'utf8')).toBe(text);
  const { keys } = JSON.parse((await runProgram(['api-key', 'list', '--json'], { cwd })).out);
  expect(keys.map(({ id }: { id: string }) => id)).toEqual([JSON.parse(first.out).id]);
});
