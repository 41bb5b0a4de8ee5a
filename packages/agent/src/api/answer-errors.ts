import { errorKinds, isQianzhiError, type QianzhiError, toProblem } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { agentErrors } from '../errors.js';

/** Every failure is a problem of ours (RFC 9457), with its code and both languages. */
export function answerErrors(app: FastifyInstance, log: PluginLog): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const known = errorOf(error);
    if (known.kind === 'internal' || known.kind === 'integrity')
      log.error({ code: known.code, error: error.name, at: placeOf(error) }, known.message);
    return sendProblem(reply, known);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, agentErrors.API_ROUTE_UNKNOWN()));
}

export function sendProblem(reply: FastifyReply, error: QianzhiError): FastifyReply {
  const { status, ...problem } = problemOf(error);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 429) reply.header('retry-after', String(error.details.seconds ?? 1));
  if (status === 503) reply.header('retry-after', '5');
  return reply
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, status }));
}

function problemOf(error: QianzhiError) {
  const limited = error.code === 'QZ_AGENT_API_RATE' || error.code === 'QZ_AGENT_API_STREAMS';
  return { ...toProblem(error), status: limited ? 429 : errorKinds[error.kind].http };
}

function errorOf(error: FastifyError): QianzhiError {
  if (isQianzhiError(error)) return error;
  const { statusCode = 500, code } = error;
  if (statusCode === 413) {
    const problem = { zh: '超过 api.maxBodyMiB', en: 'it is over `api.maxBodyMiB`' };
    return agentErrors.API_TOO_LARGE({ problem }, error);
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const problem = {
      zh: 'Content-Type 应为 application/json 或 application/x-ndjson',
      en: 'Content-Type has to be application/json or application/x-ndjson',
    };
    return agentErrors.API_REQUEST_WRONG({ problem }, error);
  }
  if (statusCode >= 400 && statusCode < 500)
    return agentErrors.API_REQUEST_WRONG(
      { problem: { zh: `不可读(${code})`, en: `it cannot be read (${code})` } },
      error,
    );
  return agentErrors.API_FAILED({}, error);
}

/** Where an unforeseen error arose; its message may hold what it stumbled over, so it is left out. */
function placeOf(error: Error): readonly string[] {
  const at = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return at.slice(0, 5).map((line) => line.trim());
}
