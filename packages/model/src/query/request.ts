import { type Static, Type } from '@sinclair/typebox';
import { ColumnNameSchema } from '../catalog/item.js';
import { ParameterNameSchema, QueryNameSchema } from '../catalog/query-service.js';
import { ResourceCodeSchema } from '../catalog/resource.js';

/** Most sets of parameters in one question: 1,000 keys looked up at once. */
export const MAX_LOOKUPS = 1_000;
/** Most bytes of row text that one answer has. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** A question is given up after this long, whoever asked for more. */
export const MAX_QUERY_MS = 60_000;

/** Parameter → canonical text of its value; null or left out: not given. */
export const LookupSchema = Type.Record(
  ParameterNameSchema,
  Type.Union([Type.String({ maxLength: 4_000 }), Type.Null()]),
);
export type Lookup = Static<typeof LookupSchema>;
export const LookupsSchema = Type.Array(LookupSchema, { minItems: 1, maxItems: MAX_LOOKUPS });

/**
 * A question as the provider's agent receives it, signed by the platform. It is good for one agent, one connection of it
 * (`tunnel`), once (`id`) and until `expiresAt`.
 */
export const QueryRequestSchema = Type.Object(
  {
    type: Type.Literal('query'),
    version: Type.Literal(1),
    id: Type.String({ minLength: 1, maxLength: 100 }),
    agent: Type.String({ description: 'who answers: an agent, or `platform`' }),
    salt: Type.String({
      minLength: 16,
      description:
        'random, in no record: from a digest of this nobody finds out by trial what was asked with',
    }),
    tunnel: Type.String({
      description: 'nonce with which the agent opened its connection; `platform` where the platform answers',
    }),
    resource: ResourceCodeSchema,
    schemaVersion: Type.Integer({ minimum: 1 }),
    service: QueryNameSchema,
    serviceDigest: Type.String({ description: 'of the query service as published' }),
    agreement: Type.String(),
    grantVersion: Type.Integer({ minimum: 1 }),
    grantDigest: Type.String({ description: 'of the signed grant that comes with it' }),
    consumer: Type.String({ description: 'department id' }),
    actor: Type.String({ description: '`agent:ID` or `person:ACCOUNT`' }),
    matter: Type.String(),
    items: Type.Array(ColumnNameSchema, { minItems: 1, description: 'what is answered, in item order' }),
    lookups: LookupsSchema,
    maxRows: Type.Integer({ minimum: 1, description: 'of all sets of parameters together' }),
    maxBytes: Type.Integer({ minimum: 1 }),
    timeoutMs: Type.Integer({ minimum: 1, maximum: MAX_QUERY_MS }),
    issuedAt: Type.String({ format: 'date-time' }),
    expiresAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'QueryRequest', additionalProperties: false },
);
export type QueryRequest = Static<typeof QueryRequestSchema>;
