import type { Knex } from 'knex';
import { heldBy } from './transactions.js';

type Value = string | number | boolean | null;

interface Compiled {
  readonly sql: string;
  readonly method: string;
  /** The columns that are answered of each row written. */
  readonly returning: unknown;
  /** Of each placeholder: the name whose value it takes, or the constant that knex put there. */
  readonly binds: readonly ({ readonly name: string } | { readonly constant: unknown })[];
}

/**
 * A statement that is run with every batch: knex builds it once for each database, and from then on only its values are bound; to
 * build it each time costs several times what it costs to run it. `build` is given something that stands for each value by its name. The shape
 * must not depend on a value: no `null` in a condition, no list, no limit. Answers what knex answers: rows, the first row, or the
 * number of rows changed.
 */
export function prepared<N extends string, A>(
  build: (db: Knex, values: Readonly<Record<N, string>>) => Knex.QueryBuilder,
): (db: Knex, values: Readonly<Record<N, Value>>) => Promise<A> {
  const known = new WeakMap<object, Compiled>();
  return (db, values) => {
    const { config } = db.client;
    const statement = known.get(config) ?? compile(build(db, marks as Record<N, string>));
    known.set(config, statement);
    return run(db, statement, values);
  };
}

/** The same for the insertion of one row of a table. */
export function insertion<R extends object>(table: string): (db: Knex, row: R) => Promise<void> {
  const known = new WeakMap<object, Map<string, Compiled>>();
  return async (db, row) => {
    const { config } = db.client;
    const ofColumns = known.get(config) ?? new Map<string, Compiled>();
    known.set(config, ofColumns);
    const columns = Object.keys(row);
    const shape = columns.join();
    const statement = ofColumns.get(shape) ?? compile(db(table).insert(marked(columns)));
    ofColumns.set(shape, statement);
    await run(db, statement, row as Readonly<Record<string, Value>>);
  };
}

/** The same where a row with these values may be there, which is left as it is; answers whether there was none. */
export function insertionIfNew<N extends string>(
  table: string,
  columns: readonly N[],
): (db: Knex, row: Readonly<Record<N, Value>>) => Promise<boolean> {
  const known = new WeakMap<object, Compiled>();
  return async (db, row) => {
    const { config } = db.client;
    const insert = () => compile(db(table).insert(marked(columns)).onConflict().ignore());
    // what knex answers to an insertion is no count in SQLite
    const statement = known.get(config) ?? { ...insert(), method: 'counter' };
    known.set(config, statement);
    const answer = await run<number | { readonly rowCount: number }>(db, statement, row);
    return (typeof answer === 'number' ? answer : answer.rowCount) === 1;
  };
}

async function run<A>(
  { client }: Knex,
  { sql, method, returning, binds }: Compiled,
  values: Readonly<Record<string, Value>>,
): Promise<A> {
  const bindings = binds.map((bind) => ('name' in bind ? values[bind.name] : bind.constant));
  const query = { sql, method, returning, bindings };
  const held = heldBy(client);
  if (held) return client.processResponse(await client.query(held, query)) as A;
  const connection = await client.acquireConnection();
  try {
    return client.processResponse(await client.query(connection, query)) as A;
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Begins what stands for a value while knex builds the statement; no constant of ours does. */
const MARK = '\u0001';
const marks = new Proxy({}, { get: (_, name) => MARK + String(name) });

function marked(columns: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map((column) => [column, MARK + column]));
}

function compile(builder: Knex.QueryBuilder): Compiled {
  const query = builder.toSQL();
  const { sql, bindings } = query.toNative();
  const binds = bindings.map((bound) =>
    typeof bound === 'string' && bound.startsWith(MARK)
      ? { name: bound.slice(MARK.length) }
      : { constant: bound },
  );
  const { method, returning } = query as typeof query & { readonly returning?: unknown };
  return { sql, method, returning, binds };
}
