import { expect, it } from 'vitest';
import { platformMetrics } from './platform-metrics.js';

it('queries are counted by who answers and how they ended', async () => {
  const { metrics, meter } = platformMetrics();
  meter.queryEnded({ by: 'agent', outcome: 'complete', rows: 3, ms: 500 });
  meter.queryEnded({ by: 'agent', outcome: 'QZ_PLATFORM_QUERY_TIMEOUT', rows: 0, ms: 1_000 });
  meter.queryEnded({ by: 'platform', outcome: 'partial', rows: 2, ms: 0 });
  const { text } = await metrics.expose();
  expect(text).toContain('qianzhi_platform_queries_total{by="agent",outcome="complete"} 1');
  expect(text).toContain('qianzhi_platform_queries_total{by="agent",outcome="QZ_PLATFORM_QUERY_TIMEOUT"} 1');
  expect(text).toContain('qianzhi_platform_query_rows_total{by="platform"} 2');
  expect(text).toContain('qianzhi_platform_query_seconds_total{by="agent"} 1.5');
});
