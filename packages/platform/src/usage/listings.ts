import { chinaDay, type DayUsage, type Mode, type Operation, type Quota } from '@qianzhi/model';
import type { Knex } from 'knex';
import { atOneMoment } from '../database/at-one-moment.js';
import type { Sight } from '../exchange/sight.js';
import type { AgreementService } from '../ports.js';
import type { PlatformContext } from '../server/context.js';

export interface OperationFilter {
  readonly resource?: string | undefined;
  readonly agreement?: string | undefined;
  readonly mode?: Mode | undefined;
  /** Id of the last receipt of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface UsageFilter {
  readonly resource?: string | undefined;
  readonly agreement?: string | undefined;
  readonly days: number;
}

/** What persons see of operations and usage: the own department's, as provider or consumer. */
export interface UsageListings {
  /** Newest first. */
  operations(sight: Sight, filter: OperationFilter): Promise<Operation[]>;
  /** By day, newest first, agreement and mode. */
  usage(sight: Sight, filter: UsageFilter): Promise<DayUsage[]>;
}

const shared = ['agreement', 'grant_version', 'resource'];
const deliveryColumns = [...shared, 'agent', 'epoch'];

export function createUsageListings(
  { db, now }: Pick<PlatformContext, 'db' | 'now'>,
  agreements: Pick<AgreementService, 'grant'>,
): UsageListings {
  return {
    async operations(sight, { before, limit, ...filter }) {
      const query = db('operations')
        .join('receipts', 'receipts.id', 'operations.receipt')
        .where(named('operations', filter))
        .orderBy('operations.position', 'desc')
        .limit(limit)
        .select('operations.*', 'receipts.document');
      own(query, 'operations', sight);
      if (before !== undefined) {
        const position = db('operations').where({ receipt: before }).select('position');
        query.where('operations.position', '<', position);
      }
      return (await query).map(({ document, provider, consumer, actor, matter, bytes }) => ({
        receipt: JSON.parse(document),
        provider,
        consumer,
        actor,
        matter,
        bytes: Number(bytes),
      }));
    },

    async usage(sight, { days, ...filter }) {
      const from = chinaDay(new Date(now().getTime() - (days - 1) * 86_400_000));
      // what is moved into an archive meanwhile is counted once
      const sums = await atOneMoment(db, async (trx) => {
        const operations = trx('operations')
          .where(named('operations', filter))
          .where('day', '>=', from)
          .groupBy('day', 'agreement', 'grant_version', 'resource', 'mode', 'consumer')
          .select('day', 'agreement', 'grant_version', 'resource', 'mode', 'consumer')
          .count({ requests: '*' })
          .sum({ rows: 'rows', bytes: 'bytes' });
        own(operations, 'operations', sight);
        const deliveries = trx('deliveries')
          .join('delivery_streams', (on) => {
            for (const column of deliveryColumns)
              on.andOn(`delivery_streams.${column}`, `deliveries.${column}`);
          })
          .where(named('deliveries', filter))
          .where('delivered_on', '>=', from)
          .groupBy(
            'delivered_on',
            ...shared.map((column) => `deliveries.${column}`),
            'deliveries.mode',
            'consumer',
          )
          .select(
            { day: 'delivered_on', mode: 'deliveries.mode' },
            'consumer',
            ...shared.map((column) => `deliveries.${column}`),
          )
          .count({ requests: '*' })
          .sum({ rows: 'rows', bytes: 'stored_bytes' });
        own(deliveries, 'delivery_streams', sight);
        const docked = ((await deliveries) as unknown as (Sum & { mode: Mode | null })[]).map((row) => ({
          ...row,
          mode: row.mode ?? 'docking',
        }));
        const archived = trx('archived_usage')
          .join('delivery_streams', (on) => {
            for (const column of deliveryColumns)
              on.andOn(`delivery_streams.${column}`, `archived_usage.${column}`);
          })
          .where(named('archived_usage', filter))
          .where('day', '>=', from)
          .select('archived_usage.*', 'delivery_streams.consumer');
        own(archived, 'delivery_streams', sight);
        const archivedUses = trx('archived_usage')
          .where({ ...named('archived_usage', filter), agent: '' })
          .where('day', '>=', from);
        own(archivedUses, 'archived_usage', sight);
        return [
          ...((await operations) as unknown as Sum[]),
          ...docked,
          ...((await archived) as Sum[]),
          ...((await archivedUses) as Sum[]),
        ];
      });
      return withQuotas(agreements, sums);
    },
  };
}

interface Sum {
  readonly day: string;
  readonly agreement: string;
  readonly grant_version: number;
  readonly resource: string;
  readonly mode: Mode;
  readonly consumer: string;
  readonly requests: number | string;
  readonly rows: number | string;
  readonly bytes: number | string;
}

/** Databases answer sums as numbers or as text. One line for each day, agreement and mode, whatever grant versions there were. */
async function withQuotas(
  agreements: Pick<AgreementService, 'grant'>,
  sums: readonly Sum[],
): Promise<DayUsage[]> {
  const newest = new Map<string, number>();
  for (const { agreement, grant_version: version } of sums) {
    newest.set(agreement, Math.max(version, newest.get(agreement) ?? 0));
  }
  const quotas = new Map<string, Quota | null>();
  for (const [agreement, version] of newest) {
    quotas.set(agreement, (await agreements.grant(agreement, version))?.body.quota ?? null);
  }
  const days = new Map<string, DayUsage>();
  for (const { day, agreement, resource, mode, consumer, ...counts } of sums) {
    const name = `${day} ${agreement} ${mode}`;
    const before = days.get(name) ?? { requests: 0, rows: 0, bytes: 0 };
    days.set(name, {
      day,
      agreement,
      resource,
      mode,
      consumer,
      requests: before.requests + Number(counts.requests),
      rows: before.rows + Number(counts.rows),
      bytes: before.bytes + Number(counts.bytes),
      quota: quotas.get(agreement) ?? null,
    });
  }
  const order = ({ agreement, mode }: DayUsage) => `${agreement} ${mode}`;
  return [...days.values()].sort((a, b) => b.day.localeCompare(a.day) || order(a).localeCompare(order(b)));
}

function named(table: string, filter: Readonly<Record<string, string | undefined>>) {
  const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
  return Object.fromEntries(wanted.map(([name, value]) => [`${table}.${name}`, value as string]));
}

function own(query: Knex.QueryBuilder, table: string, sight: Sight): void {
  if (sight.all) return;
  const { department } = sight;
  query.where((either) =>
    either.where(`${table}.provider`, department).orWhere(`${table}.consumer`, department),
  );
}
