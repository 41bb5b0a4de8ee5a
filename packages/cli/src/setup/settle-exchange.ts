import {
  agentErrors,
  type ColumnMatch,
  connectorPlaceFields,
  type ExchangeSubject,
  findTable,
  type KnownOrders,
  matchColumns,
  proposeConsumeSchedule,
  proposeStrategies,
  proposeSupplySchedule,
  type StrategyProposal,
  type TableDescription,
  tableName,
  type WantedExchange,
} from '@qianzhi/agent';
import { currentLanguage, type ReadStrategy } from '@qianzhi/model';
import { askText } from '../ask.js';
import { cliErrors } from '../errors.js';
import type { ConfiguredPlugins } from '../with-connector.js';
import { word } from '../words.js';
import { capturedTable } from './captured-table.js';
import {
  askStrategy,
  askSubject,
  askTable,
  chooseConnector,
  freeName,
  settleMatches,
  supplierOf,
  toldSubject,
} from './exchange-questions.js';
import { flagColumn, flagSettings } from './flag-column.js';
import { setValues } from './set-flags.js';

export interface ExchangeFlags {
  readonly supply?: string | undefined;
  readonly consume?: string | undefined;
  readonly agreement?: string | undefined;
  readonly name?: string | undefined;
  readonly connector?: string | undefined;
  readonly table?: string | undefined;
  readonly map?: readonly string[] | undefined;
  readonly create: boolean;
  readonly strategy?: ReadStrategy | undefined;
  readonly watermark?: string | undefined;
  readonly 'flag-column'?: string | undefined;
  readonly pending?: string | undefined;
  readonly done?: string | undefined;
  readonly cron?: string | undefined;
  readonly continuous: boolean;
  readonly set?: readonly string[] | undefined;
}

/** What a new exchange is settled with: flags where given, questions where somebody can be asked, else proposals. */
export interface Desk {
  readonly configured: ConfiguredPlugins;
  readonly orders: KnownOrders;
  readonly flags: ExchangeFlags;
  readonly asks: boolean;
  /** Shows how items and columns are matched. */
  readonly show: (matches: readonly ColumnMatch[]) => void;
  /** Tells what was proposed and why. */
  readonly tell: (zh: string, en: string) => void;
  readonly signal: AbortSignal;
}

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

/** Decides everything an exchange needs. Throws a coded error for what nobody told and nothing can propose. */
export async function settleExchange(desk: Desk): Promise<WantedExchange> {
  const { configured, flags, asks, signal } = desk;
  const subject = await settleSubject(desk);
  const { direction, resource } = subject;
  const other = direction === 'supply' ? supplierOf(configured, resource) : undefined;
  if (other) throw agentErrors.SUPPLIED_ALREADY({ resource: resource.code, exchange: other.name });
  const connector = flags.connector ?? (await chooseConnector(configured, asks));
  const role = configured.plugins.connector(connector);
  const { pushes = false, feed = false } = role.capabilities;
  const tableless = direction === 'supply' ? pushes : feed;
  if (tableless) refuseTable(flags, connector);
  const given = tableless ? resource.code : (flags.table ?? (await settleTable(desk, connector, subject)));
  const found = tableless
    ? undefined
    : await findTable(configured.loaded, configured.plugins, connector, given, signal);
  if (!found && !tableless) refuseMissing(desk, subject, connector, given);
  const fields = connectorPlaceFields(role, direction);
  const values = setValues(fields, [...(flags.set ?? []), ...flagSettings(flags)]);
  const name = await settleName(desk, subject);
  const matches = found ? await settleColumns(desk, subject, connector, found, values) : [];
  const read =
    found && direction === 'supply'
      ? await settleStrategy(desk, proposeStrategies(role.capabilities, found, resource))
      : undefined;
  const told =
    found && read ? await settleReading(desk, read.strategy, connector, found, matches, values) : values;
  return {
    ...subject,
    name,
    connector,
    agreement: flags.agreement,
    table: found?.table ?? given,
    schema: found?.schema ?? null,
    matches,
    strategy: read?.strategy ?? (direction === 'supply' ? (flags.strategy ?? 'log') : undefined),
    watermark: read?.watermark,
    create: flags.create || !found,
    cron: flags.continuous ? undefined : await settleCron(desk, subject, name),
    continuous: flags.continuous,
    values: told,
  };
}

/** What a strategy has to be told besides the table. */
async function settleReading(
  { configured, asks, signal }: Desk,
  strategy: ReadStrategy,
  connector: string,
  table: TableDescription,
  matches: readonly ColumnMatch[],
  values: ReadonlyMap<string, unknown>,
): Promise<ReadonlyMap<string, unknown>> {
  if (strategy === 'change-table')
    return capturedTable(configured, connector, table, matches, values, signal);
  if (strategy === 'flag') return flagColumn(table, values, asks);
  return values;
}

async function settleSubject({ orders, flags, configured, asks }: Desk): Promise<ExchangeSubject> {
  const told = flags.supply ?? flags.consume;
  if (told === undefined && !asks) {
    const what = say('资源', 'the resource');
    throw cliErrors.INPUT_NEEDED({ what, flag: '--supply CODE | --consume CODE' });
  }
  const subject = told === undefined ? await askSubject(orders, configured) : toldSubject(orders, flags);
  if (subject) return subject;
  const { supply, consume, agent } = orders.assignments;
  const direction =
    flags.consume === undefined ? { zh: '供给', en: 'supply' } : { zh: '取用', en: 'consume' };
  const known = [
    ...supply.map(({ resource }) => `${word('supply')} ${resource.code}`),
    ...consume.map(({ grant }) => `${word('consume')} ${grant.body.resource}`),
  ];
  throw agentErrors.NOT_ORDERED({
    direction,
    resource: told ?? '—',
    known: [...new Set(known)].join(', ') || '—',
    agent,
  });
}

async function settleTable(
  { configured, asks, signal }: Desk,
  connector: string,
  subject: ExchangeSubject,
): Promise<string> {
  if (asks) return askTable(configured, connector, subject, signal);
  if (subject.direction === 'consume') return subject.resource.code;
  throw cliErrors.INPUT_NEEDED({ what: say('表', 'the table'), flag: '--table TABLE' });
}

/** Records that are pushed, or kept as a feed, have no table: what is said about one would be ignored. */
function refuseTable({ table, map, create, watermark, ...flags }: ExchangeFlags, connector: string): void {
  const told: Readonly<Record<string, string | undefined>> = {
    '--table': table,
    '--map': map?.[0],
    '--create': create ? 'true' : undefined,
    '--watermark': watermark,
    '--flag-column': flags['flag-column'],
  };
  const shape = { zh: `空:连接器 ${connector} 没有表`, en: `left out: connector ${connector} has no tables` };
  for (const [flag, value] of Object.entries(told))
    if (value !== undefined) throw cliErrors.FLAG_WRONG({ flag, value, shape });
}

/** A target may be made by the first run; somebody has to say so, by a flag or by choosing it. */
function refuseMissing(
  { flags, asks }: Desk,
  { direction }: ExchangeSubject,
  connector: string,
  table: string,
) {
  if (direction === 'supply') throw agentErrors.TABLE_UNKNOWN({ connector, table });
  const chosen = asks && flags.table === undefined;
  if (!flags.create && !chosen) throw agentErrors.TARGET_TABLE_MISSING({ connector, table });
}

async function settleName({ configured, flags, asks }: Desk, { direction, resource }: ExchangeSubject) {
  const free = freeName(configured, direction, resource);
  if (flags.name !== undefined || !asks) return flags.name ?? free;
  return askText({ message: say('作业名称', 'name of the exchange'), default: free });
}

async function settleColumns(
  { flags, asks, show }: Desk,
  { resource }: ExchangeSubject,
  connector: string,
  table: TableDescription,
  values: ReadonlyMap<string, unknown>,
): Promise<readonly ColumnMatch[]> {
  // an item with a constant of its own needs no column
  const items = resource.items.filter(
    ({ column }) => ![...values.keys()].some((key) => key.startsWith(`columns.${column}`)),
  );
  const match = (told: ReadonlyMap<string, string>) => matchColumns(items, table.columns, told);
  const told = toldColumns(
    flags.map ?? [],
    items.map(({ column }) => column),
    table,
    resource.code,
  );
  const first = match(told);
  if (asks) {
    const names = table.columns.map(({ name }) => name);
    return settleMatches(first, names, show, match, told);
  }
  show(first);
  const missing = first.filter(({ column }) => !column).map(({ item }) => `${item.column} ${item.name}`);
  if (missing.length > 0) {
    const items = missing.join(', ');
    throw agentErrors.MAPPING_INCOMPLETE({
      connector,
      table: tableName(table),
      items,
      resource: resource.code,
    });
  }
  return first;
}

/** What `--map ITEM=COLUMN` says. Throws QZ_AGENT_MAPPING_WRONG for an item or column that is not there. */
function toldColumns(
  flags: readonly string[],
  items: readonly string[],
  table: TableDescription,
  resource: string,
): Map<string, string> {
  const columns = table.columns.map(({ name }) => name);
  return new Map(
    flags.map((map) => {
      const item = items.find((each) => map.startsWith(`${each}=`));
      const column = item && map.slice(item.length + 1);
      if (item && columns.includes(column!)) return [item, column!] as const;
      throw agentErrors.MAPPING_WRONG({
        map,
        resource,
        table: tableName(table),
        items: items.join(', '),
        columns: columns.join(', '),
      });
    }),
  );
}

async function settleStrategy(
  { flags, asks, tell }: Desk,
  proposals: readonly StrategyProposal[],
): Promise<{ readonly strategy: ReadStrategy; readonly watermark?: string | undefined }> {
  const [best] = proposals;
  const implied = flags['flag-column'] === undefined ? undefined : 'flag';
  if (flags.strategy !== undefined || flags.watermark !== undefined || implied) {
    const strategy = flags.strategy ?? implied ?? 'watermark';
    const proposed = proposals.find((each) => each.strategy === strategy);
    return { strategy, watermark: flags.watermark ?? proposed?.watermark };
  }
  const chosen = asks && proposals.length > 1 ? await askStrategy(proposals) : best!;
  if (!asks)
    tell(`策略 ${chosen.strategy}:${chosen.reason.zh}`, `strategy ${chosen.strategy}: ${chosen.reason.en}`);
  return chosen;
}

async function settleCron(
  { flags, asks, tell }: Desk,
  { direction, resource }: ExchangeSubject,
  name: string,
) {
  if (flags.cron !== undefined) return flags.cron === '' ? undefined : flags.cron;
  const { cron, reason } =
    direction === 'supply'
      ? proposeSupplySchedule(resource.updateCycle, name)
      : proposeConsumeSchedule(resource.updateCycle);
  if (!asks) {
    tell(`时间表 ${cron}:${reason.zh}`, `schedule ${cron}: ${reason.en}`);
    return cron;
  }
  const message = `${say('时间表 cron', 'schedule (cron)')} · ${reason[currentLanguage()]}`;
  return (await askText({ message, default: cron })) || undefined;
}
