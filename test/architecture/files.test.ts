import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allSources, filesBelow, nameOfFile, rootFolder, workspace } from './workspace.js';

const maxLines = 300;

/** Longer files, each with the reason why splitting would make it worse. */
const longFiles: Readonly<Record<string, string>> = {};

/** Entries beside a package's root, declared in its package.json `exports`. */
const otherEntries = new Set(['packages/model/src/crypto/index.ts']);

const tests = filesBelow(join(rootFolder, 'test'), ['.ts']).map((path) => ({
  path: relative(rootFolder, path),
  text: readFileSync(path, 'utf8'),
}));

describe('files', () => {
  it(`have at most ${maxLines} lines`, () => {
    const long = [...allSources, ...tests]
      .filter((file) => file.text.split('\n').length > maxLines + 1 && !(file.path in longFiles))
      .map((file) => `${file.path}: ${file.text.split('\n').length - 1} lines`);
    expect(long).toEqual([]);
  });

  it('on the list of long files are still there and still long', () => {
    const stale = Object.keys(longFiles).filter((path) => {
      const file = allSources.find((each) => each.path === path);
      return !file || file.text.split('\n').length <= maxLines + 1;
    });
    expect(stale).toEqual([]);
  });

  it('are named for what is in them', () => {
    const vague = allSources.filter((file) =>
      /(^|[/.-])(utils?|common|helpers?|misc|shared)([/.-]|$)/.test(file.path),
    );
    expect(vague.map((file) => file.path)).toEqual([]);
  });

  it('have kebab-case names', () => {
    const odd = allSources.filter(
      (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.mocked)?(\.test|\.test-d|\.d)?\.(ts|vue)$/.test(nameOfFile(file)),
    );
    expect(odd.filter((file) => !file.path.endsWith('.vue')).map((file) => file.path)).toEqual([]);
  });

  it('are named .mocked.test.ts where they mock a module, and only there: such a file has a process of its own', () => {
    const odd = [...allSources, ...tests].filter(
      ({ path, text }) => path.endsWith('.mocked.test.ts') !== /\bvi\s*\.(mock|doMock)\(/.test(text),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it('are called index.ts only at the root of a package or where a command is a topic', () => {
    const roots = new Set(workspace.map(({ area, name }) => `${area}/${name}/src/index.ts`));
    const others = allSources.filter(
      ({ path }) =>
        path.endsWith('/index.ts') &&
        !roots.has(path) &&
        !otherEntries.has(path) &&
        !path.startsWith('packages/cli/src/commands/'),
    );
    expect(others.map((file) => file.path)).toEqual([]);
  });

  it('hold no work left for later', () => {
    const left = allSources.filter((file) =>
      /\b(TODO|FIXME|XXX|comes with the next commit)\b/.test(file.text),
    );
    expect(left.map((file) => file.path)).toEqual([]);
  });
});
