import { type Static, Type } from '@sinclair/typebox';
import { ResourceCodeSchema } from '../catalog/resource.js';

/** State an agent reports of its exchanges, for the platform's lists; names and counts only. */
export const ExchangeReportSchema = Type.Object(
  {
    exchange: Type.String(),
    resource: ResourceCodeSchema,
    direction: Type.Union([Type.Literal('supply'), Type.Literal('consume')]),
    state: Type.Union([
      Type.Literal('running'),
      Type.Literal('waiting'),
      Type.Literal('paused'),
      Type.Literal('stopped'),
    ]),
    code: Type.Optional(Type.String({ description: 'error code of what stopped it' })),
    lastSuccessAt: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { additionalProperties: false },
);

/** What one grant version's consumer made of some batches of a stream; rows of those batches alone, unless `wider`. */
export const BatchOutcomeSchema = Type.Object({
  agreement: Type.String(),
  grantVersion: Type.Integer({ minimum: 1 }),
  consumer: Type.String({ description: 'department' }),
  deliveries: Type.Integer({ minimum: 0, description: 'made of them so far' }),
  confirmed: Type.Integer({ minimum: 0, description: 'of these, with a final receipt' }),
  rows: Type.Integer({ minimum: 0, description: 'delivered' }),
  applied: Type.Integer({ minimum: 0 }),
  rejected: Type.Integer({ minimum: 0 }),
  wider: Type.Boolean({
    description: 'receipts speak of other batches, too: of all parts of a snapshot there is one',
  }),
});
export type BatchOutcome = Static<typeof BatchOutcomeSchema>;
