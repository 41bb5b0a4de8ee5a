import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

let cwd = '';
let database: Database.Database;
beforeAll(async () => {
  cwd = await testFolder();
  database = new Database(join(cwd, 'legacy.sqlite'));
  database.exec(`CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT); CREATE TABLE note (text TEXT)`);
  const config = [
    'platform: { url: http://127.0.0.1:9 }',
    'connectors:',
    '  civil: { type: sqlite, path: ./legacy.sqlite }',
  ];
  await writeFile(join(cwd, 'agent.yaml'), config.join('\n'));
});

const capture = (command: string, ...more: string[]) =>
  runProgram(['connector', 'capture', command, 'civil', '--table', 'town', ...more], { cwd });
const objects = () =>
  database.prepare(`SELECT count(*) FROM sqlite_master WHERE name LIKE 'qianzhi%'`).pluck().get();

describe('connector capture', () => {
  it('writes a script that a DBA runs as it stands, with how to undo it', async () => {
    expect(await capture('plan', '--out', 'capture.sql')).toMatchObject({
      code: 0,
      err: expect.stringContaining('✓ 已写入 capture.sql'),
    });
    expect(objects()).toBe(0);
    const script = await readFile(join(cwd, 'capture.sql'), 'utf8');
    expect(script).toMatch(/^-- .*审阅/);
    database.exec(script);
    expect(objects()).toBe(4);
    expect((await capture('check')).code).toBe(0);
    const undo = script.slice(script.indexOf('-- 撤销')).match(/^-- DROP .*$/gm)!;
    for (const line of undo) database.exec(line.slice(3));
    expect(objects()).toBe(0);
  });

  it('asks before it makes or drops anything', async () => {
    for (const command of ['install', 'remove']) {
      const { code, err } = await capture(command);
      expect(code).toBe(2);
      expect(err).toContain('QZ_CLI_INPUT_NEEDED');
    }
    expect(objects()).toBe(0);
  });

  it('makes it, tells what the exchange has to say, finds what is amiss, and drops it again', async () => {
    const made = await capture('install', '--yes', '--json');
    expect(made.code).toBe(0);
    expect(JSON.parse(made.out)).toMatchObject({
      changeTable: { serial: 'qz_serial', op: 'qz_op', purge: true },
    });
    const [trigger] = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).pluck().all();
    database.exec(`DROP TRIGGER "${trigger}"`);
    const { code, err, out } = await capture('check');
    expect(code).toBe(2);
    expect(out).toContain(`✗ 触发器 ${trigger}`);
    expect(err).toContain('qianzhi connector capture install civil --table town');
    expect((await capture('install', '--yes')).code).toBe(0);
    expect((await capture('check')).code).toBe(0);
    expect((await capture('remove', '--yes')).code).toBe(0);
    expect(objects()).toBe(0);
  });

  it('tells by a code of a table without a key', async () => {
    const keyless = await runProgram(['connector', 'capture', 'plan', 'civil', '--table', 'note'], { cwd });
    expect(keyless.err).toContain('QZ_SQLITE_CAPTURE_UNFIT');
  });
});
