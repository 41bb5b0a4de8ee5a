import {
  allTables,
  type ColumnMatch,
  type ExchangeSubject,
  exchangeSubjects,
  type KnownOrders,
  matchColumns,
  orderedResource,
  type StrategyProposal,
  tableName,
} from '@qianzhi/agent';
import { type CatalogResource, currentLanguage, type Exchange, isSupply } from '@qianzhi/model';
import { askChoice, askYes } from '../ask.js';
import { cliErrors } from '../errors.js';
import type { ConfiguredPlugins } from '../with-connector.js';
import { word } from '../words.js';

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

export interface SubjectFlags {
  readonly supply?: string | undefined;
  readonly consume?: string | undefined;
  readonly agreement?: string | undefined;
}

/** The resource that flags name, of what was ordered or granted; undefined where they name none. */
export function toldSubject(orders: KnownOrders, flags: SubjectFlags): ExchangeSubject | undefined {
  const { supply, consume, agreement } = flags;
  if (supply !== undefined) {
    const resource = orderedResource({ supply }, orders.assignments);
    return resource && { direction: 'supply', resource };
  }
  if (consume === undefined) return undefined;
  const resource = orderedResource({ consume, agreement }, orders.assignments);
  return resource && { direction: 'consume', resource };
}

/** The exchange that supplies a resource, of which an agent has one stream. */
export function supplierOf({ loaded }: ConfiguredPlugins, { code }: CatalogResource): Exchange | undefined {
  return loaded.config.exchanges.find((exchange) => isSupply(exchange) && exchange.supply === code);
}

/** Asks which of the resources ordered or granted; those no exchange is about yet come first, and none is supplied twice. */
export async function askSubject(
  orders: KnownOrders,
  configured: ConfiguredPlugins,
): Promise<ExchangeSubject | undefined> {
  const { exchanges } = configured.loaded.config;
  const isConsumed = ({ resource }: ExchangeSubject) =>
    exchanges.some((exchange) => !isSupply(exchange) && exchange.consume === resource.code);
  const subjects = exchangeSubjects(orders)
    .filter(({ direction, resource }) => direction === 'consume' || !supplierOf(configured, resource))
    .toSorted((a, b) => Number(isConsumed(a)) - Number(isConsumed(b)));
  if (subjects.length === 0) return undefined;
  const choices = subjects.map((value) => {
    const { direction, resource } = value;
    const there = isConsumed(value) ? say('(已有作业)', ' (has an exchange)') : '';
    return { value, name: `${word(direction)}  ${resource.code}  ${resource.name}${there}` };
  });
  return askChoice(say('资源', 'resource'), choices);
}

/** The only connector, or the one a person chooses. */
export async function chooseConnector({ loaded }: ConfiguredPlugins, asks: boolean): Promise<string> {
  const names = Object.keys(loaded.config.connectors);
  if (names.length === 1) return names[0]!;
  if (!asks || names.length === 0) {
    const flag = `--connector ${names.join('|') || 'NAME'}`;
    throw cliErrors.INPUT_NEEDED({ what: say('连接器', 'the connector'), flag });
  }
  const choices = names.map((value) => ({
    value,
    name: `${value}  (${loaded.config.connectors[value]!.type})`,
  }));
  return askChoice(say('连接器', 'connector'), choices);
}

/** Asks for the table, the one that holds most of the items first. */
export async function askTable(
  { plugins }: ConfiguredPlugins,
  connector: string,
  { direction, resource }: ExchangeSubject,
  signal: AbortSignal,
): Promise<string> {
  const tables = (await allTables(plugins, connector, signal)).map((table) => {
    const matched = matchColumns(resource.items, table.columns).filter(({ column }) => column).length;
    return { name: tableName(table), comment: table.comment ?? '', matched };
  });
  const total = resource.items.length;
  const choices = tables
    .toSorted((a, b) => b.matched - a.matched)
    .map(({ name, comment, matched }) => ({
      value: name,
      name: [name, comment, say(`符合 ${matched}/${total} 项`, `${matched} of ${total} items`)]
        .filter((part) => part !== '')
        .join('  '),
    }));
  if (direction === 'consume')
    choices.push({
      value: resource.code,
      name: say(`${resource.code}(新建)`, `${resource.code} (to be made)`),
    });
  if (choices.length === 0)
    throw cliErrors.INPUT_NEEDED({ what: say('表', 'the table'), flag: '--table TABLE' });
  return askChoice(say('表', 'table'), choices);
}

/** Shows the mapping until the person agrees. */
export async function settleMatches(
  first: readonly ColumnMatch[],
  columns: readonly string[],
  show: (matches: readonly ColumnMatch[]) => void,
  match: (told: ReadonlyMap<string, string>) => ColumnMatch[],
  told: ReadonlyMap<string, string>,
): Promise<readonly ColumnMatch[]> {
  const chosen = new Map(told);
  let matches = first;
  const choose = async (item: ColumnMatch['item']) => {
    const used = new Set(matches.map(({ column }) => column?.name));
    const choices = columns
      .map((name) => ({ value: name, name }))
      .toSorted((a, b) => Number(used.has(a.value)) - Number(used.has(b.value)));
    chosen.set(item.column, await askChoice(`${item.name} (${item.column})`, choices));
    matches = match(chosen);
  };
  for (;;) {
    for (const { item, column } of matches) if (!column) await choose(item);
    show(matches);
    if (await askYes(say('这样对应?', 'is this right?'), true)) return matches;
    const items = matches.map(({ item, column }) => ({
      value: item,
      name: `${item.name} (${item.column}) → ${column?.name ?? '—'}`,
    }));
    await choose(await askChoice(say('改哪一项', 'change which'), items));
  }
}

export function askStrategy(proposals: readonly StrategyProposal[]): Promise<StrategyProposal> {
  const choices = proposals.map((value) => ({
    value,
    name: value.strategy,
    description: value.reason[currentLanguage()],
  }));
  return askChoice(say('读取策略', 'read strategy'), choices);
}

/** `supply-CODE` or `pull-CODE`, with a number where that is taken. */
export function freeName(
  { loaded }: ConfiguredPlugins,
  direction: ExchangeSubject['direction'],
  { code }: CatalogResource,
): string {
  const taken = new Set(loaded.config.exchanges.map(({ name }) => name));
  const base = `${direction === 'supply' ? 'supply' : 'pull'}-${code}`.slice(0, 90);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
