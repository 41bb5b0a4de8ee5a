import type { BatchEvent, Engine } from '@qianzhi/engine';
import { createMetrics, type Metrics, type Sample } from '@qianzhi/monitor';
import type { Alert } from '../alerts/record.js';
import type { QueryEvent } from '../queries/query-event.js';
import type { QueriesStatus } from '../queries/start-queries.js';
import type { AgentFacts } from './agent-facts.js';

/** Online queries, whether or not any are configured. */
export interface QuerySource {
  onEnded(listener: (event: QueryEvent) => void): void;
  status(): QueriesStatus | undefined;
}

export interface MetricSources {
  readonly engine: Engine;
  readonly queries: QuerySource;
  readonly facts: () => AgentFacts;
  readonly alerts: () => readonly Alert[];
  readonly version: string;
}

const seconds = (iso: string) => Date.parse(iso) / 1000;

/** The agent's metrics; what is counted is counted with each batch, what is measured with each scrape. */
export function agentMetrics(sources: MetricSources): Metrics {
  const metrics = createMetrics('qianzhi_agent_');
  // gathered once for all that a scrape measures
  let facts = sources.facts();
  countBatches(
    metrics,
    sources.engine,
    facts.exchanges.map(({ exchange }) => exchange),
  );
  const gauge = (
    name: string,
    help: string,
    labels: readonly string[],
    read: (facts: AgentFacts) => readonly Sample[],
  ) => metrics.gauge(name, help, labels, () => read(facts));
  const one = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }]);

  gauge('info', 'Version of the agent.', ['version'], () => [
    { labels: { version: sources.version }, value: 1 },
  ]);
  gauge('outbox_bytes', 'Sealed bytes without receipt.', [], ({ engine }) => one(engine.outboxBytes));
  gauge('outbox_limit_bytes', 'Outbox bytes above which reading pauses.', [], ({ engine }) =>
    one(engine.outboxLimitBytes),
  );
  gauge(
    'oldest_unreceipted_seconds',
    'Age of the oldest batch without receipt; 0 where there is none.',
    ['resource'],
    ({ engine, exchanges, at }) =>
      exchanges
        .filter(({ direction }) => direction === 'supply')
        .map(({ resource }) => {
          const oldest = engine.oldestUnreceipted.find((each) => each.resource === resource);
          return {
            labels: { resource },
            value: oldest ? at.getTime() / 1000 - seconds(oldest.sealedAt) : 0,
          };
        }),
  );
  gauge('jobs', 'Jobs kept, by state.', ['state'], ({ engine }) =>
    Object.entries(engine.jobs).map(([state, value]) => ({ labels: { state }, value })),
  );
  countQueries(metrics, sources.queries);
  exchangeGauges(gauge);
  linkGauges(gauge, one);
  metrics.gauge('alerts_open', 'Alerts that are open, by rule.', ['rule'], () => {
    const counts = new Map<string, number>();
    for (const { rule, resolvedAt } of sources.alerts())
      if (resolvedAt === undefined) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return [...counts].map(([rule, value]) => ({ labels: { rule }, value }));
  });
  return {
    ...metrics,
    expose() {
      facts = sources.facts();
      return metrics.expose();
    },
  };
}

type DefineGauge = (
  name: string,
  help: string,
  labels: readonly string[],
  read: (facts: AgentFacts) => readonly Sample[],
) => void;

function countBatches(metrics: Metrics, engine: Engine, exchanges: readonly string[]): void {
  const read = metrics.counter('rows_read_total', 'Rows read, of batches that were sealed.', ['exchange']);
  const sent = metrics.counter('rows_sent_total', 'Rows whose receipt was committed.', ['exchange']);
  const applied = metrics.counter('rows_applied_total', 'Rows the target took.', ['exchange']);
  const rejected = metrics.counter(
    'rows_rejected_total',
    'Rows put into quarantine; again when read again.',
    ['exchange'],
  );
  const batches = metrics.counter('batches_total', 'Batches that reached a stage.', ['exchange', 'stage']);
  const bytes = metrics.counter('batch_bytes_total', 'Stored bytes of batches that reached a stage.', [
    'exchange',
    'stage',
  ]);
  // from 0 on: a rate needs the value before the first batch
  for (const exchange of exchanges) for (const add of [read, sent, applied, rejected]) add(0, { exchange });
  const count: Readonly<Record<BatchEvent['stage'], (event: BatchEvent) => void>> = {
    sealed: ({ exchange, rows, rejected }) => read(rows + rejected, { exchange }),
    sent: ({ exchange, rows }) => sent(rows, { exchange }),
    staged: () => undefined,
    applied: ({ exchange, rows }) => applied(rows, { exchange }),
  };
  engine.on((event) => {
    if (event.kind === 'rejected') rejected(event.rows, { exchange: event.exchange });
    if (event.kind !== 'batch') return;
    const { exchange, stage } = event;
    count[stage](event);
    batches(1, { exchange, stage });
    bytes(event.bytes, { exchange, stage });
  });
}

function countQueries(metrics: Metrics, { onEnded, status }: QuerySource): void {
  const of = ['service'] as const;
  const asked = metrics.counter('queries_total', 'Questions of others that were answered or refused.', [
    'service',
    'outcome',
  ]);
  const answered = metrics.counter('query_rows_total', 'Rows answered to them.', of);
  const asking = metrics.counter('query_seconds_total', 'Time they took.', of);
  onEnded(({ service, outcome, rows, ms }) => {
    asked(1, { service, outcome });
    answered(rows, { service });
    asking(ms / 1000, { service });
  });
  metrics.gauge('query_tunnel_up', 'Whether the connection by which questions come is open.', [], () => {
    const queries = status();
    return queries ? [{ value: queries.tunnel.open ? 1 : 0 }] : [];
  });
  metrics.gauge('query_service_up', 'Whether a query service was found ready to answer.', of, () =>
    (status()?.services ?? []).map(({ service, problem }) => ({
      labels: { service },
      value: problem ? 0 : 1,
    })),
  );
}

function exchangeGauges(gauge: DefineGauge): void {
  gauge('exchange_state', 'The state an exchange is in.', ['exchange', 'state'], ({ exchanges }) =>
    exchanges.map(({ exchange, state }) => ({ labels: { exchange, state }, value: 1 })),
  );
  gauge(
    'data_age_seconds',
    'Age of the newest data of an exchange, by when its provider sealed it.',
    ['exchange'],
    ({ exchanges, at }) =>
      exchanges
        .filter(({ hasData }) => hasData)
        .map(({ exchange, dataAt }) => ({
          labels: { exchange },
          value: at.getTime() / 1000 - seconds(dataAt),
        })),
  );
  gauge('update_cycle_seconds', 'Update cycle of its resource.', ['exchange'], ({ exchanges }) =>
    exchanges.flatMap(({ exchange, cycleSeconds }) =>
      cycleSeconds === undefined ? [] : [{ labels: { exchange }, value: cycleSeconds }],
    ),
  );
  gauge('last_success_timestamp_seconds', 'When a run last ended well.', ['exchange'], ({ exchanges }) =>
    exchanges.flatMap(({ exchange, lastSuccessAt }) =>
      lastSuccessAt === undefined ? [] : [{ labels: { exchange }, value: seconds(lastSuccessAt) }],
    ),
  );
  gauge('quarantined_rows', 'Rows in quarantine that nobody exported.', ['exchange'], ({ exchanges }) =>
    exchanges.map(({ exchange, quarantined }) => ({ labels: { exchange }, value: quarantined })),
  );
  gauge(
    'reconcile_differences',
    'Keys that differ after the newest reconciliation.',
    ['exchange', 'agreement', 'kind'],
    ({ reconciliations }) =>
      reconciliations.flatMap(({ exchange, agreement, report }) =>
        Object.entries(report?.remaining ?? {}).map(([kind, value]) => ({
          labels: { exchange, agreement, kind },
          value,
        })),
      ),
  );
  gauge(
    'reconcile_timestamp_seconds',
    'When an exchange was last reconciled.',
    ['exchange', 'agreement'],
    ({ reconciliations }) =>
      reconciliations
        .filter(({ report }) => report !== undefined)
        .map(({ exchange, agreement, at }) => ({ labels: { exchange, agreement }, value: seconds(at) })),
  );
  gauge(
    'connector_up',
    'Whether the last job that opened the connector could.',
    ['connector'],
    ({ connectors }) =>
      connectors
        .filter(({ triedAt }) => triedAt !== undefined)
        .map(({ connector, problem }) => ({ labels: { connector }, value: problem ? 0 : 1 })),
  );
}

function linkGauges(gauge: DefineGauge, one: (value: number | undefined) => readonly Sample[]): void {
  gauge('platform_up', 'Whether the platform answered last.', [], ({ link }) => one(link.online ? 1 : 0));
  gauge('clock_skew_seconds', 'How far this clock is ahead of the platform’s.', [], ({ link }) =>
    one(link.clockSkewSeconds),
  );
  gauge('lease_expiry_timestamp_seconds', 'When the grant lease ends.', [], ({ link }) =>
    one(link.leaseExpiresAt === undefined ? undefined : seconds(link.leaseExpiresAt)),
  );
  gauge(
    'expiry_timestamp_seconds',
    'When the platform’s certificate and each grant end.',
    ['what', 'subject'],
    ({ expiries }) =>
      expiries.map(({ name, subject, expiresAt }) => ({
        labels: { what: name, subject },
        value: seconds(expiresAt),
      })),
  );
}
