import type { Knex } from 'knex';

export type Work<T> = (trx: Knex.Transaction) => Promise<T>;

export type Outcome<T> =
  | { readonly value: T }
  | {
      readonly failed: {
        /** What failed first: the work itself, or what was to end it. */
        readonly error: unknown;
        /** What `undo` threw where the work failed and could not be undone, too. */
        readonly notUndone?: unknown;
        /** Nothing is left of the work. */
        readonly rolledBack: boolean;
      };
    };

/** Answer what became of the work and never throw, but where it could not begin. */
export interface Transactions {
  begin<T>(work: Work<T>, config?: Knex.TransactionConfig): Promise<Outcome<T>>;
  /** In a savepoint of a transaction, one after another. */
  nest<T>(outer: Knex.Transaction, work: Work<T>): Promise<Outcome<T>>;
}

/** Its types leave it out. */
interface Client extends Knex.Client {
  readonly dialect: string;
}

/** Of a transaction: its one connection, until it is over. */
interface TransactionClient extends Client {
  readonly held: unknown;
  readonly depth: number;
  readonly outer: TransactionClient | undefined;
  over: boolean;
}

interface Ends {
  readonly begin: string;
  readonly end: string;
  readonly undo: readonly string[];
}

/**
 * Transactions of a database of knex. Its own are made anew each time from 120 functions that it sets as properties: V8 puts such a
 * function where only a full collection frees it, and with it all that the transaction's work ever reached. Here
 * everything is made once for a database but what holds the connection.
 */
export function transactionsOn(db: Knex): Transactions {
  const root = db.client as Client;
  const shared = Object.create(root, {
    transacting: { value: true },
    acquireConnection: { value: acquireHeld },
    releaseConnection: { value: async () => undefined },
    query: {
      value(this: TransactionClient, connection: unknown, asked: unknown) {
        return isOver(this) ? Promise.reject(new Error(OVER)) : root.query.call(this, connection, asked);
      },
    },
  });
  const transactor = Object.create(db, {
    isTransaction: { value: true },
    transaction: {
      value<T>(this: Knex.Transaction, work: Work<T>) {
        return nest(this, work).then(settled);
      },
    },
  });
  const { context } = db as unknown as { readonly context: object };

  /** What knex gives to the work of a transaction. */
  function transactorOn(client: TransactionClient): Knex.Transaction {
    const trx = (table: string, options?: object) => client.queryBuilder().table(table, options);
    Object.setPrototypeOf(trx, transactor);
    const own = Object.assign(Object.create(context), { client });
    return Object.assign(trx, { context: own }) as unknown as Knex.Transaction;
  }

  async function within<T>(
    held: unknown,
    outer: TransactionClient | undefined,
    { begin, end, undo }: Ends,
    work: Work<T>,
  ): Promise<Outcome<T>> {
    const depth = outer ? outer.depth + 1 : 0;
    const client: TransactionClient = Object.assign(Object.create(shared), {
      held,
      depth,
      outer,
      over: false,
    });
    await root.query(held, begin);
    let value: T;
    try {
      value = await work(transactorOn(client));
    } catch (error) {
      client.over = true;
      try {
        for (const sql of undo) await root.query(held, sql);
        return { failed: { error, rolledBack: true } };
      } catch (notUndone) {
        return { failed: { error, notUndone, rolledBack: false } };
      }
    }
    client.over = true;
    try {
      await root.query(held, end);
      return { value };
    } catch (error) {
      return { failed: { error, rolledBack: false } };
    }
  }

  async function nest<T>(outer: Knex.Transaction, work: Work<T>): Promise<Outcome<T>> {
    const client = outer.client as TransactionClient;
    return within(client.held, client, savepoint(client.depth + 1), work);
  }

  return {
    async begin(work, config) {
      const held = await root.acquireConnection();
      try {
        return await within(held, undefined, whole(root.dialect, config), work);
      } finally {
        await root.releaseConnection(held);
      }
    },
    nest,
  };
}

/** The value, or throws what failed. */
export function settled<T>(outcome: Outcome<T>): T {
  if ('failed' in outcome) throw outcome.failed.error;
  return outcome.value;
}

const OVER = 'the transaction is over, and a statement came for it / 事务已结束,却仍有语句要执行';

/** The connection of a transaction; undefined where each statement takes one. */
export function heldBy(client: Knex.Client): unknown {
  return (client as Partial<TransactionClient>).held;
}

async function acquireHeld(this: TransactionClient): Promise<unknown> {
  return this.held;
}

function isOver(client: TransactionClient): boolean {
  return client.over || (client.outer !== undefined && isOver(client.outer));
}

/** One in SQLite is always serializable, and does not take to be told so. */
function whole(dialect: string, { isolationLevel, readOnly }: Knex.TransactionConfig = {}): Ends {
  if (dialect === 'sqlite3') return { begin: 'BEGIN', end: 'COMMIT', undo: ['ROLLBACK'] };
  const level = isolationLevel ? ` ISOLATION LEVEL ${isolationLevel.toUpperCase()}` : '';
  return { begin: `BEGIN${level}${readOnly ? ' READ ONLY' : ''}`, end: 'COMMIT', undo: ['ROLLBACK'] };
}

function savepoint(depth: number): Ends {
  const release = `RELEASE SAVEPOINT level_${depth}`;
  return {
    begin: `SAVEPOINT level_${depth}`,
    end: release,
    undo: [`ROLLBACK TO SAVEPOINT level_${depth}`, release],
  };
}
