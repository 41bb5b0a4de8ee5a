import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QueryService } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { testFolders } from '../testing/folder.js';
import { csvOf } from './csv.js';
import { parseParameters, readLookups } from './lookups.js';

const testFolder = testFolders();

const parameter = (name: string, required = true) => ({ name, item: name, required });
const service = (...parameters: QueryService['parameters']): QueryService => ({
  name: 's',
  summary: '',
  parameters,
  items: ['a'],
  maxRows: 1,
});

describe('what is asked with', () => {
  const file = async (text: string) => {
    const path = join(await testFolder(), 'keys');
    await writeFile(path, text);
    return path;
  };

  it('is name=value, and a wrong one is not repeated', () => {
    expect(parseParameters(['code=a=b', 'name='])).toEqual({ code: 'a=b', name: '' });
    const wrong = () => parseParameters(['441302199001011234']);
    expect(wrong).toThrow(expect.objectContaining({ code: 'QZ_CLI_FLAG_WRONG' }));
    expect(wrong).not.toThrow(/441302199001011234/);
  });

  it('comes from a file, one value or one object a line', async () => {
    const lookups = await readLookups(
      await file('\ufeffa\r\n\r\nb\n{"code":"c","name":null}\n'),
      {},
      service(parameter('code'), parameter('name', false)),
    );
    expect(lookups).toEqual([{ code: 'a' }, { code: 'b' }, { code: 'c', name: null }]);
    const given = await readLookups(
      await file('a\n'),
      { year: '2026' },
      service(parameter('year'), parameter('code')),
    );
    expect(given).toEqual([{ year: '2026', code: 'a' }]);
    const closed = readLookups(await file('a\n'), { code: 'b' }, service(parameter('code')));
    await expect(closed).rejects.toThrow(/--param/);
  });

  it.each([
    ['a\n', 1],
    ['{"code":"a","name":"b"}\n{"code":1}\n', 2],
    ['{"code":\n', 1],
    [`${'{"code":"a"}\n'.repeat(1_000)}{"code":"b"}`, 1_001],
  ])('is refused with its line, not with its value: %j', async (text, line) => {
    const two = service(parameter('code'), parameter('name'));
    await expect(readLookups(await file(text), {}, two)).rejects.toMatchObject({
      code: 'QZ_CLI_FILE_WRONG',
      details: { line },
    });
  });
});

it('a CSV keeps null apart from an empty text, and lets no cell be a formula', () => {
  const { text, neutralised } = csvOf(
    ['a', 'b'],
    [
      ['x,"y"', null],
      ['', '-1.50'],
      ['=1+1', '多\n行'],
      ['@a', '-x'],
    ],
  );
  expect(text).toBe(`\ufeffa,b\r\n"x,""y""",\r\n"",-1.50\r\n'=1+1,"多\n行"\r\n'@a,'-x\r\n`);
  expect(neutralised).toBe(3);
});
