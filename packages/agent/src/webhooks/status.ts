import { ProblemSchema, type QianzhiError, toProblem } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import type { WebhookTarget } from './schema.js';
import type { WebhookState } from './state.js';

const Time = Type.String({ format: 'date-time' });

/** A batch that was given up: what it holds is not shown. */
const DeadSchema = Type.Object({
  id: Type.String(),
  records: Type.Integer(),
  bytes: Type.Integer(),
  attempts: Type.Integer(),
  at: Time,
  problem: ProblemSchema,
});

/** A webhook as it is now. `host` is all that is shown of its address. */
export const WebhookStatusSchema = Type.Object({
  webhook: Type.String(),
  exchange: Type.String(),
  host: Type.String(),
  /**
   * `idle`: nothing to send; `retrying`: waits for the next attempt; `blocked`: by a dead letter; `closed`: the grant has ended;
   * `waiting`: the feed cannot be read for now.
   */
  state: Type.Union(
    (['idle', 'sending', 'retrying', 'blocked', 'closed', 'waiting'] as const).map((one) =>
      Type.Literal(one),
    ),
  ),
  onDead: Type.Union([Type.Literal('block'), Type.Literal('set-aside')]),
  pending: Type.Optional(
    Type.Object({
      id: Type.String(),
      records: Type.Integer(),
      attempts: Type.Integer(),
      nextAt: Type.Optional(Time),
    }),
  ),
  dead: Type.Array(DeadSchema),
  sentBatches: Type.Integer(),
  sentRecords: Type.Integer(),
  lastSentAt: Type.Optional(Time),
  problem: Type.Optional(ProblemSchema),
});
export type WebhookStatus = Static<typeof WebhookStatusSchema>;

export interface StatusFacts {
  readonly name: string;
  readonly target: WebhookTarget;
  readonly state: WebhookState;
  readonly phase: WebhookStatus['state'];
  readonly nextAt: number | undefined;
  readonly problem: QianzhiError | undefined;
}

export function statusOf({ name, target, state, phase, nextAt, problem }: StatusFacts): WebhookStatus {
  const { pending, dead, sentBatches, sentRecords, lastSentAt } = state;
  const next = nextAt !== undefined && { nextAt: new Date(nextAt).toISOString() };
  return {
    webhook: name,
    exchange: target.exchange,
    host: new URL(target.url).host,
    state: phase,
    onDead: target.onDead,
    ...(pending && {
      pending: { id: pending.id, records: pending.records, attempts: pending.attempts, ...next },
    }),
    dead: dead.map(({ id, records, bytes, attempts, at, problem }) => ({
      id,
      records,
      bytes,
      attempts,
      at,
      problem,
    })),
    sentBatches,
    sentRecords,
    ...(lastSentAt !== undefined && { lastSentAt }),
    ...(problem && { problem: toProblem(problem) }),
  };
}
