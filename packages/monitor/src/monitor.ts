import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isQianzhiError, type Problem, systemReason, toProblem } from '@qianzhi/model';
import type { MonitorConfig } from './config.js';
import { monitorErrors } from './errors.js';
import type { Metrics } from './metrics.js';

/** One thing a process needs for its work; `problem` says why it is not ready. */
export interface Part {
  readonly part: string;
  readonly problem?: Problem | undefined;
}

export interface MonitorOptions extends MonitorConfig {
  readonly metrics: Metrics;
  readonly version: string;
  /** Looked at with each `/readyz`. */
  readonly ready: () => readonly Part[] | Promise<readonly Part[]>;
  /** Told of a request that failed inside, which is answered 500. */
  readonly failed: (error: unknown) => void;
}

export interface Monitor {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const JSON_TYPE = 'application/json';

/**
 * Serves `/livez` (200 while the process answers), `/readyz` (200, or 503 with the parts that are not ready and why) and
 * `/metrics` (Prometheus text). Reads only; there is no sign-in. Throws QZ_MONITOR_PORT_UNUSABLE.
 */
export async function openMonitor(options: MonitorOptions): Promise<Monitor> {
  const { host, port } = options;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? '/').split('?')[0]!;
    if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, refused(405));
    answerTo(path, options).then(
      (answer) => reply(response, answer),
      (error) => {
        options.failed(error);
        const known = isQianzhiError(error) ? error : monitorErrors.FAILED({ path }, error);
        reply(response, json(500, toProblem(known)));
      },
    );
  });
  server.maxConnections = 32;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw monitorErrors.PORT_UNUSABLE({ host, port, problem: systemReason(error) }, error);
  }
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerTo(path: string, options: MonitorOptions): Promise<Answer> {
  if (path === '/livez') return json(200, { live: true, version: options.version });
  if (path === '/readyz') return readiness(await options.ready());
  if (path !== '/metrics') return refused(404);
  const { contentType, text } = await options.metrics.expose();
  return { status: 200, contentType, text };
}

function readiness(parts: readonly Part[]): Answer {
  const ready = parts.every(({ problem }) => problem === undefined);
  return json(ready ? 200 : 503, {
    ready,
    parts: parts.map(({ part, problem }) => ({
      part,
      ready: problem === undefined,
      ...(problem && { code: problem.code, texts: problem.texts }),
    })),
  });
}

function json(status: number, value: unknown): Answer {
  return { status, contentType: JSON_TYPE, text: `${JSON.stringify(value)}\n` };
}

function refused(status: 404 | 405): Answer {
  return json(status, { paths: ['/livez', '/readyz', '/metrics'] });
}

function reply(response: ServerResponse, { status, contentType, text }: Answer): void {
  response
    .writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
    .end(response.req.method === 'HEAD' ? undefined : text);
}
