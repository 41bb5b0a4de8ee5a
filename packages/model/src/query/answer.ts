import { type Static, Type } from '@sinclair/typebox';
import { DigestSchema } from '../batch/manifest.js';
import { ColumnNameSchema } from '../catalog/item.js';
import { QueryNameSchema } from '../catalog/query-service.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { SignedSchema } from '../crypto/signed.js';
import { SignedReceiptSchema } from '../receipt/receipt.js';
import { QueryRequestSchema } from './request.js';

/**
 * Why an answer is not all there is: `rows` or `bytes` reached their bound; `rejected` rows break the catalog's rules and were left
 * out.
 */
export const StoppedBySchema = Type.Union([
  Type.Literal('rows'),
  Type.Literal('bytes'),
  Type.Literal('rejected'),
]);
export type StoppedBy = Static<typeof StoppedBySchema>;

const extent = {
  rows: Type.Integer({ minimum: 0 }),
  counts: Type.Array(Type.Integer({ minimum: 0 }), {
    description: 'rows of each set of parameters, in their order; fewer of them where it stopped before',
  }),
  complete: Type.Boolean({ description: 'these are all the rows there were' }),
  stoppedBy: Type.Union([StoppedBySchema, Type.Null()]),
  rejected: Type.Integer({ minimum: 0, description: 'rows left out because they break the catalog' }),
};

/** Of which moment rows are that the platform answered with from what it has received. */
export const AnsweredStateSchema = Type.Object(
  {
    agent: Type.String({ description: 'agent that supplied them' }),
    epoch: Type.Integer({ minimum: 1 }),
    seq: Type.Integer({ minimum: 0, description: 'last batch that is in them' }),
    storedAt: Type.String({ format: 'date-time', description: 'when the platform received that batch' }),
    behind: Type.Integer({ minimum: 0, description: 'batches received since, which are not in them' }),
  },
  { additionalProperties: false },
);
export type AnsweredState = Static<typeof AnsweredStateSchema>;

/** What the provider's agent vouches for, or the platform where it answers itself; the row text travels beside it. */
export const QueryAnswerSchema = Type.Object(
  {
    type: Type.Literal('query-answer'),
    version: Type.Literal(1),
    id: Type.String(),
    requestDigest: DigestSchema,
    agent: Type.String(),
    ...extent,
    bytes: Type.Integer({ minimum: 0 }),
    rowsDigest: DigestSchema,
    states: Type.Optional(
      Type.Array(AnsweredStateSchema, {
        description: 'one for each supplier, where the platform answered: `agent` is `platform` then',
      }),
    ),
    answeredAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'QueryAnswer', additionalProperties: false },
);
export type QueryAnswer = Static<typeof QueryAnswerSchema>;

/** What whoever asked receives. */
export const QueryResultSchema = Type.Object(
  {
    id: Type.String(),
    resource: ResourceCodeSchema,
    schemaVersion: Type.Integer(),
    service: QueryNameSchema,
    agreement: Type.String(),
    grantVersion: Type.Integer(),
    items: Type.Array(ColumnNameSchema),
    values: Type.Array(Type.Array(Type.Union([Type.String(), Type.Null()])), {
      description:
        '每行各信息项的规范文本 / canonical text of each item, row by row; null where there is none',
    }),
    ...extent,
    digest: Type.Intersect([DigestSchema], { description: 'of the row text that `values` stand for' }),
    request: SignedSchema(QueryRequestSchema),
    answer: Type.Union([SignedSchema(QueryAnswerSchema), Type.Null()], {
      description:
        "signed by the provider's agent, or by the platform where the service is answered there; null where the platform itself had to put in pseudonyms",
    }),
    receipt: SignedReceiptSchema,
  },
  { $id: 'QueryResult' },
);
export type QueryResult = Static<typeof QueryResultSchema>;
