import type { CatalogItem } from '@qianzhi/model';
import type { ColumnDescription, ConnectorCapabilities, TableDescription } from '@qianzhi/plugin-api';
import { Cron } from 'croner';
import { describe, expect, it } from 'vitest';
import { columnMapping, matchColumns } from './match-columns.js';
import { proposeConsumeSchedule, proposeSupplySchedule } from './propose-schedule.js';
import { proposeStrategies } from './propose-strategy.js';

const item = (column: string, name: string): CatalogItem => ({ column, name, type: 'C' });
const column = (name: string, more: Partial<ColumnDescription> = {}): ColumnDescription => ({
  name,
  nativeType: 'text',
  type: 'C',
  length: null,
  precision: null,
  scale: null,
  nullable: true,
  comment: null,
  ...more,
});

describe('columns for items', () => {
  const items = [
    item('code', '代码'),
    item('street_code', '街道代码'),
    item('sex', '性别'),
    item('note', '备注'),
  ];

  it('are guessed by name, by a name that is alike, then by comment', () => {
    const columns = [
      column('xb', { comment: '性别:1男2女' }),
      column('streetCode'),
      column('code'),
      column('dm', { comment: '代码' }),
    ];
    const matches = matchColumns(items, columns);
    expect(matches.map(({ column: found, by }) => [found?.name, by])).toEqual([
      ['code', 'name'],
      ['streetCode', 'similar'],
      ['xb', 'comment'],
      [undefined, undefined],
    ]);
    expect(columnMapping(matches)).toEqual({ street_code: 'streetCode', sex: 'xb' });
  });

  it('are never guessed twice, and what a person says stands', () => {
    const columns = [column('code'), column('a', { comment: '性别' }), column('b', { comment: '备注' })];
    const told = new Map([
      ['sex', 'b'],
      ['note', 'code'],
    ]);
    expect(matchColumns(items, columns, told).map(({ column: found }) => found?.name)).toEqual([
      'code',
      undefined,
      'b',
      'code',
    ]);
  });
});

const all: ConnectorCapabilities['read'] = ['snapshot', 'watermark'];
const capabilities = (read = all) => ({ read }) as unknown as ConnectorCapabilities;
const table = (more: Partial<TableDescription>): TableDescription => ({
  schema: null,
  table: 't',
  kind: 'table',
  rows: 500,
  comment: null,
  columns: [
    column('created_at', { type: 'T', nullable: false }),
    column('updated_at', { type: 'T' }),
    column('gxsj', { type: 'T', nullable: false }),
    column('update_user'),
  ],
  primaryKey: ['id'],
  indexed: ['created_at', 'updated_at'],
  ...more,
});
const keyed: readonly CatalogItem[] = [{ ...item('code', '代码'), key: true }];
const proposed = (more: Partial<TableDescription>, cycle = 'daily', read = all) =>
  proposeStrategies(capabilities(read), table(more), {
    updateCycle: cycle as 'daily',
    items: [...keyed],
  }).map(({ strategy, watermark }) => (watermark ? `${strategy} ${watermark}` : strategy));

describe('a strategy for a table', () => {
  it.each([
    ['small: compared', {}, 'daily', ['diff', 'snapshot', 'watermark updated_at']],
    [
      'large: by the change time with an index',
      { rows: 5_000_000 },
      'daily',
      ['watermark updated_at', 'diff', 'snapshot'],
    ],
    ['wanted at once: the same', {}, 'realtime', ['watermark updated_at', 'diff', 'snapshot']],
    [
      'large without an index: compared',
      { rows: 5_000_000, indexed: [] },
      'daily',
      ['diff', 'snapshot', 'watermark gxsj'],
    ],
    [
      'no change time: compared',
      { columns: [column('created_at', { type: 'T' })] },
      'realtime',
      ['diff', 'snapshot'],
    ],
  ])('%s', (_, more, cycle, expected) => {
    expect(proposed(more, cycle)).toEqual(expected);
  });

  it('is what the connector can do', () => {
    expect(proposed({}, 'daily', ['snapshot'])).toEqual(['diff', 'snapshot']);
    expect(proposed({}, 'daily', ['log'])).toEqual(['log']);
  });

  it('without a key is of the whole table', () => {
    const resource = { updateCycle: 'realtime' as const, items: [item('code', '代码')] };
    const found = proposeStrategies(capabilities([...all, 'flag', 'change-table']), table({}), resource);
    expect(found.map(({ strategy }) => strategy)).toEqual(['diff', 'snapshot']);
  });

  it("gives its reason in both languages, the table's own facts in it", () => {
    for (const { reason } of proposeStrategies(capabilities(), table({}), {
      updateCycle: 'daily',
      items: [...keyed],
    })) {
      expect(reason.zh).toMatch(/\p{Script=Han}/u);
      expect(reason.en).not.toMatch(/\p{Script=Han}/u);
    }
  });
});

describe('a schedule', () => {
  const cycles = [
    'realtime',
    'daily',
    'weekly',
    'monthly',
    'quarterly',
    'half-yearly',
    'yearly',
    'irregular',
  ] as const;

  it.each(cycles)('for %s is a cron expression, the same for the same exchange', (cycle) => {
    const { cron } = proposeSupplySchedule(cycle, 'supply-a');
    expect(new Cron(cron, { paused: true }).nextRun()).toBeInstanceOf(Date);
    expect(proposeSupplySchedule(cycle, 'supply-a').cron).toBe(cron);
    expect(new Cron(proposeConsumeSchedule(cycle).cron, { paused: true }).nextRun()).toBeInstanceOf(Date);
  });

  it('does not begin at one minute everywhere', () => {
    const minutes = new Set(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => proposeSupplySchedule('daily', name).cron),
    );
    expect(minutes.size).toBeGreaterThan(3);
  });
});
