import { API_ROOT, type CatalogResource, parameterItem, type QueryService } from '@qianzhi/model';
import { agentVersion } from '../../version.js';
import { canonicalItem, type JsonSchema, pushedRecord, receivedRecord, recordKey } from './item-schemas.js';
import { answers, body, commonSchemas, ref } from './shapes.js';
import type { ApiSubject } from './subject.js';

const idempotency = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[!-~]+$' },
  description: '同一请求的重发用同一键,只处理一次 / the same for repetitions of one request: it is done once',
} as const;
const inQuery = (name: string, schema: JsonSchema, description: string) => ({
  name,
  in: 'query',
  required: false,
  schema,
  description,
});
const pageParameters = [
  inQuery('after', { type: 'string' }, '上一页的 next / `next` of the page before'),
  inQuery('from', { const: 'now' }, 'now:只要此后的变化 / only what comes from now on'),
  inQuery(
    'agreement',
    { type: 'string' },
    '协议编号,有多份时须写明 / the agreement, where there are several',
  ),
];

/** OpenAPI 3.1 of what the subject holds: each resource has paths and shapes of its own, as its catalog entry says. */
export function openApiDocument({ push, read, query }: ApiSubject, url: string | undefined): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      title: '前置机接口 / API of the front-end agent',
      version: agentVersion,
      description:
        '业务系统推送、读取与查询共享数据。值为目录规定的规范文本。/ For business systems: push, read and query what is shared. Values are the catalog’s canonical text.',
    },
    servers: [{ url: `${url ?? ''}${API_ROOT}` }],
    security: [{ key: [] }],
    paths: {
      ...Object.assign({}, ...push.map(pushPaths)),
      ...Object.assign({}, ...read.map(feedPaths)),
      ...Object.assign({}, ...query.map(({ resource, service }) => queryPath(resource, service))),
    },
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: {
        ...commonSchemas,
        ...Object.assign({}, ...push.map(pushSchemas)),
        ...Object.assign({}, ...read.map(feedSchemas)),
      },
    },
  };
}

function pushSchemas(resource: CatalogResource): Record<string, JsonSchema> {
  const { code } = resource;
  return { [`${code}.push`]: pushedRecord(resource), [`${code}.pushKey`]: recordKey(resource, 'pushed') };
}

function pushPaths(resource: CatalogResource): Record<string, JsonSchema> {
  const { code, name } = resource;
  const base = `/resources/${code}`;
  const tags = [`${name} (${code})`];
  const taken = answers('已接受 / taken', ref('PushResult'));
  const post = (operationId: string, summary: string, requestBody: JsonSchema) => ({
    post: { operationId, summary, tags, parameters: [idempotency], requestBody, responses: taken },
  });
  return {
    [`${base}/records`]: post(
      `${code}.upsert`,
      '新增或更新一条 / upsert one record',
      body(ref(`${code}.push`)),
    ),
    [`${base}/deletions`]: post(
      `${code}.delete`,
      '按主键删除一条 / delete one record by its key',
      body(ref(`${code}.pushKey`)),
    ),
    [`${base}/bulk`]: post(
      `${code}.bulk`,
      '批量:每行一个 {"upsert": 记录} 或 {"delete": 主键} / in bulk: {"upsert": record} or {"delete": key} a line',
      body({ type: 'string' }, 'application/x-ndjson'),
    ),
    [`${base}/pushes/{push}`]: {
      get: {
        operationId: `${code}.push`,
        summary: '一次推送到了哪一步 / how far a push has come',
        tags,
        parameters: [{ name: 'push', in: 'path', required: true, schema: { type: 'string' } }],
        responses: answers('状态 / its state', ref('PushStatus')),
      },
    },
  };
}

function feedSchemas(resource: CatalogResource): Record<string, JsonSchema> {
  const { code } = resource;
  const empty = { type: 'object', maxProperties: 0 };
  return {
    [`${code}.key`]: recordKey(resource, 'canonical'),
    [`${code}.received`]: receivedRecord(resource),
    [`${code}.change`]: {
      type: 'object',
      properties: {
        cursor: { type: 'string' },
        op: {
          type: 'string',
          enum: ['upsert', 'delete', 'reset'],
          description: 'reset:此前读到的全部作废 / what was read before is void',
        },
        key: { anyOf: [ref(`${code}.key`), empty] },
        values: { anyOf: [ref(`${code}.received`), empty] },
        deliverySeq: { type: 'integer' },
        at: { type: 'string', format: 'date-time' },
      },
      required: ['cursor', 'op', 'key', 'values', 'deliverySeq', 'at'],
    },
  };
}

function feedPaths({ code, name }: CatalogResource): Record<string, JsonSchema> {
  const base = `/feeds/${code}`;
  const tags = [`${name} (${code})`];
  const limit = inQuery(
    'limit',
    { type: 'integer', minimum: 1, maximum: 10_000, default: 500 },
    '每页条数 / of one page',
  );
  const page = {
    type: 'object',
    properties: {
      resource: { type: 'string' },
      records: { type: 'array', items: ref(`${code}.change`) },
      next: { type: 'string', description: '下一页的 after / `after` of the next page' },
      end: { type: 'boolean', description: '暂无更多 / there is no more for now' },
    },
    required: ['resource', 'records', 'next', 'end'],
  };
  const lastEventId = {
    name: 'Last-Event-ID',
    in: 'header',
    required: false,
    schema: { type: 'string' },
    description: '从此事件之后继续 / go on behind this event',
  };
  return {
    [`${base}/changes`]: {
      get: {
        operationId: `${code}.changes`,
        summary: '按页读取:先是现有记录,再是变化 / by pages: the records as they are, then what changed',
        tags,
        parameters: [...pageParameters, limit],
        responses: answers('一页 / a page', page),
      },
    },
    [`${base}/events`]: {
      get: {
        operationId: `${code}.events`,
        summary:
          '事件流(SSE):id 为游标,data 为一条变化;closed 事件说明为何结束 / Server-Sent Events: `id` the cursor, `data` a change; a `closed` event says why it ends',
        tags,
        parameters: [...pageParameters, lastEventId],
        responses: answers('事件 / events', { type: 'string' }, 'text/event-stream'),
      },
    },
    [`${base}/lookups`]: {
      post: {
        operationId: `${code}.lookup`,
        summary: '按主键读一条现有记录 / the record of a key as it is now',
        tags,
        requestBody: body(ref(`${code}.key`)),
        responses: answers('记录 / the record', ref(`${code}.change`)),
      },
    },
  };
}

function queryPath(resource: CatalogResource, service: QueryService): Record<string, JsonSchema> {
  const { code, name, items } = resource;
  const lookup = {
    type: 'object',
    properties: Object.fromEntries(
      service.parameters.map((parameter) => [
        parameter.name,
        canonicalItem(resource, parameterItem(items, parameter), parameter.required),
      ]),
    ),
    required: service.parameters.filter(({ required }) => required).map((one) => one.name),
    additionalProperties: false,
  };
  const asked = {
    type: 'object',
    properties: {
      lookups: { type: 'array', minItems: 1, maxItems: 1000, items: lookup },
      matter: { type: 'string', description: '所办业务事项 / the business matter' },
      agreement: { type: 'string' },
      timeoutMs: { type: 'integer', minimum: 100, maximum: 60_000 },
    },
    required: ['lookups'],
    additionalProperties: false,
  };
  return {
    [`/query/${code}/${service.name}`]: {
      post: {
        operationId: `${code}.query.${service.name}`,
        summary: `联机查询 / online query: ${service.summary || service.name}`,
        tags: [`${name} (${code})`],
        requestBody: body(asked),
        responses: answers('已核对签名的结果 / the answer, its signatures checked', ref('QueryResult')),
      },
    },
  };
}
