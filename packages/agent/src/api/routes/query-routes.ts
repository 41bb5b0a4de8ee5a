import { API_ROOT, QueryBodySchema } from '@qianzhi/model';
import type { FastifyInstance } from 'fastify';
import type { Ask } from '../../queries/ask.js';
import { note } from '../audit.js';
import type { Callers } from '../caller.js';
import { parseJson, readShape } from '../read-body.js';

/** Online query for business systems: proven and logged as `qianzhi query` does, with this agent's agreement. */
export function addQueryRoutes(
  app: FastifyInstance,
  callers: Callers,
  ask: Ask,
  stopping: AbortSignal,
): void {
  app.post(`${API_ROOT}/query/:resource/:service`, async (request, reply) => {
    const { resource, service } = request.params as { resource: string; service: string };
    callers.require(request, 'query', resource);
    const body = readShape(QueryBodySchema, parseJson(request.body as string), 'body');
    const gone = new AbortController();
    // who has gone does not wait for an answer, and the database need not either
    reply.raw.once('close', () => gone.abort());
    const result = await ask({ resource, service, body }, AbortSignal.any([stopping, gone.signal]));
    const { id, agreement, rows, complete, receipt } = result;
    note(request, { query: id, agreement, rows, complete, receipt: receipt.body.id });
    return result;
  });
}
