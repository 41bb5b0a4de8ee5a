import { type Static, Type } from '@sinclair/typebox';
import { ColumnNameSchema } from '../catalog/item.js';
import { ResourceCodeSchema } from '../catalog/resource.js';

/** What speaks for one download as the origin of a found file. Shares are of 1. */
export const TraceCandidateSchema = Type.Object(
  {
    download: Type.String(),
    consumer: Type.String(),
    agreement: Type.String(),
    requestedBy: Type.String(),
    matter: Type.String(),
    deliveredAt: Type.Union([Type.String(), Type.Null()]),
    kind: Type.String(),
    rows: Type.Integer({ description: 'of the download' }),
    found: Type.Integer({ description: 'compared rows that are rows of this download' }),
    equal: Type.Integer({ description: 'of these, rows with all shared values as delivered' }),
    columns: Type.Record(ColumnNameSchema, Type.Number(), {
      description: 'share of the found rows with the delivered value, by column',
    }),
    notDelivered: Type.Array(ColumnNameSchema, {
      description: 'columns of the file that this download did not have',
    }),
    notInFile: Type.Array(ColumnNameSchema, {
      description: 'columns of this download that the file does not have',
    }),
    order: Type.Object({
      inOrder: Type.Integer(),
      neighbours: Type.Integer(),
      chance: Type.Number({
        description: 'deviations from chance: below 6 the order says nothing',
      }),
      matches: Type.Boolean(),
    }),
    record: Type.Union([Type.Literal('whole'), Type.Literal('order-only')], {
      description: 'order-only: the rows’ record is past its keeping; keys and order alone are judged',
    }),
  },
  { $id: 'TraceCandidate' },
);
export type TraceCandidateFinding = Static<typeof TraceCandidateSchema>;

export const traceVerdicts = ['identified', 'probable', 'undetermined', 'none'] as const;

/**
 * `identified`: one download alone has the file's order. `probable`: no order is left, and one download's rows and values fit clearly
 * better than any other's. `undetermined`: several fit alike. `none`: no recorded download has these rows.
 */
export const TraceFindingSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    rowsInFile: Type.Integer(),
    compared: Type.Integer(),
    verdict: Type.Union(traceVerdicts.map((verdict) => Type.Literal(verdict))),
    candidates: Type.Array(TraceCandidateSchema, { description: 'that have any of the rows, best first' }),
    judged: Type.Integer({ description: 'downloads of the resource that were compared' }),
  },
  { $id: 'TraceFinding' },
);
export type TraceFinding = Static<typeof TraceFindingSchema>;
