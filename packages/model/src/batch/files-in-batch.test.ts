import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogResource } from '../catalog/resource.js';
import { fileListText, readFileList } from './file-list.js';
import { type FilePart, removedFile } from './file-part.js';
import {
  endedFileBytes,
  filesProblem,
  MOST_WHOLE_FILES,
  wholeFilesProblem,
  withContent,
} from './files-in-batch.js';

const papers = { content: 'files', items: [{ column: 'file', type: 'G', length: 1000 }] } as CatalogResource;
const file = (name: string, change: Partial<FilePart> = {}): FilePart => ({
  name,
  size: 3,
  digest: `sha-256:${'A'.repeat(43)}`,
  mediaType: 'application/pdf',
  modifiedAt: '2026-01-01T00:00:00.000Z',
  offset: 0,
  ...change,
});
const read = (text: string) => readFileList(Buffer.from(text));

describe('a list of whole files', () => {
  it('is read back as it was written, whatever the names', () => {
    const one = fc.record({ name: fc.string({ unit: 'grapheme' }), size: fc.nat() });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1 }), (some) => {
        const files = some.map(({ name, size }) => file(name, { size }));
        expect(read(fileListText(files))).toEqual(files);
      }),
    );
  });

  it('may name files that were taken away, which hold nothing', () => {
    const files = [removedFile('a.pdf', new Date(0)), file('b.pdf')];
    expect(read(fileListText(files))).toEqual(files);
    expect(wholeFilesProblem(files, 2, papers)).toBeUndefined();
    const full = [file('a.pdf', { removed: true })];
    expect(read(fileListText(full))).toEqual(full);
    expect(wholeFilesProblem(full, 1, papers)?.en).toMatch(/^file 1 of its list: a removed file/);
  });

  const line = fileListText([file('a.pdf')]).trimEnd();
  it.each([
    ['without its last line end', line],
    ['with an empty line', `${line}\n\n`],
    ['with blanks', `${line.replace(',', ', ')}\n`],
    ['with one field more', `${line.replace(']', ',1]')}\n`],
    ['of a file taken away in other words', `${line.replace(']', ',true]')}\n`],
    ['with one field more behind that', `${line.replace(']', ',"removed",1]')}\n`],
    ['of a part', `${line.replace(/0\]$/, '1]')}\n`],
    ['of a size below nothing', `${line.replace(',3,', ',-3,')}\n`],
    ['of a size that is text', `${line.replace(',3,', ',"3",')}\n`],
    ['that is no list', '{}\n'],
    ['that is no JSON', 'a.pdf\n'],
  ])('is not read %s', (_, text) => {
    expect(read(`${line}\n`)).toEqual([file('a.pdf')]);
    expect(read(text)).toBeUndefined();
  });
});

describe('a batch of whole files', () => {
  const manifest = { kind: 'files', wholeFiles: { listBytes: 10 }, rows: 2, rawBytes: 16 } as const;

  it('counts the bytes of its files', () => {
    expect(filesProblem(manifest, papers)).toBeUndefined();
    expect(endedFileBytes(manifest)).toBe(6);
    expect(endedFileBytes({ kind: 'files', file: file('a'), rows: 0, rawBytes: 2 })).toBe(0);
    expect(endedFileBytes({ kind: 'files', file: file('a'), rows: 1, rawBytes: 3 })).toBe(3);
    expect(endedFileBytes({ kind: 'delta', rows: 1, rawBytes: 3 })).toBeUndefined();
  });

  it.each([
    ['is one of a part, too', { ...manifest, file: file('a.pdf') }],
    ['has none', { ...manifest, rows: 0 }],
    ['has too many', { ...manifest, rows: MOST_WHOLE_FILES + 1 }],
    ['has a list longer than itself', { ...manifest, rawBytes: 9 }],
    ['is one of rows', { ...manifest, kind: 'delta' as const }],
    ['says nothing', { ...manifest, wholeFiles: undefined }],
  ])('that %s is refused', (_, wrong) => {
    expect(filesProblem(wrong, papers)).toMatchObject({ zh: expect.any(String), en: expect.any(String) });
  });

  it.each([
    ['another count', [file('a.pdf')]],
    ['a name twice but for letter case', [file('a.pdf'), file('A.PDF')]],
    ['a path', [file('a.pdf'), file('../b.pdf')]],
    ['a file over the size of the catalog', [file('a.pdf'), file('b.pdf', { size: 1001 })]],
    ['a digest that is none', [file('a.pdf'), file('b.pdf', { digest: 'sha-256:x' })]],
    ['a time that is none', [file('a.pdf'), file('b.pdf', { modifiedAt: 'yesterday' })]],
  ])('whose list has %s is refused, and told which', (what, files) => {
    const problem = wholeFilesProblem(files, 2, papers);
    expect(problem?.en).toMatch(what === 'another count' ? /count/ : /^file 2 of its list/);
    expect(wholeFilesProblem([file('a.pdf'), file('b.pdf')], 2, papers)).toBeUndefined();
  });

  it('gives each file its bytes', () => {
    const files = [file('a', { size: 2 }), file('b', { size: 0 }), file('c', { size: 1 })];
    const contents = withContent(files, Buffer.from('xyz')).map(({ content }) =>
      Buffer.from(content).toString(),
    );
    expect(contents).toEqual(['xy', '', 'z']);
  });
});
