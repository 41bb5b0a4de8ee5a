import type { Knex } from 'knex';
import { classify } from './classify.js';
import { type Outcome, settled, transactionsOn, type Work } from './transactions.js';

/** Transactions that share one commit at most. */
const MOST_AT_ONCE = 16;

interface Waiting {
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Of what a transaction took along. */
export interface TakenAlong {
  /** It is durable. */
  arrived(): void;
  /** Nobody knows: the database did not answer. */
  lost(): void;
}

/**
 * Writes what waits into a transaction that is begun for other work. Undefined where nothing waits; else answers whom to tell how that
 * ended. Where it is undone, what waits goes on waiting.
 */
export type Passenger = (trx: Knex.Transaction) => Promise<TakenAlong | undefined>;

/** By the settings of a database. */
const passengers = new WeakMap<object, Passenger[]>();

/** From now on every grouped transaction of the database takes the passenger along. */
export function takeAlong({ client }: Knex, passenger: Passenger): void {
  passengers.set(client.config, [...(passengers.get(client.config) ?? []), passenger]);
}

/**
 * Transactions that arrive while the disk is busy share the next commit: each is a savepoint in one transaction of the
 * database. Nobody is answered before that is durable; one that fails is rolled back alone, and a failure of the
 * database itself fails all of them. A transaction with settings of its own is not grouped.
 */
export function groupCommits(db: Knex): void {
  const { begin, nest } = transactionsOn(db);
  const queue: Waiting[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (queue.length > 0) {
      const group = queue.splice(0, MOST_AT_ONCE);
      if (group.length > 1) await together(group);
      else await withPassengers(group[0]!.work).then(group[0]!.resolve, group[0]!.reject);
    }
    running = false;
  }

  async function alone(work: Work<unknown>, config?: Knex.TransactionConfig): Promise<unknown> {
    return settled(told(await begin(work, config)));
  }

  async function withPassengers(work: Work<unknown>): Promise<unknown> {
    const along: TakenAlong[] = [];
    const outcome = told(
      await begin(async (trx) => {
        for (const passenger of passengers.get(db.client.config) ?? []) {
          const taken = await passenger(trx);
          if (taken) along.push(taken);
        }
        return work(trx);
      }),
    );
    if (!('failed' in outcome)) for (const taken of along) taken.arrived();
    else if (!outcome.failed.rolledBack) for (const taken of along) taken.lost();
    return settled(outcome);
  }

  async function together(group: readonly Waiting[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      await withPassengers(async (outer) => {
        for (const { work, resolve, reject } of group) {
          const outcome = told(await nest(outer, work));
          if (!('failed' in outcome)) {
            answers.push(() => resolve(outcome.value));
            continue;
          }
          const { error, rolledBack } = outcome.failed;
          // where the savepoint could not be rolled back, SQLite has ended the whole transaction
          if (!rolledBack || isOfDatabase(error)) throw error;
          answers.push(() => reject(error));
        }
      });
      for (const answer of answers) answer();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  const transaction = (work: Work<unknown>, config?: Knex.TransactionConfig) => {
    if (config) return alone(work, config);
    return new Promise((resolve, reject) => {
      queue.push({ work, resolve, reject });
      if (!running) void run();
    });
  };
  Object.defineProperty(db, 'transaction', { value: transaction });
}

/** Where undoing failed, too, what the database said is told: SQLite rolls back by itself on a full or failing disk, and a ROLLBACK then always fails. */
function told<T>(outcome: Outcome<T>): Outcome<T> {
  if (!('failed' in outcome) || outcome.failed.rolledBack) return outcome;
  const { error, notUndone } = outcome.failed;
  if (notUndone === undefined || isOfDatabase(error)) return outcome;
  return { failed: { error: notUndone, rolledBack: false } };
}

function isOfDatabase(error: unknown): boolean {
  return classify(error)?.code.startsWith('QZ_PLATFORM_DATABASE_') ?? false;
}
