import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameKey, fileNameProblem, MAX_FILE_NAME_BYTES } from './file-name.js';

describe('a name of a file', () => {
  it.each([
    '营业执照(副本).pdf',
    'a b.tar.gz',
    '𠮷野家.jpg',
    'é.txt',
    'con1.pdf',
    'communes.csv',
    '-rf',
    `${'长'.repeat(80)}`,
  ])('%j is carried', (name) => {
    expect(fileNameProblem(name)).toBeUndefined();
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/../b',
    '/etc/passwd',
    'a\\b',
    'C:x',
    'a\0',
    'a\nb',
    'a\u0085b',
    '.hidden',
    'x.',
    'x ',
    'CON',
    'con.txt',
    'Aux .pdf',
    'COM1',
    'lpt\u00b9.log',
    'x\u202egpj.exe',
    'a\u200bb',
    'a\ufffdb',
    'a\ud800',
    `${'长'.repeat(80)}x`,
  ])('%j is not', (name) => {
    expect(fileNameProblem(name)).toMatchObject({ zh: expect.any(String), en: expect.any(String) });
  });

  it('that is carried is one name below whatever folder, and fits into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        if (fileNameProblem(name)) return;
        const { pathname } = new URL(encodeURIComponent(name), 'file:///a/b/');
        expect(decodeURIComponent(pathname)).toBe(`/a/b/${name}`);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_FILE_NAME_BYTES);
      }),
    );
  });

  it('is another one’s where only letter case, or the writing of accents, differs', () => {
    expect(fileNameKey('A.PDF')).toBe(fileNameKey('a.pdf'));
    expect(fileNameKey('e\u0301.txt')).toBe(fileNameKey('\u00c9.TXT'));
    expect(fileNameKey('甲.pdf')).not.toBe(fileNameKey('乙.pdf'));
  });
});
