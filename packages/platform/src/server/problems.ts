import { randomUUID } from 'node:crypto';
import {
  API_ROOT,
  isQianzhiError,
  modelErrors,
  type QianzhiError,
  type Route,
  shapeProblem,
} from '@qianzhi/model';
import type { FastifyError, FastifyRequest } from 'fastify';
import { platformErrors } from '../errors.js';
import { type Caller, callerName } from './caller.js';
import type { PlatformContext } from './context.js';

/** What was asked of the platform, and by whom: over HTTP or a line. */
export interface Asked {
  /** As `routeName` says it. */
  readonly route: string;
  readonly caller: Caller;
  /** Ids and counts for its log line. */
  readonly facts?: object | undefined;
  /** Of its body. */
  readonly maxBytes?: number | undefined;
}

/** `/agreements/:id/approve` below the API root: a route of the tables as the server declares it. */
export function declaredUrl({ path }: Route): string {
  return API_ROOT + path.replace(/\{(\w+)\}/g, ':$1');
}

/** `POST /agreements/:id/approve`: the route as declared, never the address as called. */
export function routeName(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? ''}`;
}

/** Kinds that are the platform's affair and not its caller's: whoever runs it is to see them. */
const ours: ReadonlySet<string> = new Set(['unavailable', 'integrity', 'internal']);

/**
 * Any failure of a request as a coded error, told where it has to be: ours in the log, a denial in the audit chain. What nobody foresaw
 * becomes QZ_PLATFORM_INTERNAL with an incident number: the cause goes to the log, nothing of it to the caller.
 */
export async function refusalOf(
  error: FastifyError | Error,
  asked: Asked,
  context: PlatformContext,
): Promise<QianzhiError> {
  const coded = codedError(error, asked, context);
  await auditDenial(context, asked, coded);
  return coded;
}

function codedError(
  error: FastifyError | Error,
  { route, facts, maxBytes }: Asked,
  { log, health }: Pick<PlatformContext, 'log' | 'health'>,
): QianzhiError {
  const told = health.failed(error) ?? error;
  if (isQianzhiError(told)) {
    if (ours.has(told.kind))
      log.error({ route, ...facts, code: told.code, ...told.details, hint: told.hint }, told.message);
    return told;
  }
  const { code, validation, validationContext } = error as FastifyError;
  if (validation) {
    const what = `${route} ${validationContext ?? ''}`.trim();
    return modelErrors.SHAPE_WRONG({ what, ...shapeProblem(validation) });
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return platformErrors.BODY_TOO_LARGE({ route, maxBytes });
  const status = (error as FastifyError).statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    return platformErrors.REQUEST_MALFORMED({ route, problem: problems[code] ?? code ?? `HTTP ${status}` });
  }
  const incident = randomUUID();
  log.error({ incident, route, ...facts, err: error }, 'request failed inside');
  return platformErrors.INTERNAL({ route, incident });
}

/** Denials of known callers go into the audit chain; of unknown ones into the log, so that nobody can fill the chain. */
async function auditDenial(
  { log, audit }: PlatformContext,
  { route, caller }: Asked,
  { kind, code }: QianzhiError,
): Promise<void> {
  // a wrong clock is no denial, and one of them may be ours
  if (kind !== 'denied' && kind !== 'auth' && code !== 'QZ_CLIENT_CLOCK_SKEW') return;
  log.warn({ route, caller: callerName(caller), code }, 'denied');
  if (caller.kind === 'public') return;
  await audit.record({
    actor: caller,
    action: route.replace(API_ROOT, ''),
    object: route,
    outcome: 'denied',
    details: { code },
  });
}

/** What is kept of every request: a line of the log without values, and a count. */
export function tellAnswered(
  { log, meter }: PlatformContext,
  { route, caller, facts }: Asked,
  status: number,
  ms: number,
): void {
  meter?.requestAnswered(route, status);
  log.info({ route, caller: callerName(caller), status, ...facts, ms: Math.round(ms) }, 'request');
}

const problems: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'empty body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'content-length',
  FST_ERR_CTP_INVALID_JSON_BODY: 'JSON',
};
