import type { PluginLog } from '@qianzhi/plugin-api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiKey } from './keys/api-keys.js';

const notes = new WeakMap<FastifyRequest, object>();

/** Facts of a request for the agent's log: ids and counts, never a value. */
export function note(request: FastifyRequest, facts: object): void {
  notes.set(request, { ...notes.get(request), ...facts });
}

/** One line for each request that somebody made with a key, and for each one refused. Of the address the route alone: the query may hold values. */
export function audit(
  app: FastifyInstance,
  log: PluginLog,
  callerOf: (request: FastifyRequest) => ApiKey | undefined,
): void {
  app.addHook('onResponse', async (request, reply) => {
    const caller = callerOf(request);
    const { resource, service } = (request.params ?? {}) as { resource?: string; service?: string };
    log.info(
      {
        api: `${request.method} ${request.routeOptions.url ?? '-'}`,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(caller ? { system: caller.system, key: caller.id } : { from: request.ip }),
        ...(resource !== undefined && { resource: resource.slice(0, 100) }),
        ...(service !== undefined && { service: service.slice(0, 100) }),
        ...notes.get(request),
      },
      'request of a business system',
    );
  });
}
