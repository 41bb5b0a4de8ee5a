import { type BatchOutcome, isQianzhiError, type Problem, toProblem } from '@qianzhi/model';

/** What became of a push at one consumer: rows of the batches that carry it, whoever pushed them. */
export interface PushOutcome {
  readonly agreement: string;
  readonly consumer: string;
  /** `waiting`: not all of it has a final receipt. `rejected`: the consumer took none of its rows. */
  readonly state: 'waiting' | 'applied' | 'rejected';
  readonly rows: number;
  readonly applied: number;
  readonly rejected: number;
  /** The counts speak of other batches, too: of all parts of a snapshot there is one receipt. */
  readonly wider: boolean;
}

export function outcomeOfPush({ deliveries, confirmed, ...outcome }: BatchOutcome): PushOutcome {
  const { agreement, consumer, rows, applied, rejected, wider } = outcome;
  const isWhole = deliveries > 0 && confirmed === deliveries;
  const isRefused = isWhole && applied === 0 && rejected > 0;
  const state = isRefused ? 'rejected' : isWhole ? 'applied' : 'waiting';
  return { agreement, consumer, state, rows, applied, rejected, wider };
}

export type PushOutcomes =
  | { readonly consumers: readonly PushOutcome[] }
  /** The platform does not tell now, or is of a version that does not know. */
  | { readonly consumersProblem: Problem };

export async function askOutcomes(ask: () => Promise<readonly BatchOutcome[]>): Promise<PushOutcomes> {
  try {
    return { consumers: (await ask()).map(outcomeOfPush) };
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    return { consumersProblem: toProblem(error) };
  }
}
