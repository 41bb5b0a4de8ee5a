import type { Knex } from 'knex';
import { classify } from './classify.js';

/** Transactions that share one commit at most. */
const MOST_AT_ONCE = 16;

interface Waiting {
  readonly work: (trx: Knex.Transaction) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Transactions that arrive while the disk is busy share the next commit: each is a savepoint in one transaction of the
 * database. Nobody is answered before that is durable; one that fails is rolled back alone, and a failure of the
 * database itself fails all of them. A transaction with settings of its own is not grouped.
 */
export function groupCommits(db: Knex): void {
  const alone = db.transaction.bind(db) as (
    work: Waiting['work'],
    config?: Knex.TransactionConfig,
  ) => Promise<unknown>;
  const queue: Waiting[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (queue.length > 0) {
      const group = queue.splice(0, MOST_AT_ONCE);
      if (group.length > 1) await together(group);
      else await alone(group[0]!.work).then(group[0]!.resolve, group[0]!.reject);
    }
    running = false;
  }

  async function together(group: readonly Waiting[]): Promise<void> {
    const answers: (() => void)[] = [];
    let failure: unknown;
    try {
      await alone(async (outer) => {
        for (const { work, resolve, reject } of group) {
          try {
            const value = await outer.transaction(work);
            answers.push(() => resolve(value));
          } catch (error) {
            failure = classify(error)?.code.startsWith('QZ_PLATFORM_DATABASE_') ? error : undefined;
            if (failure !== undefined) throw error;
            answers.push(() => reject(error));
          }
        }
      });
      for (const answer of answers) answer();
    } catch (error) {
      for (const { reject } of group) reject(failure ?? error);
    }
  }

  const transaction = (work: Waiting['work'], config?: Knex.TransactionConfig) => {
    if (config) return alone(work, config);
    return new Promise((resolve, reject) => {
      queue.push({ work, resolve, reject });
      if (!running) void run();
    });
  };
  Object.defineProperty(db, 'transaction', { value: transaction });
}
