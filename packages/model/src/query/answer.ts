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

/** What the provider's agent vouches for; the row text travels beside it. */
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
      description: "signed by the provider's agent; null where the platform itself had to put in pseudonyms",
    }),
    receipt: SignedReceiptSchema,
  },
  { $id: 'QueryResult' },
);
export type QueryResult = Static<typeof QueryResultSchema>;
