import type { Knex } from 'knex';
import { classify } from './classify.js';

/** Transactions that share one commit at most. */
const MOST_AT_ONCE = 16;

type Begin = (
  work: (trx: Knex.Transaction) => Promise<unknown>,
  config?: Knex.TransactionConfig,
) => Promise<unknown>;

interface Waiting {
  readonly work: (trx: Knex.Transaction) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes what waits into a transaction that is begun for other work. Undefined where nothing waits; else answers what to call once that
 * is durable. Where it does not come to that, what waits goes on waiting.
 */
export type Passenger = (trx: Knex.Transaction) => Promise<(() => void) | undefined>;

/** By the settings of a database. */
const passengers = new WeakMap<object, Passenger[]>();

/** From now on every grouped transaction of the database takes the passenger along. */
export function takeAlong({ client }: Knex, passenger: Passenger): void {
  passengers.set(client.config, [...(passengers.get(client.config) ?? []), passenger]);
}

/** What work on a transaction throws, for the driver's own answer to a failure says less. */
interface Outcome {
  readonly value?: unknown;
  readonly failed?: { readonly error: unknown; readonly rolledBack: boolean };
}

/**
 * Transactions that arrive while the disk is busy share the next commit: each is a savepoint in one transaction of the
 * database. Nobody is answered before that is durable; one that fails is rolled back alone, and a failure of the
 * database itself fails all of them. A transaction with settings of its own is not grouped.
 */
export function groupCommits(db: Knex): void {
  const begin = db.transaction.bind(db) as Begin;
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

  async function alone(work: Waiting['work'], config?: Knex.TransactionConfig): Promise<unknown> {
    const { value, failed } = await outcomeOf(begin, work, config);
    if (failed) throw failed.error;
    return value;
  }

  async function withPassengers(work: Waiting['work']): Promise<unknown> {
    const arrived: (() => void)[] = [];
    const value = await alone(async (trx) => {
      for (const passenger of passengers.get(db.client.config) ?? []) {
        const left = await passenger(trx);
        if (left) arrived.push(left);
      }
      return work(trx);
    });
    for (const told of arrived) told();
    return value;
  }

  async function together(group: readonly Waiting[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      await withPassengers(async (outer) => {
        for (const { work, resolve, reject } of group) {
          const { value, failed } = await outcomeOf(outer.transaction.bind(outer) as Begin, work);
          // where the savepoint could not be rolled back, SQLite has ended the whole transaction
          if (failed && (!failed.rolledBack || isOfDatabase(failed.error))) throw failed.error;
          answers.push(() => (failed ? reject(failed.error) : resolve(value)));
        }
      });
      for (const answer of answers) answer();
    } catch (error) {
      for (const { reject } of group) reject(error);
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

/**
 * When a ROLLBACK fails, knex throws that and forgets why it was due; and SQLite rolls back by itself on a full or failing
 * disk, so that the ROLLBACK after it always fails.
 */
async function outcomeOf(
  begin: Begin,
  work: Waiting['work'],
  config?: Knex.TransactionConfig,
): Promise<Outcome> {
  let cause: { readonly error: unknown } | undefined;
  const remembering = async (trx: Knex.Transaction) => {
    try {
      return await work(trx);
    } catch (error) {
      cause = { error };
      throw error;
    }
  };
  try {
    return { value: await begin(remembering, config) };
  } catch (error) {
    const rolledBack = cause?.error === error;
    const told = cause && (rolledBack || isOfDatabase(cause.error)) ? cause.error : error;
    return { failed: { error: told, rolledBack } };
  }
}

function isOfDatabase(error: unknown): boolean {
  return classify(error)?.code.startsWith('QZ_PLATFORM_DATABASE_') ?? false;
}
