import { type Static, Type } from '@sinclair/typebox';
import { DigestSchema } from '../batch/manifest.js';

/**
 * First line of a file that evidence was moved into. Each further line is one signed document, as
 * `{"receipt": …}`, `{"manifest": …}` or `{"delivery": …}`, or `{"operation": …}`: an operation with its receipt; those of one chain
 * stand in their order.
 */
export const EvidenceArchiveHeaderSchema = Type.Object({
  type: Type.Literal('evidence-archive'),
  version: Type.Literal(1),
  owner: Type.String({ description: '`platform` or an agent id' }),
  before: Type.String({ format: 'date-time', description: 'what is in the file is older' }),
});
export type EvidenceArchiveHeader = Static<typeof EvidenceArchiveHeaderSchema>;

/** Where a chain of receipts (one issuer over one subject) goes on whose beginning was moved into files. */
export const ChainBeginSchema = Type.Object(
  {
    subject: Type.String({ description: 'as `stream …`, `delivery …` or `use …`' }),
    issuer: Type.String(),
    previous: DigestSchema,
    seqTo: Type.Integer({ minimum: 1, description: 'the highest seq of those that were moved' }),
    file: Type.String({ description: 'the newest file that holds some of them' }),
  },
  { $id: 'ChainBegin' },
);
export type ChainBegin = Static<typeof ChainBeginSchema>;
