import { checkShape, isQianzhiError } from '@qianzhi/model';
import type { Static, TSchema } from '@qianzhi/model/schema';
import type { FastifyInstance } from 'fastify';
import { agentErrors } from '../errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bodies come as text that is UTF-8 and nothing else: a character that cannot be read is refused, never replaced. */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/x-ndjson', 'application/ndjson'],
    { parseAs: 'buffer' },
    (_request, body, done) => {
      try {
        done(null, utf8.decode(body as Buffer));
      } catch (cause) {
        const problem = { zh: '不是 UTF-8', en: 'it is not UTF-8' };
        done(agentErrors.API_REQUEST_WRONG({ problem }, cause));
      }
    },
  );
}

/** Throws QZ_AGENT_API_REQUEST_WRONG. What the parser says of a text may hold values. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw agentErrors.API_REQUEST_WRONG({ problem: { zh: '不是 JSON', en: 'it is not JSON' } });
  }
}

/** Body or query of a request, typed. Throws QZ_AGENT_API_SHAPE_WRONG, which says where the shape is described. */
export function readShape<T extends TSchema>(schema: T, input: unknown, what: 'body' | 'query'): Static<T> {
  try {
    return checkShape(schema, input, what);
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const { where, problem } = error.details;
    throw agentErrors.API_SHAPE_WRONG({ what, where, problem }, error);
  }
}
