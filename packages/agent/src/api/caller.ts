import type { FastifyInstance, FastifyRequest } from 'fastify';
import { agentErrors } from '../errors.js';
import { type ApiKey, findApiKey } from './keys/api-keys.js';
import { allows, type ScopeAction } from './keys/scope.js';

/** Wrong keys from one address in a minute; behind them each further one is told to wait. */
const FAILURES_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

export interface Callers {
  /** Who calls; undefined where the key was none. */
  known(request: FastifyRequest): ApiKey | undefined;
  /** Any key will do. */
  any(request: FastifyRequest): ApiKey;
  /** Throws QZ_AGENT_API_FORBIDDEN unless the key may do that with the resource. */
  require(request: FastifyRequest, action: ScopeAction, resource: string): ApiKey;
}

/** Nothing is answered without a good key, and no key asks more often than it may. */
export async function admitCallers(
  app: FastifyInstance,
  stateDir: string,
  requestsPerMinute: number,
): Promise<Callers> {
  const callers = new WeakMap<FastifyRequest, ApiKey>();
  await app.register(import('@fastify/rate-limit'), { global: false });
  const perKey = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => of(request).id,
  });
  const perAddress = app.createRateLimit({
    max: FAILURES_PER_MINUTE,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => request.ip,
  });

  function of(request: FastifyRequest): ApiKey {
    const caller = callers.get(request);
    if (!caller) throw agentErrors.API_UNAUTHORISED();
    return caller;
  }

  app.addHook('onRequest', async (request) => {
    const [, text] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    const key = text === undefined ? undefined : await findApiKey(stateDir, text, new Date());
    if (!key) {
      tooMany(await perAddress(request));
      throw agentErrors.API_UNAUTHORISED();
    }
    callers.set(request, key);
    tooMany(await perKey(request));
  });

  return {
    known: (request) => callers.get(request),
    any: of,
    require(request, action, resource) {
      const caller = of(request);
      if (allows(caller.scopes, action, resource)) return caller;
      throw agentErrors.API_FORBIDDEN({ scope: `${action}:${resource}`, system: caller.system });
    },
  };
}

function tooMany(limit: Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>): void {
  if (!limit.isAllowed && limit.isExceeded) throw agentErrors.API_RATE({ seconds: limit.ttlInSeconds });
}
