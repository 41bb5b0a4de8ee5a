import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ScaffoldError, scaffoldConnector } from '../../config/templates/scaffold-connector.js';
import { rootFolder } from './workspace.js';

const run = promisify(execFile);
let root: string;

/** A copy of the workspace as far as a plugin sees it; packages and dependencies are the real ones. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'qianzhi-scaffold-'));
  for (const file of [
    'tsconfig.json',
    'tsconfig.base.json',
    'vitest.config.ts',
    'biome.json',
    'package.json',
  ]) {
    await cp(join(rootFolder, file), join(root, file));
  }
  for (const folder of ['node_modules', 'packages', 'test'])
    await symlink(join(rootFolder, folder), join(root, folder));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const tool = (path: string, ...args: string[]) =>
  run(process.execPath, [join(root, 'node_modules', path), ...args], { cwd: root }).catch(
    (error: { stdout?: string; stderr?: string }) => {
      throw new Error(`${path} failed:\n${error.stdout}\n${error.stderr}`);
    },
  );

it('a new connector compiles, lints and passes the contract', { timeout: 180_000 }, async () => {
  const folder = await scaffoldConnector({ root, name: 'river-gauge' });
  expect(folder).toBe('plugins/connector-river-gauge');
  const config = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8')) as {
    references: { path: string }[];
  };
  expect(config.references.at(-1)).toEqual({ path: folder });
  expect(await readFile(join(root, folder, 'src/errors.ts'), 'utf8')).toContain("defineErrors('RIVERGAUGE'");

  const fromSource = [
    '--noEmit',
    '--composite',
    'false',
    '--rootDir',
    '/',
    '--customConditions',
    '@qianzhi/source',
  ];
  await tool('typescript/bin/tsc', '-p', folder, ...fromSource);
  const longest = await scaffoldConnector({ root, name: 'a-name-of-forty-characters-in-all-its-le' });
  await tool('@biomejs/biome/bin/biome', 'check', folder, longest);
  const { stdout } = await tool('vitest/vitest.mjs', 'run', folder, '--reporter=json');
  const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
    numPassedTests: number;
    numFailedTests: number;
  };
  expect(report.numFailedTests).toBe(0);
  expect(report.numPassedTests).toBeGreaterThan(60);
});

it.each(['', 'Oracle', 'my connector', '../../etc', '9lives', 'a--b', 'x'.repeat(41)])(
  'refuses the name "%s"',
  async (name) => {
    await expect(scaffoldConnector({ root, name })).rejects.toThrow(ScaffoldError);
  },
);

it('refuses a name that is taken, and leaves what is there', async () => {
  await scaffoldConnector({ root, name: 'taken' });
  const before = await readFile(join(root, 'tsconfig.json'), 'utf8');
  await expect(scaffoldConnector({ root, name: 'taken' })).rejects.toThrow(/exists already/);
  expect(await readFile(join(root, 'tsconfig.json'), 'utf8')).toBe(before);
});
