import { type Static, Type } from '@sinclair/typebox';
import { UseSchema } from '../agreement/use.js';
import { DeliveryStreamSchema } from '../batch/delivery.js';
import { DigestSchema } from '../batch/manifest.js';
import { SignedSchema } from '../crypto/signed.js';
import { StreamSchema } from '../exchange/stream.js';

/**
 * What became of the rows of one batch or delivery at its target.
 * delivered = applied + rejected; applied = inserted + updated + unchanged + deleted.
 */
export const ApplyCountsSchema = Type.Object(
  {
    delivered: Type.Integer({ minimum: 0 }),
    inserted: Type.Integer({ minimum: 0 }),
    updated: Type.Integer({ minimum: 0 }),
    unchanged: Type.Integer({ minimum: 0 }),
    deleted: Type.Integer({ minimum: 0 }),
    rejected: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);
export type ApplyCounts = Static<typeof ApplyCountsSchema>;

export const noCounts: ApplyCounts = {
  delivered: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  deleted: 0,
  rejected: 0,
};

export function appliedRows(counts: ApplyCounts): number {
  return counts.inserted + counts.updated + counts.unchanged + counts.deleted;
}

/** delivered = applied + rejected. */
export function countsBalance(counts: ApplyCounts): boolean {
  return counts.delivered === appliedRows(counts) + counts.rejected;
}

/**
 * `stored`: the platform holds it durably. `staged`: a snapshot part waits in the shadow table. `applied`: in the target.
 * `delivered`: handed out in a mode that has no target of ours: an answer to a query, a download, a package.
 */
export const ReceiptStageSchema = Type.Union([
  Type.Literal('stored'),
  Type.Literal('staged'),
  Type.Literal('applied'),
  Type.Literal('rejected'),
  Type.Literal('delivered'),
]);
export type ReceiptStage = Static<typeof ReceiptStageSchema>;

/**
 * Immutable evidence over a contiguous range of one stream (stage `stored`, issued by the platform), of one use
 * (`delivered`, issued by the platform) or of one delivery stream (the others, issued by the consuming agent). `previous` chains the receipts of one issuer
 * over one subject. `rowsDigests` holds one digest for each seq of the range, in order.
 */
export const ReceiptSchema = Type.Object(
  {
    type: Type.Literal('receipt'),
    version: Type.Literal(1),
    id: Type.String(),
    stage: ReceiptStageSchema,
    subject: Type.Union([
      Type.Object({ stream: StreamSchema }, { additionalProperties: false }),
      Type.Object({ delivery: DeliveryStreamSchema }, { additionalProperties: false }),
      Type.Object({ use: UseSchema }, { additionalProperties: false }),
    ]),
    issuer: Type.String({ description: '`platform` or an agent id' }),
    seqFrom: Type.Integer({ minimum: 1 }),
    seqTo: Type.Integer({ minimum: 1 }),
    rowsDigests: Type.Array(DigestSchema, { minItems: 1 }),
    rows: Type.Integer({ minimum: 0 }),
    bytes: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'of files, which `rows` counts then: their sizes, each counted where its last part is',
      }),
    ),
    counts: Type.Optional(ApplyCountsSchema),
    reason: Type.Optional(Type.String({ description: 'stage rejected: error code, e.g. revoked' })),
    previous: Type.Union([DigestSchema, Type.Null()]),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Receipt', additionalProperties: false },
);
export type Receipt = Static<typeof ReceiptSchema>;
/** The resource that a receipt is about. */
export function receiptResource({ subject }: Receipt): string {
  if ('use' in subject) return subject.use.resource;
  return 'stream' in subject ? subject.stream.resource : subject.delivery.stream.resource;
}

export const SignedReceiptSchema = SignedSchema(ReceiptSchema);
