import { randomUUID } from 'node:crypto';
import { isQianzhiError, modelErrors, type QianzhiError, shapeProblem } from '@qianzhi/model';
import type { FastifyError, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { DatabaseHealth } from '../database/health.js';
import { platformErrors } from '../errors.js';

/** `POST /agreements/:id/approve`: the route as declared, never the address as called. */
export function routeName(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? ''}`;
}

/** Kinds that are the platform's affair and not its caller's: whoever runs it is to see them. */
const ours: ReadonlySet<string> = new Set(['unavailable', 'integrity', 'internal']);

/**
 * Any failure of a request as a coded error. What nobody foresaw becomes QZ_PLATFORM_INTERNAL with an incident
 * number: the cause goes to the log, nothing of it to the caller.
 */
export function codedError(
  error: FastifyError | Error,
  request: FastifyRequest,
  { log, health }: { readonly log: Logger; readonly health: DatabaseHealth },
): QianzhiError {
  const told = health.failed(error) ?? error;
  if (isQianzhiError(told)) {
    if (ours.has(told.kind))
      log.error(
        { route: routeName(request), ...request.logFacts, code: told.code, ...told.details, hint: told.hint },
        told.message,
      );
    return told;
  }
  const { code, validation, validationContext } = error as FastifyError;
  const route = routeName(request);
  if (validation) {
    const what = `${route} ${validationContext ?? ''}`.trim();
    return modelErrors.SHAPE_WRONG({ what, ...shapeProblem(validation) });
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return platformErrors.BODY_TOO_LARGE({ route, maxBytes: request.routeOptions.bodyLimit });
  }
  const status = (error as FastifyError).statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    return platformErrors.REQUEST_MALFORMED({ route, problem: problems[code] ?? code ?? `HTTP ${status}` });
  }
  const incident = randomUUID();
  log.error({ incident, route, ...request.logFacts, err: error }, 'request failed inside');
  return platformErrors.INTERNAL({ route, incident });
}

const problems: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'empty body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'content-length',
  FST_ERR_CTP_INVALID_JSON_BODY: 'JSON',
};
