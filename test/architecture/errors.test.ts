import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DeclaredError, declaredErrors } from '@qianzhi/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLinesIn, problemOf, readCommands, withoutLanguage } from './commands.js';
import { allSources, filesBelow, nameOfFile, rootFolder } from './workspace.js';

/** Not `${env:QZ_…}`, a flag's `env: 'QZ_…'` or `QZ_…=value`: environment variables begin with QZ_, too. */
const codePattern = /(?<!env:(?: ')?)\bQZ_[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b(?!_?\*|=)/g;

let declared: readonly DeclaredError[] = [];

beforeAll(async () => {
  const tables = allSources.filter(isErrorTable);
  for (const { path } of tables) await import(pathToFileURL(join(rootFolder, path)).href);
  const ours = tables.flatMap(({ text }) => [...text.matchAll(/\bdefineErrors\(\s*'(\w+)'/g)]);
  // other tests in this process declare some of their own
  declared = declaredErrors().filter(({ code }) => ours.some(([, owner]) => code.startsWith(`QZ_${owner}_`)));
});

/** `errors.ts`, or the parts of one too long: the files of a folder `errors`. */
function isErrorTable(file: (typeof allSources)[number]): boolean {
  return !file.isTest && (nameOfFile(file) === 'errors.ts' || file.path.split('/').at(-2) === 'errors');
}

const ownerOf = (code: string) => code.split('_')[1]!;

describe('error codes', () => {
  it('are declared in the error tables of their package alone', () => {
    const elsewhere = allSources.filter(
      (file) =>
        /\bdefineErrors\(/.test(file.text) &&
        !isErrorTable(file) &&
        !file.isTest &&
        !file.path.endsWith('/define-errors.ts'),
    );
    expect(elsewhere.map((file) => file.path)).toEqual([]);
  });

  it('have a message and a hint in Chinese and English', () => {
    expect(declared.length).toBeGreaterThan(20);
    const bare = declared.filter(
      ({ zh, en }) =>
        !/\p{Script=Han}/u.test(zh.message) ||
        !/\p{Script=Han}/u.test(zh.hint) ||
        !/[a-z]{2}/i.test(en.message) ||
        !/[a-z]{2}/i.test(en.hint),
    );
    expect(bare.map((error) => error.code)).toEqual([]);
  });

  it('tell the same facts in both languages', () => {
    const facts = ({ message, hint }: DeclaredError['zh']) =>
      [
        ...new Set(
          `${message} ${hint}`
            // A fact that is words itself comes in both languages: {problemZh} and {problem} or {problemEn}.
            .replace(/(Zh|En)\}/g, '}')
            .match(/\{\w+\}/g),
        ),
      ]
        .sort()
        .join(' ');
    const uneven = declared.filter(({ zh, en }) => facts(zh) !== facts(en));
    expect(uneven.map(({ code, zh, en }) => `${code}: ${facts(zh)} / ${facts(en)}`)).toEqual([]);
  });

  it('name commands that run as they are printed, once the details fill their places', () => {
    const commands = readCommands();
    const named = declared.flatMap(({ code, zh, en }) =>
      commandLinesIn(`${zh.hint}\n${en.hint}`).map((line) => ({ code, line })),
    );
    expect(named.length).toBeGreaterThan(200);
    const wrong = named.flatMap(({ code, line }) => {
      const problem = problemOf(line, commands);
      return problem ? [`${code}: ${line}: ${problem}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  it('name the same commands in both languages', () => {
    const lines = (hint: string) => commandLinesIn(hint).map(withoutLanguage).sort();
    const uneven = declared.filter(({ zh, en }) => `${lines(zh.hint)}` !== `${lines(en.hint)}`);
    expect(uneven.map(({ code, zh, en }) => `${code}: ${lines(zh.hint)} / ${lines(en.hint)}`)).toEqual([]);
  });

  it('named in sources and documents exist', () => {
    const known = new Set(declared.map((error) => error.code));
    const owners = new Set([...known].map(ownerOf));
    const documents = filesBelow(rootFolder, ['.md', '.yaml', '.yml']).map((path) => ({
      path: relative(rootFolder, path),
      text: readFileSync(path, 'utf8'),
      mustBeOurs: true,
    }));
    const sources = allSources.filter((file) => !file.isTest).map((file) => ({ ...file, mustBeOurs: false }));
    const unknown = [...documents, ...sources].flatMap(({ path, text, mustBeOurs }) =>
      [...text.matchAll(codePattern)]
        .map(([code]) => code)
        // In sources, where variables stand alone, only codes of a known owner are judged.
        .filter((code) => !known.has(code) && (mustBeOurs || owners.has(ownerOf(code))))
        .filter((code) => ![...known].some((other) => other.startsWith(`${code}_`)))
        .map((code) => `${path} names ${code}`),
    );
    expect(unknown).toEqual([]);
  });
});
