import { ProblemSchema, plainSchema, QueryResultSchema } from '@qianzhi/model';
import type { JsonSchema } from './item-schemas.js';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const localText = {
  type: 'object',
  properties: { zh: text, en: text },
  required: ['zh', 'en'],
} as const;

const pushProperties = {
  push: { type: 'string', description: '推送编号 / id of the push' },
  resource: text,
  schemaVersion: { type: 'integer' },
  at: { type: 'string', format: 'date-time' },
  records: count,
  accepted: { ...count, description: '已落盘 / on the disk' },
  refused: count,
  repeated: {
    type: 'boolean',
    description:
      '同一 Idempotency-Key 此前已处理,这是当时的结果 / this is the earlier answer to the same Idempotency-Key',
  },
  results: {
    type: 'array',
    description: '逐条结果 / one for each record, in order',
    items: {
      type: 'object',
      properties: {
        record: { type: 'integer', minimum: 1 },
        accepted: { type: 'boolean' },
        item: { type: 'string', description: '有误的信息项,* 为整条 / the item at fault; *: the record' },
        reason: text,
        texts: localText,
      },
      required: ['record', 'accepted'],
    },
  },
} as const;
const pushRequired = Object.keys(pushProperties);

/** Shapes that every resource shares. */
export const commonSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: plainSchema(ProblemSchema),
  PushResult: { type: 'object', properties: pushProperties, required: pushRequired },
  PushStatus: {
    type: 'object',
    properties: {
      ...pushProperties,
      stage: {
        type: 'string',
        enum: ['accepted', 'sealed', 'stored'],
        description:
          '已接受(落盘)、已封装成批、平台已签收 / on the disk here, sealed in a batch, stored by the platform with its receipt',
      },
      batch: text,
      stream: text,
      seq: { type: 'integer' },
      receipt: { type: 'string', description: '平台签收凭证编号 / id of the platform’s receipt' },
    },
    required: [...pushRequired, 'stage'],
  },
  QueryResult: plainSchema(QueryResultSchema),
};

const problem = {
  description: '错误 / a problem (RFC 9457), with a code and both languages',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
} as const;

export function answers(description: string, schema: JsonSchema, type = 'application/json'): JsonSchema {
  return { 200: { description, content: { [type]: { schema } } }, default: problem };
}

export function body(schema: JsonSchema, type = 'application/json'): JsonSchema {
  return { required: true, content: { [type]: { schema } } };
}

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
