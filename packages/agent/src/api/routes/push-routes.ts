import type { ServerResponse } from 'node:http';
import { API_ROOT, type QianzhiError } from '@qianzhi/model';
import type { PushAnswer, PushRequest } from '@qianzhi/plugin-api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { agentErrors } from '../../errors.js';
import { note } from '../audit.js';
import type { Callers } from '../caller.js';
import type { Pushing } from '../pushing.js';
import type { ApiConfig } from '../schema.js';

export interface PushRoutesParts {
  readonly callers: Callers;
  readonly pushing: Pushing;
  readonly limits: Pick<ApiConfig, 'maxLineKiB' | 'maxRecords'>;
}

type Params = { readonly resource: string; readonly push?: string };

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
const BASE = `${API_ROOT}/resources/:resource`;

/** Upserts and deletes of a resource that this agent supplies; see `openapi/document.ts` for what each answers. */
export function addPushRoutes(app: FastifyInstance, { callers, pushing, limits }: PushRoutesParts): void {
  async function push(request: FastifyRequest, form: PushRequest['form']): Promise<PushAnswer> {
    const { resource } = request.params as Params;
    const { system } = callers.require(request, 'push', resource);
    const pushes = await pushing.open(resource);
    const text = (request.body ?? '') as string;
    if (form === 'lines') requireLines(text, limits);
    const answer = await pushes.push({ form, text, system, idempotencyKey: keyOf(request) });
    const { id, accepted, records, repeated } = answer;
    note(request, { push: id, records, accepted, repeated });
    return answer;
  }

  for (const [place, form] of [
    ['records', 'upsert'],
    ['deletions', 'delete'],
  ] as const) {
    app.post(`${BASE}/${place}`, async (request) => {
      const answer = await push(request, form);
      if (answer.refused.length > 0) throw refusedOf(answer);
      return resultOf(answer);
    });
  }
  app.post(`${BASE}/bulk`, async (request) => resultOf(await push(request, 'lines')));

  app.get(`${BASE}/pushes/:push`, async (request, reply) => {
    const { resource, push: id } = request.params as Required<Params>;
    const { system } = callers.require(request, 'push', resource);
    const place = (await pushing.open(resource)).show(id, system);
    if (!place) throw agentErrors.API_PUSH_UNKNOWN({ push: id.slice(0, 64) });
    const { stage, batch, stream, seq, receipt } = pushing.reach(place);
    return {
      ...resultOf({ ...place, repeated: false }),
      stage: stage === 'waiting' ? 'accepted' : stage,
      ...(batch !== undefined && { batch, stream, seq }),
      ...(receipt !== undefined && { receipt }),
      ...(await pushing.outcomes(place, goneOf(reply.raw))),
    };
  });
}

/** Whoever asked has gone. */
function goneOf(raw: ServerResponse): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}

function resultOf({ id: push, refused, records, accepted, ...answer }: PushAnswer) {
  const { resource, schemaVersion, at, repeated } = answer;
  const wrong = new Map(refused.map((one) => [one.record, one]));
  const results = Array.from({ length: records }, (_, index) => {
    const record = index + 1;
    const found = wrong.get(record);
    if (!found) return { record, accepted: true };
    const { item, reason, text } = found;
    return { record, accepted: false, item, reason, texts: text };
  });
  return { push, resource, schemaVersion, at, records, accepted, refused: refused.length, repeated, results };
}

function refusedOf({ id: push, refused }: PushAnswer): QianzhiError {
  const { item, reason, text } = refused[0]!;
  return agentErrors.API_RECORD_REFUSED({ push, item, reason, problem: text });
}

/** Throws QZ_AGENT_API_REQUEST_WRONG. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && IDEMPOTENCY_KEY.test(key))) return key;
  const problem = {
    zh: 'Idempotency-Key 应为 1 至 200 个可见 ASCII 字符',
    en: 'Idempotency-Key has to be 1 to 200 visible ASCII characters',
  };
  throw agentErrors.API_REQUEST_WRONG({ problem });
}

/** Before anything of it is parsed. Throws QZ_AGENT_API_TOO_LARGE. */
function requireLines(text: string, { maxLineKiB, maxRecords }: PushRoutesParts['limits']): void {
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    if (line > maxRecords) {
      const problem = { zh: `超过 ${maxRecords} 行`, en: `more than ${maxRecords} lines` };
      throw agentErrors.API_TOO_LARGE({ problem });
    }
    const end = text.indexOf('\n', start);
    const next = end < 0 ? text.length : end + 1;
    if (next - start > maxLineKiB * 1024) {
      const problem = {
        zh: `第 ${line} 行超过 ${maxLineKiB} KiB`,
        en: `line ${line} is over ${maxLineKiB} KiB`,
      };
      throw agentErrors.API_TOO_LARGE({ problem });
    }
    start = next;
  }
}
