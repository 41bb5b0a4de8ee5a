import { type Static, Type } from '@sinclair/typebox';
import { SignedSchema } from '../crypto/signed.js';

/** One entry of the platform's audit chain, as stored, exported and checked. */
export const AuditRecordSchema = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: 'date-time' }),
    actor: Type.String({ description: '`agent:<id>`, `person:<account>`, `public` or `platform`' }),
    action: Type.String({ description: 'verb and thing, e.g. `agreement.approve`; of a denial the route' }),
    object: Type.String({ description: 'what it was done on, by id' }),
    outcome: Type.Union([Type.Literal('done'), Type.Literal('denied'), Type.Literal('failed')]),
    details: Type.String({ description: 'JSON text: names, counts, codes; never a secret or a row value' }),
    previous: Type.Union([Type.String(), Type.Null()], {
      description: 'digest of the entry before; null for the first',
    }),
    digest: Type.String(),
  },
  { $id: 'AuditRecord', additionalProperties: false },
);
export type AuditRecord = Static<typeof AuditRecordSchema>;

/** Chains there are: the platform's `audit` of changes and denials, an agent's `queries` answered, refused and asked, and what its `webhooks` delivered. */
export const auditLogs = ['audit', 'queries', 'webhooks'] as const;
export type AuditLogName = (typeof auditLogs)[number];

/**
 * How far a chain goes, signed by its owner and kept by the other side: whoever rewrites or shortens the chain afterwards no longer
 * fits a head that is out of its reach.
 */
export const AuditHeadSchema = Type.Object(
  {
    type: Type.Literal('audit-head'),
    version: Type.Literal(1),
    owner: Type.String({ description: '`platform` or an agent id, as in the key directory' }),
    log: Type.Union(auditLogs.map((name) => Type.Literal(name))),
    seq: Type.Integer({ minimum: 1 }),
    digest: Type.String({ description: 'of the entry with this seq' }),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'AuditHead', additionalProperties: false },
);
export type AuditHead = Static<typeof AuditHeadSchema>;

/** First line of an exported chain; every line after it is one entry, lowest seq first. */
export const AuditExportHeaderSchema = Type.Object(
  {
    type: Type.Literal('audit-export'),
    version: Type.Literal(1),
    owner: Type.String(),
    log: Type.Union(auditLogs.map((name) => Type.Literal(name))),
  },
  { additionalProperties: false },
);
export type AuditExportHeader = Static<typeof AuditExportHeaderSchema>;

/** What every chain's entries have, whatever else they say. */
export const ChainEntrySchema = Type.Object({
  seq: Type.Integer({ minimum: 1 }),
  previous: Type.Union([Type.String(), Type.Null()]),
  digest: Type.String(),
});

/** A file of heads, as `audit export --heads-out` writes it. */
export const AuditHeadsFileSchema = Type.Object({ heads: Type.Array(SignedSchema(AuditHeadSchema)) });
