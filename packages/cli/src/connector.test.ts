import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

let cwd = '';
beforeAll(async () => {
  cwd = await testFolder();
  const database = new Database(join(cwd, 'legacy.sqlite'));
  database.exec('CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT)');
  const insert = database.prepare('INSERT INTO town VALUES (?, ?, ?)');
  insert.run('441301', '桥东\t街道', null);
  insert.run('441302', '河南岸', 'a\\b');
  database.close();
  const config = [
    'platform: { url: http://127.0.0.1:9 }',
    'connectors:',
    '  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }',
    '  gone: { type: sqlite, path: ./nowhere.sqlite }',
    '  odd: { type: sqlit, path: ./a }',
    'exchanges:',
    '  - { name: supply-town, supply: town, connector: civil, source: { table: town } }',
    '  - { name: pull-town, consume: town, connector: gone, target: { table: town } }',
  ];
  await writeFile(join(cwd, 'agent.yaml'), config.join('\n'));
});

const json = async (...args: string[]) => {
  const { code, out } = await runProgram([...args, '--json'], { cwd });
  return { code, answer: JSON.parse(out) };
};

describe('connector check', () => {
  it('proves a connector, whatever is wrong with others', async () => {
    const { code, out } = await runProgram(['connector', 'check', 'civil'], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/✓ civil/);
  });

  it.each([
    ['gone', 5, 'QZ_SQLITE_FILE_MISSING'],
    ['odd', 2, 'QZ_PLUGIN_UNKNOWN'],
    ['none', 5, 'QZ_AGENT_CONNECTOR_UNKNOWN'],
  ])('%s: exit %i, %s', async (name, exit, code) => {
    expect(await json('connector', 'check', name)).toMatchObject({ code: exit, answer: { error: { code } } });
  });
});

describe('connector discover', () => {
  it('lists tables, and the columns of one', async () => {
    const { answer } = await json('connector', 'discover', 'civil', '--table', 'town');
    expect(answer.tables).toMatchObject([
      {
        table: 'town',
        primaryKey: ['code'],
        columns: [{ name: 'code' }, { name: 'name' }, { name: 'note' }],
      },
    ]);
    const { out } = await runProgram(['connector', 'discover', 'civil'], { cwd });
    expect(out).toContain('town');
  });

  it('without a name lists those of every connector, and tells of one that cannot be asked', async () => {
    const { code, answer } = await json('connector', 'discover');
    expect(code).toBe(2);
    expect(answer.tables).toMatchObject([{ connector: 'civil', table: 'town' }]);
    expect(answer.failed).toMatchObject([
      { connector: 'gone', error: { code: 'QZ_SQLITE_FILE_MISSING' } },
      { connector: 'odd', error: { code: 'QZ_PLUGIN_UNKNOWN' } },
    ]);
  });

  it('says that a table is not there', async () => {
    expect(await json('connector', 'discover', 'civil', '--table', 'nope')).toMatchObject({
      code: 5,
      answer: { error: { code: 'QZ_AGENT_TABLE_UNKNOWN' } },
    });
  });
});

describe('connector preview', () => {
  it('hides the values of a bare table, nulls apart', async () => {
    const { answer } = await json('connector', 'preview', 'civil', '--table', 'town');
    expect(answer.rows).toEqual([
      ['***', '***', null],
      ['***', '***', '***'],
    ]);
  });

  it('shows them exactly with --reveal, as many as wanted', async () => {
    const { answer } = await json('connector', 'preview', 'civil', '--table', 'town', '--reveal');
    expect(answer.rows).toEqual([
      ['441301', '桥东\t街道', null],
      ['441302', '河南岸', 'a\\b'],
    ]);
    const one = await json('connector', 'preview', 'civil', '--table', 'town', '--reveal', '--limit', '1');
    expect(one.answer.rows).toHaveLength(1);
  });

  it.each([
    [['--exchange', 'supply-town'], 'QZ_AGENT_NOT_ENROLLED'],
    [['--exchange', 'nope'], 'QZ_AGENT_EXCHANGE_UNKNOWN'],
    [['--exchange', 'pull-town'], 'QZ_AGENT_PREVIEW_CONSUMES'],
    [['civil'], 'QZ_CLI_ARGUMENT_MISSING'],
  ])('%j: %s', async (args, code) => {
    expect((await json('connector', 'preview', ...args)).answer.error.code).toBe(code);
  });
});
