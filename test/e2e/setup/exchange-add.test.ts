import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { resourceOf } from '../../fixtures/resource.js';
import { rowsOf, sql } from '../../fixtures/tables.js';
import { createRig, type Refusal, type Rig } from '../rig.js';
import { ENTER, inTerminal } from './terminal.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ADD = ['exchange', 'add'];
let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  sql(
    rig.at('legacy.sqlite'),
    'CREATE TABLE t_town (code TEXT PRIMARY KEY, townName TEXT, area INTEGER)',
    `INSERT INTO t_town VALUES ('441301', '桥东', 7), ('441302', '河南岸', 9)`,
    'CREATE TABLE other (id INTEGER PRIMARY KEY)',
    'CREATE TABLE typed (code TEXT PRIMARY KEY, town_name BLOB)',
  );
  const civil =
    'connectors:\n  # the legacy database\n  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }\n';
  await rig.enrol('mz', 'mz', civil);
  await rig.enrol('sw', 'sw', 'connectors:\n  own: { type: sqlite, path: ./own.sqlite, create: true }\n');
  const items = [{ column: 'code' }, { column: 'town_name', name: '名称' }];
  await rig.publish(resourceOf('town', items), 'mz');
  for (const code of ['moves', 'marks']) await rig.publish(resourceOf(code, items), 'mz');
  for (const code of ['lane', 'alley'])
    await rig.publish(resourceOf(code, [...items, { column: 'lane' }]), 'mz');
  await rig.subscribe('town');
});
afterAll(() => rig?.close());

const configOf = (agent: string) => readFile(rig.at(`${agent}.yaml`), 'utf8');
const lastExchange = async (agent: string) => parse(await configOf(agent)).exchanges.at(-1);
const at = (agent: string) => ['--config', `${agent}.yaml`];

describe('exchange add by flags', () => {
  it('proposes all the rest, on a machine whose agent never ran, and the exchange runs', async () => {
    const { code, answer } = await rig.json<object>([
      ...ADD,
      '--supply',
      'town',
      '--table',
      't_town',
      ...at('mz'),
    ]);
    const block = {
      name: 'supply-town',
      supply: 'town',
      connector: 'civil',
      strategy: 'diff',
      source: { table: 't_town', columns: { town_name: 'townName' } },
      schedule: { cron: expect.stringMatching(/^\d+ 2 \* \* \*$/) },
    };
    expect({ code, answer }).toMatchObject({
      code: 0,
      answer: {
        exchange: 'supply-town',
        block,
        preview: {
          rows: [
            ['441301', '桥东'],
            ['441302', '河南岸'],
          ],
        },
      },
    });
    expect(await lastExchange('mz')).toEqual(block);
    expect(await configOf('mz')).toContain('# the legacy database');
    await rig.startAgent('mz');
    expect(await rig.run('mz', 'supply-town')).toMatchObject({ state: 'done', summary: { stored: 2 } });
  });

  it('makes the target of what was granted', async () => {
    const consume = [...ADD, '--consume', 'town', ...at('sw')];
    const refused = await rig.json(consume);
    expect(refused).toMatchObject({ code: 5, answer: { error: { code: 'QZ_AGENT_TARGET_TABLE_MISSING' } } });
    const { code, answer } = await rig.json<object>([...consume, '--create']);
    expect({ code, answer }).toMatchObject({ code: 0, answer: { agent: 'not-running' } });
    expect(await lastExchange('sw')).toEqual({
      name: 'pull-town',
      consume: 'town',
      connector: 'own',
      target: { table: 'town', create: true },
      schedule: { cron: '*/10 * * * *' },
    });
    await rig.startAgent('sw');
    expect(await rig.run('sw', 'pull-town')).toMatchObject({ state: 'done' });
    expect(rowsOf(rig.at('own.sqlite'), 'town')).toEqual([
      ['441301', '桥东'],
      ['441302', '河南岸'],
    ]);
  });

  it('takes the change table that a DBA made by the plan', async () => {
    const table = ['--table', 't_town', ...at('mz')];
    const add = [...ADD, '--supply', 'moves', '--strategy', 'change-table', ...table];
    const refused = await rig.json<Refusal>(add);
    expect(refused).toMatchObject({ code: 2, answer: { error: { code: 'QZ_CLI_CAPTURE_BROKEN' } } });
    const plan = await rig.json<{ script: string; changeTable: object }>([
      'connector',
      'capture',
      'plan',
      'civil',
      ...table,
    ]);
    sql(rig.at('legacy.sqlite'), plan.answer.script);
    const { code } = await rig.json(add);
    expect(code).toBe(0);
    const { changeTable } = plan.answer;
    expect(changeTable).toMatchObject({ serial: 'qz_serial', purge: false });
    expect(await lastExchange('mz')).toMatchObject({ strategy: 'change-table', source: { changeTable } });
  });

  it.each([
    [
      'a resource that is supplied',
      ['--supply', 'town', '--table', 't_town', '--name', 'town-2'],
      6,
      'QZ_AGENT_SUPPLIED_ALREADY',
    ],
    [
      'a pick-up column nobody named',
      ['--supply', 'marks', '--table', 't_town', '--strategy', 'flag'],
      2,
      'QZ_CLI_INPUT_NEEDED',
    ],
    [
      'a pick-up column that cannot be set',
      ['--supply', 'marks', '--table', 't_town', '--flag-column', 'area'],
      2,
      'QZ_SQLITE_STRATEGY_UNFIT',
    ],
    [
      'a name that is taken',
      ['--supply', 'marks', '--table', 't_town', '--name', 'supply-town'],
      6,
      'QZ_AGENT_NAME_TAKEN',
    ],
    ['a resource nobody ordered', ['--supply', 'river', '--table', 't_town'], 4, 'QZ_AGENT_NOT_ORDERED'],
    ['no resource', ['--table', 't_town'], 2, 'QZ_CLI_INPUT_NEEDED'],
    ['no table', ['--supply', 'marks'], 2, 'QZ_CLI_INPUT_NEEDED'],
    ['a table that is not there', ['--supply', 'marks', '--table', 'none'], 5, 'QZ_AGENT_TABLE_UNKNOWN'],
    ['an item without a column', ['--supply', 'lane', '--table', 't_town'], 2, 'QZ_AGENT_MAPPING_INCOMPLETE'],
    [
      'a column that is not there',
      ['--supply', 'marks', '--table', 't_town', '--map', 'code=none'],
      2,
      'QZ_AGENT_MAPPING_WRONG',
    ],
    [
      'a strategy the connector has not',
      ['--supply', 'marks', '--table', 't_town', '--strategy', 'log'],
      2,
      'QZ_AGENT_STRATEGY_UNSUPPORTED',
    ],
    [
      'a schedule that is none',
      ['--supply', 'marks', '--table', 't_town', '--cron', 'soon'],
      2,
      'QZ_AGENT_CONFIG_WRONG',
    ],
    ['a source that cannot be read so', ['--supply', 'marks', '--table', 'typed'], 2, 'QZ_SQLITE_TYPE_UNFIT'],
    [
      'a connector that is not there',
      ['--supply', 'marks', '--table', 't_town', '--connector', 'x'],
      5,
      'QZ_AGENT_CONNECTOR_UNKNOWN',
    ],
  ])('%s: nothing is written', async (_, flags, exit, expected) => {
    const before = await configOf('mz');
    const { code, answer } = await rig.json<Refusal>([...ADD, ...flags, ...at('mz')]);
    expect({ code, error: answer.error.code }, JSON.stringify(answer)).toEqual({
      code: exit,
      error: expected,
    });
    expect(await configOf('mz')).toBe(before);
  });

  it('says each refusal in both languages', async () => {
    const refused = [...ADD, '--supply', 'lane', '--table', 't_town', ...at('mz')];
    expect((await rig.qz(refused, { env: { QZ_LANG: 'zh' } })).err).toMatch(/找不到.*lane/);
    expect((await rig.qz(refused)).err).toMatch(/no columns for these items: lane/);
  });

  it('takes a constant where no column holds an item', async () => {
    const flags = [
      '--supply',
      'lane',
      '--table',
      't_town',
      '--set',
      'columns.lane={const: "1"}',
      '--cron',
      '',
    ];
    const { code, answer } = await rig.json<object>([...ADD, ...flags, ...at('mz')]);
    expect(code, JSON.stringify(answer)).toBe(0);
    const written = await lastExchange('mz');
    expect(written.source.columns.lane).toEqual({ const: '1' });
    expect(written.schedule).toEqual({});
  });
});

describe('exchange add at a terminal', () => {
  it('asks, shows the mapping and the first rows', async () => {
    const { code, shown } = await inTerminal(
      [...ADD, ...at('mz')],
      [
        { at: 'alley', type: ENTER },
        { at: 'table', type: ENTER },
        { at: 'name of the exchange', type: `again${ENTER}` },
        { at: 'lane (lane)', type: ENTER },
        { at: 'is this right?', type: ENTER },
        { at: 'read strategy', type: ENTER },
        { at: 'schedule (cron)', type: ENTER },
      ],
      rig.folder,
    );
    expect(code, shown).toBe(0);
    expect(shown).toMatch(/similar name/);
    expect(shown).toMatch(/the running agent has taken it/);
    expect(await lastExchange('mz')).toMatchObject({ name: 'again', strategy: 'diff' });
  });
});

it('takes a pick-up column by its own flags: what was read is set done', async () => {
  const path = rig.at('legacy.sqlite');
  sql(path, 'ALTER TABLE t_town ADD COLUMN picked TEXT', `UPDATE t_town SET picked = 'N'`);
  await rig.qz([
    'connector',
    'add',
    '--type',
    'sqlite',
    '--name',
    'front',
    '--set',
    `path=${path}`,
    ...at('mz'),
  ]);
  const flags = ['--connector', 'front', '--table', 't_town', '--flag-column', 'picked'];
  const values = ['--pending', 'N', '--done', 'Y', '--cron', ''];
  const { code, answer } = await rig.json<object>([
    ...ADD,
    '--supply',
    'marks',
    ...flags,
    ...values,
    ...at('mz'),
  ]);
  expect({ code, answer }).toMatchObject({ code: 0, answer: { agent: 'taken' } });
  const { name, source } = await lastExchange('mz');
  expect(source.flag).toEqual({ column: 'picked', pending: 'N', done: 'Y' });
  for (let run = 0; run < 2; run++) expect(await rig.run('mz', name)).toMatchObject({ state: 'done' });
  expect(rowsOf(path, 't_town').map((row) => row.at(-1))).toEqual(['Y', 'Y']);
});
