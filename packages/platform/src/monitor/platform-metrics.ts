import { dutyStandings } from '@qianzhi/model';
import { createMetrics, type Metrics, type Sample } from '@qianzhi/monitor';
import { countStandings } from '../duty/duties.js';
import { listAgents } from '../identity/agent-store.js';
import type { PlatformContext } from '../server/context.js';
import { PLATFORM_VERSION } from '../server/version.js';
import type { Meter } from './meter.js';
import { databaseProblem } from './readiness.js';

/** What is measured with each scrape. */
export interface PlatformSources {
  readonly context: PlatformContext;
  readonly storeBytes: () => number;
}

/** Metrics that count, and the meter that adds to them; labels are departments, stages, routes and codes. */
export function platformMetrics(): { readonly metrics: Metrics; readonly meter: Meter } {
  const metrics = createMetrics('qianzhi_platform_');
  const of = ['department'] as const;
  const batches = metrics.counter('batches_stored_total', 'Batches stored, by provider.', of);
  const rows = metrics.counter('rows_stored_total', 'Rows stored, by provider.', of);
  const bytes = metrics.counter('batch_bytes_stored_total', 'Bytes of batches stored, by provider.', of);
  const rejected = metrics.counter('rows_rejected_total', 'Rows agents put into quarantine.', ['side']);
  const refused = metrics.counter('batches_refused_total', 'Batches refused, by code.', ['code']);
  const deliveries = metrics.counter('deliveries_made_total', 'Deliveries made, by consumer.', of);
  const delivered = metrics.counter('rows_delivered_total', 'Rows in deliveries made, by consumer.', of);
  const receipts = metrics.counter('receipts_total', 'Receipts issued and taken, by stage.', ['stage']);
  const applied = metrics.counter('rows_applied_total', 'Rows consumers confirmed as applied.', []);
  const asked = metrics.counter('queries_total', 'Online queries, by who answers and how they ended.', [
    'by',
    'outcome',
  ]);
  const answered = metrics.counter('query_rows_total', 'Rows answered to online queries.', ['by']);
  const asking = metrics.counter('query_seconds_total', 'Time that online queries took.', ['by']);
  const requests = metrics.counter('http_requests_total', 'Requests answered.', ['route', 'status']);
  return {
    metrics,
    meter: {
      batchStored(batch) {
        const { department } = batch;
        batches(1, { department });
        rows(batch.rows, { department });
        bytes(batch.bytes, { department });
        rejected(batch.rejected, { side: 'supply' });
        receipts(1, { stage: 'stored' });
      },
      batchRefused: (code) => refused(1, { code }),
      deliveryMade({ department, rows }) {
        deliveries(1, { department });
        delivered(rows, { department });
      },
      receiptTaken(stage, rows, refusedRows) {
        receipts(1, { stage });
        if (stage !== 'applied') return;
        applied(rows - refusedRows, {});
        rejected(refusedRows, { side: 'consume' });
      },
      queryEnded({ by, outcome, rows, ms }) {
        asked(1, { by, outcome });
        answered(rows, { by });
        asking(ms / 1000, { by });
      },
      requestAnswered: (route, status) => requests(1, { route, status: String(status) }),
    },
  };
}

export function measurePlatform(metrics: Metrics, { context, storeBytes }: PlatformSources): void {
  const { db, health } = context;

  /** Nothing while the database is away: `database_up` and readiness say so, and what is counted is still answered. */
  async function stored(read: () => Promise<readonly Sample[]>): Promise<readonly Sample[]> {
    try {
      return await read();
    } catch (error) {
      if (!health.failed(error)) throw error;
      return [];
    }
  }

  metrics.gauge('database_up', 'Whether the database answers and can be believed.', [], async () => [
    { value: (await databaseProblem(context)) === undefined ? 1 : 0 },
  ]);
  metrics.gauge('info', 'Version of the platform.', ['version'], () => [
    { labels: { version: PLATFORM_VERSION }, value: 1 },
  ]);
  metrics.gauge('store_bytes', 'Bytes of batches and projections kept.', [], () => [{ value: storeBytes() }]);
  metrics.gauge(
    'agent_last_seen_timestamp_seconds',
    'When an enrolled agent last signed a request.',
    ['agent'],
    () =>
      stored(async () =>
        (await listAgents(db)).flatMap(({ agent, state, last_seen_at: at }) =>
          state === 'enrolled' && at !== null ? [{ labels: { agent }, value: Date.parse(at) / 1000 }] : [],
        ),
      ),
  );
  metrics.gauge('duties', 'Duties that are not closed, by how they stand.', ['standing'], () =>
    stored(async () => {
      const counts = await countStandings(context);
      return dutyStandings
        .filter((standing) => standing !== 'closed')
        .map((standing) => ({ labels: { standing }, value: counts.get(standing) ?? 0 }));
    }),
  );
  metrics.gauge('agents', 'Agents, by state.', ['state'], () =>
    stored(async () => {
      const rows = await listAgents(db);
      return (['invited', 'enrolled', 'revoked'] as const).map((state) => ({
        labels: { state },
        value: rows.filter((row) => row.state === state).length,
      }));
    }),
  );
}
