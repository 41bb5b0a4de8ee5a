import { type Static, Type } from '@sinclair/typebox';
import { DigestSchema } from '../batch/manifest.js';
import { ResourceCodeSchema } from '../catalog/resource.js';

/** A name between the two sides, before the first sealed message: whose key it is, the signature says. */
export const ReconcileHelloSchema = Type.Object(
  {
    type: Type.Literal('reconcile-hello'),
    session: Type.String(),
    agent: Type.String(),
    publicKey: Type.String({ description: 'X25519, for this session alone' }),
    schemaVersion: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type ReconcileHello = Static<typeof ReconcileHelloSchema>;

const Count = Type.Integer({ minimum: 0 });

/** Keys by how they differ. */
export const DifferenceCountsSchema = Type.Object(
  {
    missing: Type.Integer({ minimum: 0, description: 'at the provider only' }),
    extra: Type.Integer({ minimum: 0, description: 'at the consumer only' }),
    changed: Type.Integer({ minimum: 0, description: 'at both, with other values' }),
    stale: Type.Integer({
      minimum: 0,
      description: "the provider's row is rejected: the consumer keeps the last valid one",
    }),
    unsettled: Type.Integer({ minimum: 0, description: 'changed again and again while they were looked at' }),
  },
  { additionalProperties: false },
);
export type DifferenceCounts = Static<typeof DifferenceCountsSchema>;

/**
 * What a reconciliation came to, the same text signed by both agents. Counts and digests only: keys stay with the two agents, and
 * the digests are keyed by a secret of the session that they alone knew.
 */
export const ReconcileReportSchema = Type.Object(
  {
    type: Type.Literal('reconcile-report'),
    version: Type.Literal(1),
    session: Type.String(),
    resource: ResourceCodeSchema,
    agreement: Type.String(),
    grantVersion: Type.Integer({ minimum: 1 }),
    schemaVersion: Type.Integer({ minimum: 1 }),
    provider: Type.String({ description: 'agent' }),
    consumer: Type.String({ description: 'agent' }),
    rows: Type.Object({ provider: Count, consumer: Count }, { additionalProperties: false }),
    digests: Type.Object(
      { provider: DigestSchema, consumer: DigestSchema },
      { additionalProperties: false, description: 'of all rows, whatever their order, at the first look' },
    ),
    found: DifferenceCountsSchema,
    repaired: Type.Object(
      { sent: Count, deleted: Count },
      { additionalProperties: false, description: 'rows sent again, keys deleted' },
    ),
    remaining: DifferenceCountsSchema,
    excluded: Type.Array(Type.String(), { description: 'items that were not compared' }),
    complete: Type.Boolean({ description: 'false: there are more differences than were looked at' }),
  },
  { $id: 'ReconcileReport', additionalProperties: false },
);
export type ReconcileReport = Static<typeof ReconcileReportSchema>;

export const noDifferences: DifferenceCounts = { missing: 0, extra: 0, changed: 0, stale: 0, unsettled: 0 };

/**
 * Keys that differ and are not explained by a rejected row, which waits in the quarantine of its owner and has its own
 * alarm.
 */
export function openDifferences({ missing, extra, changed, unsettled }: DifferenceCounts): number {
  return missing + extra + changed + unsettled;
}

/** Both sides hold the same, as far as rows are valid. */
export function holdsEqual({
  remaining,
  complete,
}: Pick<ReconcileReport, 'remaining' | 'complete'>): boolean {
  return complete && openDifferences(remaining) === 0;
}
