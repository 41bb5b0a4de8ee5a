import { isDeepStrictEqual } from 'node:util';
import {
  type ConsumeExchange,
  type DeliveryStream,
  type Exchange,
  type Grant,
  holdsFiles,
  isSupply,
  keyItems,
  type ReconcileSession,
  type SupplyExchange,
} from '@qianzhi/model';
import { type ComparisonForm, plainForm, type ReconcileSide } from '@qianzhi/reconcile';
import { projectedResource } from '@qianzhi/rows';
import { grantsOf } from '../consumer/grants.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { requireDuty } from '../provider/duty.js';
import type { ProviderParts } from '../provider/supply.js';
import type { Jobs } from '../surface.js';
import type { Turns } from '../turns.js';
import { applyUpTo, supplyNow } from './catch-up.js';
import { foldsOf, readTarget } from './read-applied.js';
import { readCopy, readGranted } from './read-supplied.js';
import { repairRows } from './repair.js';

export interface SidesParts {
  readonly provider: ProviderParts;
  readonly jobs: Jobs;
  readonly turns: Turns;
}

/** What of a side depends on which one it is. */
export interface OwnSide
  extends Pick<ReconcileSide, 'resource' | 'form' | 'read' | 'catchUp' | 'repair' | 'role'> {
  readonly exchange: string;
}

/** Whether the exchange brings or takes the rows of a resource under an agreement. */
export function takesPart(exchange: Exchange, resource: string, agreement?: string): boolean {
  if (isSupply(exchange)) return exchange.supply === resource;
  return exchange.consume === resource && (exchange.agreement ?? agreement) === agreement;
}

export async function ownSide(
  parts: SidesParts,
  session: ReconcileSession,
  signal: AbortSignal,
): Promise<OwnSide> {
  const { core } = parts.provider;
  const { agent } = core.options.identity;
  return session.provider === agent ? providerSide(parts, session) : consumerSide(parts, session, signal);
}

function providerSide(parts: SidesParts, { resource: code, grant }: ReconcileSession): OwnSide {
  const { core } = parts.provider;
  const exchange = core.options
    .exchanges()
    .find((one): one is SupplyExchange => isSupply(one) && takesPart(one, code));
  if (!exchange) throw noExchange(code, grant.body);
  const { resource } = requireDuty(core, code, exchange.name);
  const { items, masks } = grant.body;
  const catching = { core, tables: parts.provider.tables, jobs: parts.jobs };
  const granted = projectedResource(resource, items, masks);
  const asBegun = () => requireUnchanged(core, exchange, code);
  requireComparable(granted, grant.body);
  return {
    role: 'provider',
    exchange: exchange.name,
    resource: granted,
    form: { ...plainForm, excluded: pseudonyms(grant.body), emptyIsNull: emptyIsNull(core, exchange) },
    async *read(signal) {
      asBegun();
      const { log } = core.options;
      await using connection = await core.options.openConnection(exchange, signal, log);
      const copy = readCopy(connection, exchange, resource, core.limits.blockBytes, signal);
      yield* readGranted(copy, resource, grant.body);
    },
    async catchUp(_position, signal) {
      asBegun();
      return await supplyNow(catching, exchange, signal);
    },
    repair: (work, signal) =>
      parts.turns(code, async () => {
        asBegun();
        return await repairRows(parts.provider, exchange, grant.body, work, signal);
      }),
  };
}

async function consumerSide(
  parts: SidesParts,
  { resource: code, grant, provider }: ReconcileSession,
  signal: AbortSignal,
): Promise<OwnSide> {
  const { core, tables } = parts.provider;
  const { agreement, grantVersion } = grant.body;
  const catching = { core, tables, jobs: parts.jobs };
  const exchange = core.options
    .exchanges()
    .find((one): one is ConsumeExchange => !isSupply(one) && takesPart(one, code, agreement));
  if (!exchange) throw noExchange(code, grant.body);
  const inForce = grantsOf(core, exchange).find((one) => one.grant.body.grantVersion === grantVersion);
  const resource = inForce?.resources.toSorted((a, b) => b.schemaVersion - a.schemaVersion)[0];
  if (!resource) throw engineErrors.NO_GRANT({ exchange: exchange.name, resource: code });
  requireComparable(resource, grant.body);
  const delivery: DeliveryStream = tables.deliveries
    .of(exchange.name)
    .findLast((one) => one.delivery.agreement === agreement)?.delivery ?? {
    agreement,
    grantVersion,
    stream: { resource: code, agent: provider, epoch: 1 },
  };
  const asBegun = () => requireUnchanged(core, exchange, code);
  const open = (inner: AbortSignal) => core.options.openConnection(exchange, inner, core.options.log);
  const facts = await targetFacts(open, exchange, resource, delivery, signal);
  return {
    role: 'consumer',
    exchange: exchange.name,
    resource,
    form: {
      excluded: pseudonyms(grant.body),
      emptyIsNull: facts.emptyIsNull || emptyIsNull(core, exchange),
      folds: foldsOf(facts.codes),
    },
    async *read(inner) {
      asBegun();
      await using connection = await open(inner);
      yield* readTarget(connection, exchange, resource, delivery, core.limits.blockBytes, inner);
    },
    async catchUp(position, inner) {
      asBegun();
      if (position) await applyUpTo(catching, exchange, grant.body, position, inner);
      return position;
    },
    repair: () => Promise.resolve({ sent: 0, deleted: 0 }),
  };
}

/** What the target makes of codes and empty texts; one that nothing was written to yet does the same as later. */
async function targetFacts(
  open: (signal: AbortSignal) => ReturnType<Core['options']['openConnection']>,
  exchange: ConsumeExchange,
  resource: OwnSide['resource'],
  delivery: DeliveryStream,
  signal: AbortSignal,
) {
  await using connection = await open(signal);
  if (!connection.readBack) {
    const { name, connector } = exchange;
    throw engineErrors.RECONCILE_UNREADABLE({ exchange: name, connector, resource: resource.code });
  }
  const spec = { exchange: exchange.name, resource, target: exchange.target, delivery };
  const { source, codes, emptyIsNull = false } = await connection.readBack(spec, signal);
  await source[Symbol.asyncDispose]();
  return { codes, emptyIsNull };
}

/**
 * Where the config changed the exchange under a session, or took it away, its two looks would be at different things, and a repair
 * would send rows of a source that is no more.
 */
function requireUnchanged(core: Core, begun: Exchange, resource: string): void {
  const now = core.options.exchanges().find(({ name }) => name === begun.name);
  const untimed = (exchange: Exchange) => ({ ...exchange, schedule: undefined, reconcile: undefined });
  if (now && isDeepStrictEqual(untimed(now), untimed(begun))) return;
  throw engineErrors.RECONCILE_EXCHANGE_CHANGED({ exchange: begun.name, resource });
}

function requireComparable(resource: OwnSide['resource'], { agreement, masks }: Grant): void {
  const facts = { resource: resource.code, agreement };
  if (holdsFiles(resource)) throw engineErrors.RECONCILE_FILES(facts);
  const hidden = keyItems(resource).find(({ column }) => masks[column] === 'pseudonym');
  if (hidden) throw engineErrors.RECONCILE_KEY_HIDDEN({ ...facts, item: hidden.column });
}

function pseudonyms({ masks }: Grant): ComparisonForm['excluded'] {
  return Object.entries(masks).flatMap(([column, rule]) => (rule === 'pseudonym' ? [column] : []));
}

function emptyIsNull({ options }: Core, { connector }: { readonly connector: string }): boolean {
  return options.capabilities?.(connector).emptyStringIsNotNull === false;
}

function noExchange(resource: string, { agreement }: Grant) {
  return engineErrors.RECONCILE_NO_EXCHANGE({ resource, agreement });
}
