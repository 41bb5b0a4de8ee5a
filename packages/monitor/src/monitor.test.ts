import { once } from 'node:events';
import { createServer } from 'node:net';
import { toProblem } from '@qianzhi/model';
import { afterEach, describe, expect, it } from 'vitest';
import { monitorErrors } from './errors.js';
import { createMetrics } from './metrics.js';
import { type Monitor, type MonitorOptions, openMonitor } from './monitor.js';

let open: Monitor | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(more: Partial<MonitorOptions> = {}) {
  const failures: unknown[] = [];
  open = await openMonitor({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics('qianzhi_test_'),
    version: '1.2.3',
    ready: () => [],
    failed: (error) => failures.push(error),
    ...more,
  });
  return { url: open.url, failures };
}

describe('monitor', () => {
  it('lives while it answers, and says its version', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/livez?probe=1`);
    expect([answer.status, await answer.json()]).toEqual([200, { live: true, version: '1.2.3' }]);
  });

  it('names the part that is not ready, with code and both languages', async () => {
    const problem = toProblem(monitorErrors.FAILED({ path: '/x' }));
    let broken = true;
    const { url } = await start({
      ready: () => [{ part: 'state' }, { part: 'platform', problem: broken ? problem : undefined }],
    });
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      ready: false,
      parts: [
        { part: 'state', ready: true },
        { part: 'platform', ready: false, code: 'QZ_MONITOR_FAILED', texts: problem.texts },
      ],
    });
    broken = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('counts, reads gauges with each scrape and forgets what is no longer there', async () => {
    const metrics = createMetrics('qianzhi_test_');
    const add = metrics.counter('rows_read_total', 'Rows read.', ['exchange']);
    let seen = ['a', 'b"\n'];
    metrics.gauge('source_up', 'Up.', ['connector'], () =>
      seen.map((connector) => ({ labels: { connector }, value: 1 })),
    );
    const { url } = await start({ metrics });
    add(3, { exchange: 'village' });
    add(4, { exchange: 'village' });
    const first = await (await fetch(`${url}/metrics`)).text();
    expect(first).toContain('qianzhi_test_rows_read_total{exchange="village"} 7');
    expect(first).toContain('qianzhi_test_source_up{connector="a"} 1');
    expect(first).toContain('qianzhi_test_source_up{connector="b\\"\\n"} 1');
    expect(first).toContain('qianzhi_test_process_resident_memory_bytes ');
    seen = ['a'];
    const second = await (await fetch(`${url}/metrics`)).text();
    expect(second).not.toContain('connector="b');
  });

  it('answers 500 and tells its process where a reading fails; others are not served', async () => {
    const { url, failures } = await start({
      ready: () => {
        throw new Error('values of a row');
      },
    });
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).toContain('QZ_MONITOR_FAILED');
    expect(text).not.toContain('values of a row');
    expect(failures).toHaveLength(1);
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('says which port it cannot have', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({
      code: 'QZ_MONITOR_PORT_UNUSABLE',
      details: { port },
    });
    other.close();
  });
});
