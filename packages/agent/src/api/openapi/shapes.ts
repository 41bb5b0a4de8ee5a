import { ProblemSchema, plainSchema, QueryResultSchema } from '@qianzhi/model';
import type { JsonSchema } from './item-schemas.js';

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

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
      consumers: {
        type: 'array',
        description:
          '各用数方的签收:按含有本次推送的批次计,批次中其他推送的记录一并计入 / what each consumer made of it by its receipts: rows of the batches that carry it, those of other pushes in them included',
        items: {
          type: 'object',
          properties: {
            agreement: text,
            consumer: { type: 'string', description: '用数部门 / department' },
            state: {
              type: 'string',
              enum: ['waiting', 'applied', 'rejected'],
              description:
                '未全部签收、已应用(rejected 为其中拒绝数)、全部拒绝 / not all of it receipted, applied but for those rejected, none taken',
            },
            rows: { ...count, description: '已交付 / delivered' },
            applied: count,
            rejected: count,
            wider: {
              type: 'boolean',
              description:
                '签收还含其他批次(全量) / the receipts speak of other batches, too: a snapshot has one',
            },
          },
          required: ['agreement', 'consumer', 'state', 'rows', 'applied', 'rejected', 'wider'],
        },
      },
      consumersProblem: {
        ...ref('Problem'),
        description: '暂时无法向平台询问 / why the platform could not be asked',
      },
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
